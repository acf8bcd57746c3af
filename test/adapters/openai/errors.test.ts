import { APIError } from 'openai';
import { describe, expect, it } from 'vitest';
import { toModelFailure } from '../../../src/adapters/openai/to-model-failure.ts';
import type { ModelFailure } from '../../../src/domain/model-failure.ts';
import type { FaultInput } from '@holdpoint/openai-stand-in';
import { apiKey, runForTest, standInForTest } from './surface-for-test.ts';

const status = (status: number, rest: object = {}) => ({ kind: 'status', status, ...rest }) as FaultInput;
const error = (code: number, message: string, rest: object = {}) =>
  status(code, { body: { error: { message, type: null, code: null, param: null, ...rest } } });

describe('error of the API', () => {
  it.each<[string, FaultInput, ModelFailure['type'], number?]>([
    ['rate limit', { kind: 'rate_limit', retryAfterSeconds: 120 }, 'ModelRateLimited', 120_000],
    ['rate limit of a day', { kind: 'rate_limit', retryAfterSeconds: 86_400 }, 'ModelRateLimited', 86_400_000],
    [
      'rate limit in milliseconds',
      { kind: 'rate_limit', headers: { 'retry-after-ms': '1500.2', 'retry-after': '9' } },
      'ModelRateLimited',
      1501,
    ],
    ['rate limit without a time', { kind: 'rate_limit' }, 'ModelRateLimited'],
    ['rate limit as {detail}', { kind: 'rate_limit', shape: 'detail', retryAfterSeconds: 3 }, 'ModelRateLimited', 3000],
    ['rate limit without a body', { kind: 'rate_limit', shape: 'empty' }, 'ModelRateLimited'],
    [
      'a rate limit that speaks of billing',
      error(429, 'Rate limit reached. Add a payment method under billing.', { code: 'rate_limit_exceeded' }),
      'ModelRateLimited',
    ],
    ['F19 quota', { kind: 'insufficient_quota' }, 'QuotaExhausted'],
    ['F19 quota as {detail}', { kind: 'insufficient_quota', shape: 'detail' }, 'QuotaExhausted'],
    ['F19 billing', error(429, 'Billing is off.', { code: 'billing_not_active' }), 'QuotaExhausted'],
    ['F19 spend limit', error(403, 'Enough.', { code: 'project_spend_limit_exceeded' }), 'QuotaExhausted'],
    ['F19 payment required', status(402), 'QuotaExhausted'],
    ['wrong key', { kind: 'invalid_api_key' }, 'ModelAccessDenied'],
    ['wrong key as a page', { kind: 'invalid_api_key', shape: 'html' }, 'ModelAccessDenied'],
    ['no permission', { kind: 'permission_denied' }, 'ModelAccessDenied'],
    ['F30 model gone', { kind: 'model_not_found' }, 'ModelRetired'],
    ['F30 model gone as {detail}', { kind: 'model_not_found', shape: 'detail' }, 'ModelRetired'],
    ['F30 model gone as 400', error(400, 'The requested model does not exist.'), 'ModelRetired'],
    [
      'F30 model gone, code a number',
      error(404, 'The model `x` does not exist.', { code: 404, type: 'NotFoundError' }),
      'ModelRetired',
    ],
    [
      'F30 model not for this project',
      error(403, 'Project proj_1 does not have access to model x.', { code: 'model_not_found' }),
      'ModelRetired',
    ],
    ['nothing at this address', status(404, { shape: 'html' }), 'ModelRetired'],
    ['conversation locked', { kind: 'conversation_locked' }, 'ModelUnavailable'],
    ['conversation locked as {message}', { kind: 'conversation_locked', shape: 'message' }, 'ModelUnavailable'],
    ['time-out', { kind: 'request_timeout' }, 'ModelUnavailable'],
    ['conflict', { kind: 'conflict' }, 'ModelUnavailable'],
    ['server error', { kind: 'server_error' }, 'ModelUnavailable'],
    ['server error as a page', { kind: 'server_error', shape: 'html' }, 'ModelUnavailable'],
    ['overload', { kind: 'overloaded', retryAfterSeconds: 30 }, 'ModelUnavailable', 30_000],
    ['bad gateway', status(502, { shape: 'empty' }), 'ModelUnavailable'],
    ['dropped', { kind: 'drop' }, 'ModelUnavailable'],
    ['a stream that breaks off', { kind: 'cut_stream', afterEvents: 2 }, 'ModelUnavailable'],
    ['F17 content policy', error(400, 'No.', { code: 'content_policy_violation' }), 'ModelBlocked'],
    ['F17 invalid prompt', error(400, 'No.', { code: 'invalid_prompt' }), 'ModelBlocked'],
    [
      'bad request',
      error(400, "Invalid 'temperature'.", { param: 'temperature', type: 'invalid_request_error' }),
      'ModelRequestRefused',
    ],
    ['too large', status(413), 'ModelRequestRefused'],
    [
      'unprocessable, as FastAPI says it',
      status(422, { body: { detail: [{ loc: ['body', 'input'], msg: 'field required' }] } }),
      'ModelRequestRefused',
    ],
  ])('%s', async (_name, fault, type, retryAfterMs) => {
    const standIn = await standInForTest();
    standIn.control.fault(fault);
    const run = await runForTest(standIn.url);
    const failure = await run.failure('hello');
    expect([failure.type, failure.retryAfterMs]).toEqual([type, retryAfterMs]);
  });

  it.each([
    ['detail', 'It broke here.'],
    ['message', 'It broke here.'],
    ['openai', 'It broke here.'],
    ['html', '500'],
  ] as const)('body in the shape %s → its text in the message', async (shape, words) => {
    const standIn = await standInForTest();
    standIn.control.fault({ kind: 'status', status: 500, shape, message: 'It broke here.' });
    const run = await runForTest(standIn.url);
    expect((await run.failure('hello')).message).toBe(`OpenAI answered 500: ${words}`);
  });

  it("FastAPI's problem of a field → in the message", async () => {
    const standIn = await standInForTest();
    standIn.control.fault(status(422, { body: { detail: [{ loc: ['body', 'input'], msg: 'field required' }] } }));
    const run = await runForTest(standIn.url);
    expect((await run.failure('hello')).message).toContain('field required');
  });

  it('no server → ModelUnavailable', async () => {
    const run = await runForTest('http://127.0.0.1:1/v1');
    expect(await run.failure('hello')).toMatchObject({
      type: 'ModelUnavailable',
      message: expect.stringContaining('could not be reached') as unknown,
    });
  });

  it('Retry-After with a date → milliseconds until then', () => {
    const now = Date.parse('2026-11-22T10:00:00Z');
    const thrown = APIError.generate(
      429,
      { error: { message: 'Later.' } },
      undefined,
      new Headers({ 'retry-after': 'Sun, 22 Nov 2026 12:00:00 GMT' }),
    );
    expect(toModelFailure(thrown, { apiKey, model: 'm', now: () => now })).toMatchObject({
      type: 'ModelRateLimited',
      retryAfterMs: 7_200_000,
    });
  });

  it('any other error → unchanged', () => {
    const bug = new Error('A bug of ours.');
    expect(toModelFailure(bug, { apiKey, model: 'm', now: Date.now })).toBe(bug);
  });

  it.each([new TypeError('a.map is not a function'), new RangeError('Invalid time value')])(
    'an answer with a value of another type: %s → ModelUnavailable, with the error as its cause',
    (thrown) => {
      expect(toModelFailure(thrown, { apiKey, model: 'm', now: Date.now })).toMatchObject({
        type: 'ModelUnavailable',
        message: expect.stringContaining(`can't be read (${thrown.message})`),
        cause: thrown,
      });
    },
  );

  it('no error at all → unchanged', () => {
    expect(toModelFailure('text', { apiKey, model: 'm', now: Date.now })).toBe('text');
  });
});

describe('invalid API key → ModelAccessDenied', () => {
  it.each([
    ['', 'OPENAI_API_KEY is not set'],
    ['sk-test\ncanary', 'OPENAI_API_KEY contains a space, a line break'],
    ['sk-tést', 'OPENAI_API_KEY contains'],
  ])('%#', async (key, message) => {
    const run = await runForTest('http://127.0.0.1:1/v1', {}, { apiKey: key });
    const failure = await run.failure('hello');
    expect(failure).toMatchObject({ type: 'ModelAccessDenied', message: expect.stringContaining(message) as unknown });
    expect(failure.message).not.toContain('sk-');
  });
});

describe('API key in an error text → redacted', () => {
  it.each([
    `Incorrect API key provided: ${apiKey}.`,
    'Incorrect API key provided: sk-proj-abc***xyz.',
    `Header was "Bearer ${apiKey}"`,
    `Bearer a-token-of-another-kind`,
  ])('%s', async (message) => {
    const standIn = await standInForTest();
    standIn.control.fault({ kind: 'invalid_api_key', message });
    const run = await runForTest(standIn.url);
    const failure = await run.failure('hello');
    expect(failure.message).toContain('OPENAI_API_KEY was refused');
    expect(JSON.stringify([failure.message, failure.stack, failure.cause])).not.toMatch(/sk-|4711|abc\*|a-token/);
  });

  it('key without the usual prefix → redacted', async () => {
    const standIn = await standInForTest({ apiKey: 'plain-secret-key' });
    standIn.control.fault({ kind: 'status', status: 500, message: 'Upstream said: plain-secret-key' });
    const run = await runForTest(standIn.url, {}, { apiKey: 'plain-secret-key' });
    expect((await run.failure('hello')).message).toBe('OpenAI answered 500: Upstream said: [key]');
  });

  it('long text → cut', async () => {
    const standIn = await standInForTest();
    standIn.control.fault({ kind: 'status', status: 500, message: 'x'.repeat(5000) });
    const run = await runForTest(standIn.url);
    expect((await run.failure('hello')).message.length).toBeLessThan(700);
  });
});

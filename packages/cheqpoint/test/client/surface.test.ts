import { execFileSync } from 'node:child_process';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import Cheqpoint, {
  Cheqpoint as named,
  CheqpointClient,
  CheqpointError,
  CheqpointTimeoutError,
  RejectedError,
  type CheqpointClientOptions,
} from '../../../../src/cheqpoint.ts';

const apiKey = 'cq_live_canary0123456789';
const baseUrl = 'http://127.0.0.1:9';
const question = { action: 'a', summary: 's', details: {} };

describe('names of the guides', () => {
  it('C11: Cheqpoint, default and named export → CheqpointClient', () => {
    expect([Cheqpoint, named]).toEqual([CheqpointClient, CheqpointClient]);
  });

  it('new RejectedError(text): id and note are null', () => {
    expect(new RejectedError('Declined.')).toMatchObject({
      name: 'RejectedError',
      message: 'Declined.',
      id: null,
      note: null,
    });
  });

  it('instanceof distinguishes the three errors', () => {
    for (const error of [new RejectedError('x'), new CheqpointTimeoutError('req_1', 10), new CheqpointError('x')]) {
      expect(
        [RejectedError, CheqpointTimeoutError, CheqpointError].filter((kind) => error instanceof kind),
      ).toHaveLength(1);
      expect(error).toBeInstanceOf(Error);
    }
  });

  it('holdpoint/cheqpoint: loads without Temporal', () => {
    const program = `
      const loaded = [];
      const { registerHooks } = await import('node:module');
      registerHooks({ resolve(name, context, next) { const found = next(name, context); loaded.push(found.url); return found; } });
      const { CheqpointClient, RejectedError } = await import('holdpoint/cheqpoint');
      console.log(typeof CheqpointClient, typeof RejectedError, loaded.some((url) => url.endsWith('/errors.ts')), loaded.some((url) => url.includes('temporal')));
    `;
    expect(
      execFileSync(process.execPath, ['--conditions=holdpoint-source', '--input-type=module', '--eval', program], {
        encoding: 'utf8',
      }),
    ).toBe('function function true false\n');
  });
});

describe('CheqpointClient options', () => {
  it.each<[string, unknown]>([
    ['apiKey', { apiKey }],
    ['C11: connectionKey', { connectionKey: apiKey }],
    ['the same under both names', { apiKey, connectionKey: apiKey }],
    ['C12: a key of any form', { apiKey: 'workspace-key' }],
    ['every wait', { apiKey, timeout: 300_000, timeoutMs: Infinity, pollIntervalMs: 1 }],
  ])('%s: accepted', (_, options) => {
    expect(new CheqpointClient(options as CheqpointClientOptions)).toBeInstanceOf(CheqpointClient);
  });

  it.each<[string, unknown, RegExp]>([
    ['no key', {}, /Pass it as apiKey or connectionKey/],
    ['undefined from the environment', { apiKey: undefined }, /Pass it as apiKey or connectionKey/],
    ['an empty key', { apiKey: '' }, /^apiKey is empty/],
    ['a key with a line break', { connectionKey: 'cq_live_canary\n' }, /^connectionKey holds a space/],
    ['two keys', { apiKey, connectionKey: 'other' }, /these differ/],
    ['no address', { apiKey, baseUrl: 'app.cheqpoint.co' }, /^baseUrl is not an http or https address/],
    [
      'an address with a password',
      { apiKey, baseUrl: 'https://me:canary@app.cheqpoint.co' },
      /^baseUrl carries a user name/,
    ],
    ['a negative wait', { apiKey, timeout: -1 }, /^timeout must be a number of milliseconds, 0 or more, not -1/],
    ['a wait that is no number', { apiKey, timeoutMs: Number.NaN }, /^timeoutMs must be .* not NaN/],
    ['a wait with a unit', { apiKey, timeout: '5m' }, /^timeout must be/],
    ['no pause', { apiKey, pollIntervalMs: 0 }, /^pollIntervalMs must be .* 1 or more/],
    [
      'an address in the spelling of Python',
      { apiKey, base_url: 'http://127.0.0.1:7342' },
      /^CheqpointClient has no option "base_url"; did you mean "baseUrl"\? Options: apiKey, /,
    ],
    ['an option that does not exist', { apiKey, retries: 3 }, /^CheqpointClient has no option "retries"\. Options/],
    ['edits of another kind', { apiKey, edits: 'patch' }, /^edits must be/],
  ])('%s: refused with a message that does not show the key', (_, options, message) => {
    const attempt = () => new CheqpointClient(options as CheqpointClientOptions);
    expect(attempt).toThrow(message);
    expect(attempt).not.toThrow(/canary/);
  });

  it('printed client: does not show the key', () => {
    const client = new CheqpointClient({ apiKey, baseUrl });
    expect(`${inspect(client, { depth: 9, showHidden: true })}${JSON.stringify(client)}`).not.toContain('canary');
  });
});

describe('CheqpointClient, invalid input → TypeError, nothing sent', () => {
  const client = new CheqpointClient({ apiKey, baseUrl });
  it.each<[string, object]>([
    ['details that are JSON text', { ...question, details: '{"amount":20}' }],
    ['details that are a list', { ...question, details: [] }],
    ['no details', { ...question, details: null }],
    ['details that JSON can’t carry', { ...question, details: { amount: 20n } }],
    ['a wait that is no number', { ...question, timeoutMs: Number.NaN }],
    ['a negative wait', { ...question, timeoutMs: -1 }],
  ])('%s', async (_, request) => {
    for (const call of [client.requestSync(request as typeof question), client.checkpoint(request as typeof question)])
      await expect(call).rejects.toBeInstanceOf(TypeError);
  });
});

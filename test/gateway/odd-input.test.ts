import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sqliteUrl } from '@holdpoint/database/url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { guarded } from '../../src/adapters/database/guarded.ts';
import { openDatabase } from '../../src/adapters/database/open-database.ts';
import { RunsFailure } from '../../src/domain/runs-failure.ts';
import { completed, run, waiting, waitingCall } from './fake-runs.ts';
import { apiKey, testGateway } from './test-gateway.ts';

/* The gateway answers every input with a success or with a named error below 500. */

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '',
    ' ',
    '.',
    '..',
    '%2e',
    '\0',
    '/',
    'a/../b',
    '__proto__',
    'constructor',
    '\u202e',
    "'",
    '"',
    '\\',
    '*',
  ),
  fc.string({ minLength: 120, maxLength: 300 }),
);
const segment = text.map((each) => encodeURIComponent(each.toWellFormed()));
const rawSegment = fc.oneof(segment, fc.constantFrom('%', '%ff', '%E0%A4%A', '%00', 'open', 'done', 'req-1'));
const names = [
  'assistant',
  'input',
  'id',
  'idempotencyKey',
  'continueFrom',
  'maxTurns',
  'context',
  'action',
  'summary',
];
const moreNames = [
  'details',
  'argumentsSchema',
  'expiresIn',
  'riskLevel',
  'text',
  'whenWaiting',
  '__proto__',
  'toString',
];
const body = fc.oneof(
  fc.json({ maxDepth: 4 }),
  fc.string({ unit: 'binary' }),
  fc
    .dictionary(fc.constantFrom(...names, ...moreNames), fc.jsonValue({ maxDepth: 3 }))
    .map((each) => JSON.stringify(each)),
  fc
    .record({
      assistant: fc.oneof(fc.constant('comms'), text),
      input: fc.oneof(fc.constant('Hello.'), text),
      ...Object.fromEntries(
        ['id', 'idempotencyKey', 'continueFrom'].map((name) => [name, fc.option(text, { nil: undefined })]),
      ),
      context: fc.jsonValue(),
    })
    .map((each) => JSON.stringify(each)),
  fc
    .record({
      action: fc.oneof(fc.constant('refund'), text),
      summary: fc.constant('Refund'),
      details: fc.dictionary(text, fc.jsonValue()),
      argumentsSchema: fc.option(
        fc.dictionary(fc.constantFrom('type', '$ref', '$id', 'pattern', 'properties', 'not'), fc.jsonValue()),
        { nil: undefined },
      ),
      expiresIn: fc.oneof(text, fc.double(), fc.constantFrom('1e9 years', '-1 s')),
    })
    .map((each) => JSON.stringify(each)),
  fc.constantFrom(
    `{"assistant":"comms","input":"x","context":${'['.repeat(5_000)}${']'.repeat(5_000)}}`,
    `{"action":"a","summary":"b","details":{"a":${'{"a":'.repeat(400)}1${'}'.repeat(400)}},"argumentsSchema":{"$ref":"#"}}`,
    `{"action":"a","summary":"b","details":{},"argumentsSchema":{"properties":${'{"a":{"properties":'.repeat(150)}{}${'}}'.repeat(150)}}}`,
  ),
);
const bytes = fc.oneof(
  body.map((each) => Buffer.from(each)),
  fc.uint8Array({ maxLength: 60 }).map((each) => Buffer.from(each)),
  body.map((each) => Buffer.concat([Buffer.from(each), Buffer.from([0xc3])])),
  body.map((each) => Buffer.from(each, 'utf16le')),
);
const headerText = fc.oneof(
  fc.string({
    unit: fc
      .integer({ min: 0x20, max: 0xff })
      .filter((code) => code !== 0x7f)
      .map((code) => String.fromCharCode(code)),
    maxLength: 300,
  }),
  fc.constantFrom('"', '""', '"\\', '"a" , "b"', ';', '=?'),
);
const headers = fc.record(
  {
    'content-type': fc.oneof(
      fc.constantFrom(
        'application/json',
        'application/json; charset=utf-16',
        'text/plain',
        'APPLICATION/JSON',
        'application/problem+json',
        'x/json',
      ),
      headerText,
    ),
    'idempotency-key': headerText,
    'last-event-id': headerText,
    'content-length': fc.constantFrom('0', '5', '-1', 'many'),
  },
  { requiredKeys: ['content-type'] },
);
const query = fc
  .array(
    fc.tuple(
      fc.constantFrom('state', 'assistant', 'limit', 'pageToken', 'x'),
      text.map((each) => each.toWellFormed()),
    ),
    { maxLength: 4 },
  )
  .map((pairs) => (pairs.length === 0 ? '' : `?${new URLSearchParams(pairs).toString()}`));
const address = fc.oneof(
  fc.constantFrom('/v1/runs', '/v1/approvals', '/v1/runs/open/messages', '/v1/runs/done/messages', '/webhooks/openai'),
  rawSegment.map((id) => `/v1/runs/${id}`),
  rawSegment.map((id) => `/v1/approvals/${id}`),
  rawSegment.map((token) => `/callbacks/cheqpoint/${token}`),
  fc
    .tuple(rawSegment, fc.constantFrom('messages', 'cancel', 'retry', 'history'))
    .map((parts) => `/v1/runs/${parts.join('/')}`),
  fc.array(rawSegment, { maxLength: 4 }).map((parts) => `/${parts.join('/')}`),
);

describe('odd input', () => {
  it('any address, query, headers and body → never a 5xx, and every error is a named one', async () => {
    const { app, runs, lines } = testGateway({
      assistants: async () => ['comms'],
      webhooks: { open: async () => ({ refused: 'no signature' }), record: async () => 'recorded' },
    });
    runs.set(run('open'));
    runs.set(completed('done', 'x'));
    runs.set(waiting('asks', waitingCall('req-1')));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH'),
        address,
        query,
        headers,
        bytes,
        async (method, path, search, given, content) => {
          const response = await app.request(`${path}${search}`, {
            method,
            headers: { authorization: `Bearer ${apiKey}`, ...given },
            ...(method === 'GET' ? {} : { body: content }),
          });
          const answer = await response.text();
          expect({ status: response.status, answer }).toMatchObject({
            status: expect.toSatisfy((status: number) => status < 500),
          });
          if (response.status < 400) return;
          const { error } = JSON.parse(answer) as { error: { code: string; message: string } };
          expect([typeof error.code, error.message.length > 0]).toEqual(['string', true]);
        },
      ),
      { numRuns: 1_000 },
    );
    expect(lines.filter((line) => line.includes('Unexpected error'))).toEqual([]);
  });
});

describe("Holdpoint's database", () => {
  it('closed database → RunsFailure, and the gateway answers 503 database-unavailable', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'holdpoint-guarded-'));
    const database = await openDatabase(sqliteUrl(join(folder, 'a.db')));
    await database.close();
    const { values } = database;
    const { call, runs } = testGateway();
    runs.create = async () => {
      await guarded(values).put('"x"', { runId: 'a', firstRunId: null });
      return 'started';
    };
    const answer = await call('POST', '/v1/runs', { assistant: 'comms', input: 'Hello.' });
    expect({ status: answer.status, ...answer.json().error }).toMatchObject({
      status: 503,
      code: 'database-unavailable',
    });
    expect(answer.headers.get('retry-after')).not.toBeNull();
    await expect(guarded(values).get('a'.repeat(64), { runId: 'a', firstRunId: 'b' })).rejects.toThrow(RunsFailure);
    rmSync(folder, { recursive: true });
  });
});

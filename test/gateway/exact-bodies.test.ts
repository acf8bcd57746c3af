import { describe, expect, it } from 'vitest';
import { testGateway } from './test-gateway.ts';

const inexact = [
  ['9007199254740993', 'would become 9007199254740992. Send it as text.'],
  ['1.00000000000000000001', 'would become 1. Send it as text.'],
  ['-0', 'would become 0. Send it as text.'],
  ['1e400', 'is too large. Send it as text.'],
  ['"half \\ud83d"', 'half of a surrogate pair'],
] as const;
const bodies: Array<[string, string, object, string]> = [
  ['context of a run', '/v1/runs', { assistant: 'a', input: 'b', context: { list: ['HERE'] } }, 'body.context.list.0'],
  ['details', '/v1/approvals', { action: 'a', summary: 's', details: { a: { b: 'HERE' } } }, 'body.details.a.b'],
];

describe.each(bodies)('%s', (_what, path, body, at) => {
  it.each(inexact)('%s → 400 that names the path, and nothing starts', async (value, says) => {
    const { call, runs } = testGateway();
    const answer = await call('POST', path, JSON.stringify(body).replace('"HERE"', value));
    expect({ status: answer.status, ...answer.json().error }).toMatchObject({
      status: 400,
      code: 'invalid-request',
      path: at,
      message: expect.stringContaining(says),
    });
    expect(runs.created.size).toBe(0);
  });

  it('other notations of exact numbers → accepted', async () => {
    const { call } = testGateway();
    const answer = await call('POST', path, JSON.stringify(body).replace('"HERE"', '1.50'));
    expect(answer.status).toBe(201);
  });
});

it.each([
  ['input of a run', '/v1/runs', { assistant: 'a', input: 'HERE' }, 'body.input'],
  ['idempotency key', '/v1/runs', { assistant: 'a', input: 'b', idempotencyKey: 'HERE' }, 'body.idempotencyKey'],
  ['message', '/v1/runs/one/messages', { text: 'HERE' }, 'body.text'],
  ['summary', '/v1/approvals', { action: 'a', summary: 'HERE', details: {} }, 'body.summary'],
])('half a character in the %s → 400 that names the path', async (_what, path, body, at) => {
  const { call } = testGateway();
  const answer = await call('POST', path, JSON.stringify(body).replace('"HERE"', '"\\udc00"'));
  expect({ status: answer.status, ...answer.json().error }).toMatchObject({ status: 400, path: at });
});

it('body that is not UTF-8 → 400', async () => {
  const { app } = testGateway();
  const response = await app.request('/v1/runs', {
    method: 'POST',
    headers: { authorization: 'Bearer canary-api-key-7d1f', 'content-type': 'application/json' },
    body: Buffer.from('{"assistant":"a","input":"caf\u00e9"}', 'latin1'),
  });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error: { path: 'body', message: 'The body is not UTF-8.' } });
});

it('object with an odd length in the place of a text → 400', async () => {
  const { call } = testGateway();
  const answer = await call('POST', '/v1/runs', { assistant: 'a', input: { length: { toString: [''] } } });
  expect({ status: answer.status, ...answer.json().error }).toMatchObject({ status: 400, code: 'invalid-request' });
});

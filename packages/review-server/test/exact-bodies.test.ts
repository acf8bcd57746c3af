import { afterAll, beforeAll, expect, it } from 'vitest';
import { ADMINISTRATORS, EMAIL_BLAST, startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer('sqlite::memory:', { reviewers: ADMINISTRATORS });
});
afterAll(() => server.close());

/** Values that programs read differently, as JSON, and a part of the refusal. */
const inexact = [
  ['9007199254740993', 'would become 9007199254740992'],
  ['0.12345678901234567890', 'would become'],
  ['-0', 'would become 0'],
  ['1e400', 'is too large'],
  ['"half \\ud83d"', 'half of a surrogate pair'],
] as const;
const withValue = (body: object, value: string) => JSON.stringify(body).replace('"HERE"', value);

it.each(inexact)('%s in a request → 400 that names the path', async (value, says) => {
  const body = withValue({ ...EMAIL_BLAST, details: { lines: [{ amount: 'HERE' }] } }, value);
  for (const path of ['/api/approvals/request', '/api/webhooks/inbound'])
    expect(await server.post(path, body)).toMatchObject({
      status: 400,
      body: { error: expect.stringMatching(new RegExp(`^details\\.lines\\.0\\.amount: .*${says}`)) },
    });
});

it.each(inexact)('%s in an edit → 400 that names the path, and the request stays open', async (value, says) => {
  const { id } = (await server.ask()).body;
  const body = withValue({ decision: 'approve', modifiedDetails: { ...EMAIL_BLAST.details, subject: 'HERE' } }, value);
  expect(await server.post(`/reviewer-api/approvals/${id}/decide`, body, await server.bearer())).toMatchObject({
    status: 400,
    body: { error: expect.stringMatching(new RegExp(`^modifiedDetails\\.subject: .*${says}`)) },
  });
  expect((await server.get(`/api/approvals/${id}`)).body.status).toBe('PENDING');
});

it('a name that stands twice → 400 that names the path, in a request and in a decision', async () => {
  const { id } = (await server.ask()).body;
  const twice = withValue({ ...EMAIL_BLAST, details: 'HERE' }, '{"to":{"amount":1,"amount":9000}}');
  expect(await server.post('/api/webhooks/inbound', twice)).toMatchObject({
    status: 400,
    body: { error: expect.stringMatching(/^details\.to\.amount: this name stands twice/) },
  });
  const decision = '{"decision":"reject","decision":"approve"}';
  expect(await server.post(`/reviewer-api/approvals/${id}/decide`, decision, await server.bearer())).toMatchObject({
    status: 400,
    body: { error: expect.stringMatching(/^decision: this name stands twice/) },
  });
  expect((await server.get(`/api/approvals/${id}`)).body.status).toBe('PENDING');
});

it.each([
  ['note of a decision', '/approvals/ID/decide', { decision: 'approve', note: 'HERE' }, 'note'],
  ['note of several', '/approvals/decide', { ids: ['x'], decision: 'reject', note: 'HERE' }, 'note'],
  ['name of a rule', '/rules', { name: 'HERE' }, 'name'],
  ['name of a user', '/users', { name: 'HERE' }, 'name'],
  ['assistant of a key', '/keys', { assistant: 'HERE' }, 'assistant'],
])('half a character in the %s → 400 that names the path', async (_what, path, body, at) => {
  const { id } = (await server.ask()).body;
  const answer = await server.post(
    `/reviewer-api${path.replace('ID', id)}`,
    withValue(body, '"\\ud83d"'),
    await server.bearer(),
  );
  expect(answer).toMatchObject({ status: 400, body: { error: expect.stringMatching(new RegExp(`^${at}: `)) } });
});

it('body that is not UTF-8 → 400', async () => {
  const response = await fetch(`${server.url}/api/approvals/request`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': 'cq_live_comms0123456789ab' },
    body: Buffer.from(JSON.stringify({ ...EMAIL_BLAST, summary: 'caf\u00e9' }), 'latin1'),
  });
  expect(response.status).toBe(400);
  expect(await response.json()).toEqual({ error: 'The body is not UTF-8.' });
});

it('object with an odd length in the place of a text → 400', async () => {
  const name = { length: { toString: [''] } };
  expect((await server.post('/reviewer-api/session', { name, password: name }, {})).status).toBe(400);
});

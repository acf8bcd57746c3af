import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createReviewerClient, ReviewerApiError, signInReviewer } from '../src/contract/reviewer-client.ts';
import { ADMINISTRATORS, PASSWORDS, startTestServer, type TestServer } from './test-server.ts';

describe('reviewer client', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer('sqlite::memory:', { reviewers: ADMINISTRATORS });
  });
  afterAll(() => server.close());
  const signedIn = async () => (await signInReviewer(server.url, 'ana', PASSWORDS.ana)).client;

  it('sign-in, list, decide: each typed by its route', async () => {
    const client = await signedIn();
    const { id } = (await server.ask()).body;
    const { approvals } = await client.call('GET /approvals', { query: { status: 'pending', limit: 1, q: undefined } });
    expect(approvals.map((approval) => approval.id)).toEqual([id]);
    const decided = await client.call('POST /approvals/{id}/decide', { path: { id }, body: { decision: 'approve' } });
    expect(decided).toMatchObject({ status: 'APPROVED', decidedBy: 'ana' });
  });

  it('a name with slash, space and question mark: sent as one part of the path', async () => {
    const client = await signedIn();
    await expect(client.call('DELETE /users/{name}', { path: { name: 'a/b c?' } })).rejects.toMatchObject({
      status: 404,
      message: expect.stringContaining('user'),
    });
  });

  it('a number with zeros at its end: keeps its digits', async () => {
    const { id } = (await server.post('/api/webhooks/inbound', '{"action":"a","summary":"s","details":{"id":1.50}}'))
      .body;
    const { details } = await (await signedIn()).call('GET /approvals/{id}', { path: { id } });
    expect(JSON.stringify(details)).toBe('{"id":1.50}');
  });

  it('a refusal: throws the status, the sentence and the answer', async () => {
    const error = await createReviewerClient({ url: server.url, token: 'rvw_wrong' })
      .call('GET /counts')
      .catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(ReviewerApiError);
    expect(error).toMatchObject({ status: 401, message: expect.stringMatching(/^Not signed in/) });
    expect((error as ReviewerApiError).body).toEqual({ error: (error as Error).message });
  });

  it('a download: gives every part; a refused one throws before the first', async () => {
    const parts: Uint8Array[] = [];
    for await (const part of await (await signedIn()).download('/audit/export')) parts.push(part);
    expect(Buffer.concat(parts).toString()).toContain('"event":"signed-in"');
    await expect(createReviewerClient({ url: server.url }).download('/audit/export')).rejects.toMatchObject({
      status: 401,
    });
  });
});

describe('reviewer client, of a server that fails', () => {
  const failing = async (listener: RequestListener) => {
    const http = createServer(listener).listen(0, '127.0.0.1');
    await once(http, 'listening');
    onTestFinished(() => {
      http.closeAllConnections();
      http.close();
    });
    return createReviewerClient({ url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, silenceMs: 500 });
  };

  it('silent before the headers: throws after the bound', async () => {
    const client = await failing(() => {});
    await expect(client.call('GET /counts')).rejects.toMatchObject({
      status: 0,
      message: expect.stringMatching(/did not answer within 0.5 seconds/),
    });
  });

  it('silent in the middle of the body: throws after the bound', async () => {
    const client = await failing((_, response) => void response.writeHead(200).write('{"needs'));
    await expect(client.call('GET /counts')).rejects.toThrow('did not answer within');
    const parts = await client.download('/audit/export');
    expect(Buffer.from((await parts.next()).value as Uint8Array).toString()).toBe('{"needs');
    await expect(parts.next()).rejects.toThrow('did not answer within');
  });

  it('connection closed: throws with status 0 and the address', async () => {
    const client = await failing((request) => void request.socket.destroy());
    await expect(client.call('GET /counts')).rejects.toMatchObject({
      status: 0,
      message: expect.stringMatching(/^The review server at http:\/\/127\.0\.0\.1:\d+ can’t be reached\.$/),
    });
  });

  it('a page instead of JSON: throws and says so', async () => {
    const client = await failing((_, response) => void response.end('<!doctype html>'));
    await expect(client.call('GET /counts')).rejects.toMatchObject({
      status: 200,
      message: expect.stringContaining('not JSON'),
    });
    const broken = await failing((_, response) => void response.writeHead(502).end('<!doctype html>'));
    await expect(broken.call('GET /counts')).rejects.toMatchObject({
      status: 502,
      message: expect.stringContaining('answered 502'),
    });
  });

  it.each(['', ' ', null, 5])('a refusal without words: %j → the status in words', async (error) => {
    const client = await failing((_, response) => void response.writeHead(409).end(JSON.stringify({ error })));
    await expect(client.call('GET /counts')).rejects.toMatchObject({
      status: 409,
      message: 'The review server answered 409.',
    });
  });

  it('aborted by the caller: throws the abort itself', async () => {
    const client = await failing(() => {});
    const stop = new AbortController();
    const call = client.send('GET', '/counts', { signal: stop.signal });
    stop.abort();
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
  });
});

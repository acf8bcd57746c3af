import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from './test-server.ts';

type Answer = { status: number; headers: IncomingHttpHeaders; body: Buffer };

describe('compressed answers', () => {
  let server: TestServer;
  let bearer: Record<string, string>;

  /** One request without the decompression of `fetch`. Resolves at the first byte with `firstByte`. */
  const ask = (path: string, headers: Record<string, string> = {}, method = 'GET', firstByte = false, sent?: string) =>
    new Promise<Answer>((resolve, reject) => {
      const request = httpRequest(server.url + path, { method, headers: { ...bearer, ...headers } }, (response) => {
        const parts: Buffer[] = [];
        const done = () => {
          resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(parts) });
          if (firstByte) request.destroy();
        };
        response.on('data', (part: Buffer) => {
          parts.push(part);
          if (firstByte) done();
        });
        response.on('end', done);
      });
      request.on('error', reject);
      request.end(sent);
    });

  beforeAll(async () => {
    server = await startTestServer('sqlite::memory:');
    bearer = await server.bearer('ana');
    for (let n = 1; n <= 20; n += 1) await server.ask({ summary: `Blast ${n}` });
  });
  afterAll(() => server.close());

  it('list, gzip accepted → compressed to less than half, the same JSON, padding of changing length', async () => {
    const path = '/reviewer-api/approvals?box=needs-you';
    const plain = await ask(path);
    const packed = await ask(path, { 'accept-encoding': 'gzip, br' });
    expect(packed.headers).toMatchObject({ 'content-encoding': 'gzip', 'cache-control': 'no-store' });
    expect(packed.headers['vary']?.toLowerCase()).toContain('accept-encoding');
    expect(JSON.parse(gunzipSync(packed.body).toString())).toEqual(JSON.parse(plain.body.toString()));
    expect(packed.body.length).toBeLessThan(plain.body.length / 2);
    const lengths = new Set<number>();
    for (let n = 0; n < 10; n += 1)
      lengths.add(String((await ask(path, { 'accept-encoding': 'gzip' })).headers['x-padding']).length);
    expect(lengths.size).toBeGreaterThan(1);
  });

  it.each(['identity', 'gzip;q=0', 'br'])(
    'list, accept-encoding %s → not compressed, and caches know why',
    async (encoding) => {
      const answer = await ask('/reviewer-api/approvals?box=needs-you', { 'accept-encoding': encoding });
      expect(answer.headers['content-encoding']).toBeUndefined();
      expect(answer.headers['vary']?.toLowerCase()).toContain('accept-encoding');
      expect(JSON.parse(answer.body.toString())).toHaveProperty('approvals');
    },
  );

  it('event stream, gzip accepted → not compressed, first bytes at once', async () => {
    const { headers, body } = await ask('/reviewer-api/events', { 'accept-encoding': 'gzip' }, 'GET', true);
    expect(headers['content-encoding']).toBeUndefined();
    expect(body.toString()).toMatch(/^: every change follows/);
  });

  it('POST whose answer has a secret, gzip accepted → not compressed', async () => {
    const { headers, status } = await ask(
      '/reviewer-api/session',
      { 'accept-encoding': 'gzip', 'content-type': 'application/json', origin: server.url },
      'POST',
      false,
      JSON.stringify({ name: 'ana', password: 'wrong'.repeat(300) }),
    );
    expect(status).toBe(401);
    expect(headers['content-encoding']).toBeUndefined();
  });

  it('HEAD → no body, no encoding', async () => {
    const { headers, body } = await ask('/reviewer-api/counts', { 'accept-encoding': 'gzip' }, 'HEAD');
    expect([headers['content-encoding'], body.length]).toEqual([undefined, 0]);
  });
});

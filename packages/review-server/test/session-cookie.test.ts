import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PASSWORDS, startTestServer, type TestServer } from './test-server.ts';

/** Fetch sets its own `host` header, so this uses Node's client. */
function send(
  server: TestServer,
  { method = 'GET', path = '/reviewer-api/session', headers = {}, body }: Sent,
): Promise<{ status: number; cookies: string[]; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(`${server.url}${path}`, { method, headers }, (response) => {
      void response.toArray().then((chunks) =>
        resolve({
          status: response.statusCode ?? 0,
          cookies: response.headers['set-cookie'] ?? [],
          text: Buffer.concat(chunks as Buffer[]).toString(),
        }),
      );
    });
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
type Sent = { method?: string; path?: string; headers?: Record<string, string>; body?: object };

const signIn = { name: 'ana', password: PASSWORDS.ana };
const tokenOf = async (server: TestServer) =>
  (await server.post<{ token: string }>('/reviewer-api/session', signIn, {})).body.token;

describe('behind https', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer('sqlite::memory:', { publicUrl: 'https://review.example' });
  });
  afterAll(() => server.close());

  it('browser signs in → __Host- cookie: Secure, HttpOnly, SameSite, without Domain', async () => {
    const { cookies } = await send(server, {
      method: 'POST',
      headers: { host: 'review.example', origin: 'https://review.example' },
      body: { ...signIn, browser: true },
    });
    expect(cookies).toEqual([
      expect.stringMatching(
        /^__Host-holdpoint_session=rvw_[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
      ),
    ]);
  });

  it.each(['review.example', '127.0.0.1:7342'])(
    'a valid token in a cookie of the plain name, host %s → 401',
    async (host) => {
      const token = await tokenOf(server);
      const status = async (cookie: string) => (await send(server, { headers: { host, cookie } })).status;
      expect(await status(`holdpoint_session=${token}`)).toBe(401);
      expect(await status(`__Host-holdpoint_session=${token}`)).toBe(200);
    },
  );

  it('foreign cookie of the plain name beside the own one → the own session', async () => {
    const [own, foreign] = [
      await tokenOf(server),
      (await server.post<{ token: string }>('/reviewer-api/session', { name: 'ben', password: PASSWORDS.ben }, {})).body
        .token,
    ];
    const { text } = await send(server, {
      headers: { host: 'review.example', cookie: `holdpoint_session=${foreign}; __Host-holdpoint_session=${own}` },
    });
    expect(JSON.parse(text)).toMatchObject({ reviewer: { name: 'ana' } });
  });
});

describe('over http', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer('sqlite::memory:');
  });
  afterAll(() => server.close());
  const browser = { ...signIn, browser: true };

  it.each(['127.0.0.1:7342', 'localhost:7342', '[::1]:7342', 'review.localhost'])(
    'at %s → the cookie of the plain name, which counts there',
    async (host) => {
      const { cookies } = await send(server, { method: 'POST', headers: { host }, body: browser });
      expect(cookies).toEqual([expect.stringMatching(/^holdpoint_session=rvw_/)]);
      const cookie = cookies[0]!.split(';')[0]!;
      expect((await send(server, { headers: { host, cookie } })).status).toBe(200);
    },
  );

  it.each(['review.example', '10.0.0.7:7342', '127.0.0.1.evil.example', 'localhost.evil.example', '0.0.0.0:7342'])(
    'at %s → no cookie is set or read, and the answer says why',
    async (host) => {
      const refused = await send(server, { method: 'POST', headers: { host }, body: browser });
      expect([refused.status, refused.cookies]).toEqual([400, []]);
      expect(refused.text).toContain('HOLDPOINT_REVIEW_PUBLIC_URL');
      const cookie = `holdpoint_session=${await tokenOf(server)}`;
      expect((await send(server, { headers: { host, cookie } })).status).toBe(401);
    },
  );

  it('a program with a token, from another machine → signed in', async () => {
    const headers = { host: 'review.internal:7342', authorization: `Bearer ${await tokenOf(server)}` };
    expect((await send(server, { headers })).status).toBe(200);
  });
});

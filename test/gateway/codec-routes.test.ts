import { describe, expect, it } from 'vitest';
import { createJsonCodec } from '../../src/adapters/temporal/json-codec.ts';
import { createPayloadCodec } from '../../src/adapters/temporal/payload-codec.ts';
import type { CodecAccess } from '../../src/gateway/codec-routes.ts';
import { codecSessionMs, createCodecSessions, localUiToken } from '../../src/signing/codec-session.ts';
import { oldKey } from '../support/payload-keys.ts';
import { gatewayWithCallers } from './callers.ts';
import { apiKey } from './test-gateway.ts';

const uiUrl = 'https://temporal.example.com/ui';
const uiOrigin = 'https://temporal.example.com';
const secret = 'a secret of the tests with more than 32 characters';
const payloadCodec = createPayloadCodec({ namespace: 'default', encryption: { keys: [oldKey] } });
const codec = createJsonCodec(payloadCodec);
const plain = {
  metadata: { encoding: Buffer.from('json/plain').toString('base64') },
  data: Buffer.from('"a secret text"').toString('base64'),
};
const [encrypted] = await codec.encode([plain]);
const body = { payloads: [encrypted] };

async function gateway({ now = () => new Date(), ...more }: Partial<CodecAccess> & { now?: () => Date } = {}) {
  const sessions = createCodecSessions([secret], now);
  const access = { codec, uiUrl, sessions, sessionSeconds: codecSessionMs / 1000, ...more };
  const made = await gatewayWithCallers({ codec: access });
  await made.add('support', { decode: true });
  await made.add('billing', { start: 'all', read: 'all', control: 'all', ask: true });
  const signIn = async (key: string, headers: Record<string, string> = { 'sec-fetch-site': 'same-origin' }) =>
    await made.app.request('/codec/sign-in', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: new URLSearchParams({ key }),
    });
  const byCookie = (cookie: string, path = '/codec/decode') =>
    made.app.request(path, {
      method: 'POST',
      headers: { cookie, origin: uiOrigin, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  return { ...made, signIn, byCookie };
}
const cookieOf = (response: Response) => response.headers.get('set-cookie')?.split(';')[0] ?? '';

describe('POST /codec/decode', () => {
  it('key with decode → the plain values, also with the query of the UI', async () => {
    const { as } = await gateway();
    for (const path of ['/codec/decode', '/codec/decode?preserveStorageRefs=true']) {
      const answer = await as('support', 'POST', path, body);
      expect([answer.status, answer.json()]).toEqual([200, { payloads: [plain] }]);
      expect(answer.headers.get('cache-control')).toBe('no-store');
    }
  });

  it('the body {} of the CLI → an empty list', async () => {
    const { as } = await gateway();
    expect((await as('support', 'POST', '/codec/decode', {})).json()).toEqual({ payloads: [] });
  });

  it('no key, a wrong key → 401; a key without decode → 403', async () => {
    const { app, as, call } = await gateway();
    const without = await app.request('/codec/decode', { method: 'POST', body: JSON.stringify(body) });
    expect(without.status).toBe(401);
    const wrong = await call('POST', '/codec/decode', body, { authorization: 'Bearer wrong' });
    expect([wrong.status, wrong.text.includes('secret text')]).toEqual([401, false]);
    const billing = await as('billing', 'POST', '/codec/decode', body);
    expect([billing.status, billing.json().error.message]).toEqual([
      403,
      expect.stringContaining("may not decrypt values for Temporal's UI"),
    ]);
  });

  it('a value whose key is missing → returned as it is, with the others decrypted', async () => {
    const other = createJsonCodec(
      createPayloadCodec({ namespace: 'default', encryption: { keys: [{ ...oldKey, id: 'gone' }] } }),
    );
    const [gone] = await other.encode([plain]);
    const { as } = await gateway();
    const answer = await as('support', 'POST', '/codec/decode', { payloads: [gone, encrypted] });
    expect(answer.json()).toEqual({ payloads: [gone, plain] });
  });

  it.each(['[]', '{"payloads":5}', '{"payloads":[{"data":"§"}]}', '{"payloads":[null]}', '{', ''])(
    'body %s → 400',
    async (text) => {
      const { as } = await gateway();
      const answer = await as('support', 'POST', '/codec/decode', text);
      expect([answer.status, answer.json().error.code]).toEqual([400, 'invalid-request']);
    },
  );

  it('body above the limit → 413', async () => {
    const { as } = await gateway();
    const answer = await as('support', 'POST', '/codec/decode', `{"payloads":[],"x":"${'x'.repeat(9_000_000)}"}`);
    expect(answer.status).toBe(413);
  });
});

describe('POST /codec/encode', () => {
  it('key with decode only → 403; with admin → a value that the workers read', async () => {
    const { as, call } = await gateway();
    expect((await as('support', 'POST', '/codec/encode', { payloads: [plain] })).status).toBe(403);
    const made = (await call('POST', '/codec/encode', { payloads: [plain] })).json();
    expect(await codec.decode(made.payloads)).toEqual([plain]);
  });
});

describe('CORS of the codec', () => {
  const preflight = (origin: string) => ({
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type,x-namespace',
    },
  });

  it('preflight of the UI → allowed with credentials; of any other page → not', async () => {
    const { app } = await gateway();
    const own = await app.request('/codec/decode?preserveStorageRefs=true', preflight(uiOrigin));
    expect(own.status).toBe(204);
    expect(Object.fromEntries(own.headers)).toMatchObject({
      'access-control-allow-origin': uiOrigin,
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'authorization,content-type,x-namespace',
    });
    for (const origin of ['https://evil.example', 'null', `${uiOrigin}.evil.example`, 'http://temporal.example.com'])
      expect((await app.request('/codec/decode', preflight(origin))).headers.get('access-control-allow-origin')).toBe(
        null,
      );
  });

  it('without an address of the UI → no page is allowed', async () => {
    const { app } = await gateway({ uiUrl: undefined });
    expect((await app.request('/codec/decode', preflight(uiOrigin))).headers.get('access-control-allow-origin')).toBe(
      null,
    );
  });
});

describe('sign-in to decrypted values', () => {
  it('key with decode → a cookie that decodes, hidden from scripts and other sites', async () => {
    const { signIn, byCookie, secrets } = await gateway();
    const key = secrets.get('support') as string;
    const response = await signIn(key);
    expect(response.headers.get('set-cookie')).toMatch(
      /; Max-Age=43200; Path=\/codec; HttpOnly; Secure; SameSite=Strict$/,
    );
    expect(response.headers.get('set-cookie')).not.toContain(key);
    const answer = await byCookie(cookieOf(response));
    expect([answer.status, await answer.json()]).toEqual([200, { payloads: [plain] }]);
    expect(answer.headers.get('access-control-allow-origin')).toBe(uiOrigin);
  });

  it('unknown key, key without decode → no cookie, and the page says why', async () => {
    const { signIn, secrets } = await gateway();
    for (const [key, says] of [
      ['wrong', 'not one of this gateway'],
      [secrets.get('billing') as string, 'may not decrypt values'],
    ] as const) {
      const response = await signIn(key);
      expect([response.status, response.headers.get('set-cookie')]).toEqual([403, null]);
      expect(await response.text()).toContain(says);
    }
  });

  it('form on another page → 403', async () => {
    const { signIn } = await gateway();
    for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }, {}] as const)
      expect((await signIn(apiKey, headers as Record<string, string>)).headers.get('set-cookie')).toBe(null);
  });

  it('revoked key, lost permission → the cookie ends', async () => {
    const { signIn, byCookie, secrets, call } = await gateway();
    const cookie = cookieOf(await signIn(secrets.get('support') as string));
    await call('POST', '/v1/api-keys/support/scopes', { ask: true });
    expect((await byCookie(cookie)).status).toBe(403);
    await call('POST', '/v1/api-keys/support/revoke', {});
    expect((await byCookie(cookie)).status).toBe(401);
  });

  it('after twelve hours → 401', async () => {
    let at = Date.now();
    const { signIn, byCookie } = await gateway({ now: () => new Date(at) });
    const cookie = cookieOf(await signIn(apiKey));
    at += codecSessionMs - 1;
    expect((await byCookie(cookie)).status).toBe(200);
    at += 1;
    expect((await byCookie(cookie)).status).toBe(401);
  });

  it('changed cookie, cookie of another secret → 401; cookie of the old secret in a rotation → good', async () => {
    const { signIn, byCookie } = await gateway();
    const cookie = cookieOf(await signIn(apiKey));
    expect((await byCookie(`${cookie.slice(0, -3)}AAA`)).status).toBe(401);
    const other = createCodecSessions(['another secret of more than 32 characters'], () => new Date());
    expect((await byCookie(`holdpoint_codec=${other.make(apiKey)}`)).status).toBe(401);
    const both = createCodecSessions(['another secret of more than 32 characters', secret], () => new Date());
    const rotated = await gateway({ sessions: both });
    expect((await rotated.byCookie(cookie)).status).toBe(200);
  });

  it('another route with the cookie → 401', async () => {
    const { signIn, app } = await gateway();
    const cookie = cookieOf(await signIn(apiKey));
    expect((await app.request('/v1/runs', { headers: { cookie } })).status).toBe(401);
  });
});

describe('UI of holdpoint dev', () => {
  const token = localUiToken(secret);
  const path = (given: string) => `/codec/local/${given}/decode?preserveStorageRefs=true`;

  it('right token → decrypted without key; wrong token, and a gateway without one → 404', async () => {
    const local = await gateway({ localToken: token });
    const post = (app: typeof local.app, given: string) =>
      app.request(path(given), { method: 'POST', body: JSON.stringify(body) });
    expect(await (await post(local.app, token)).json()).toEqual({ payloads: [plain] });
    expect((await post(local.app, `${token.slice(0, -1)}A`)).status).toBe(404);
    expect((await post((await gateway()).app, token)).status).toBe(404);
    expect(local.lines.join('')).not.toContain(token);
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../test-server.ts';
import { startBalancer, type Balancer } from './balancer.ts';
import { createHttpBrowser, type HttpBrowser } from './http-browser.ts';
import { startForgingProvider, type ForgingProvider, type TestClaims } from './forging-provider.ts';

const event = 'http://schemas.openid.net/event/backchannel-logout';
const clocksDiffer =
  'The clocks of this server and of the identity provider differ by too much. Tell an administrator.';
const begunElsewhere = 'This sign-in was begun in another browser, or too long ago. Begin again.';

describe('tokens of a provider that lies', () => {
  let provider: ForgingProvider;
  let server: TestServer;
  let balancer: Balancer;
  let url: string;
  let shiftMs = 0;
  beforeAll(async () => {
    provider = await startForgingProvider('holdpoint');
    balancer = await startBalancer();
    url = balancer.url;
    server = await startTestServer('sqlite::memory:', {
      publicUrl: url,
      clock: () => new Date(Date.now() + shiftMs),
      identityProvider: {
        issuer: provider.issuer,
        clientId: 'holdpoint',
        clientSecret: 'a secret of the tests',
        roles: [{ group: 'finance', role: 'reviewer' }],
      },
    });
    balancer.targets.push(server.url);
  });
  afterAll(async () => {
    await server.close();
    await balancer.close();
    await provider.close();
  });
  beforeEach(() => {
    provider.idToken = {};
    provider.strangersKey = false;
    shiftMs = 0;
  });

  const isSignedIn = async (browser: HttpBrowser) => (await browser.send(`${url}/reviewer-api/session`)).status === 200;
  const signIn = async (browser = createHttpBrowser()) => {
    const end = await browser.follow(`${url}/auth/start`);
    const { text } = await browser.send(`${url}/reviewer-api/sign-in${new URL(end.url).search}`);
    return {
      browser,
      isSignedIn: await isSignedIn(browser),
      problem: (JSON.parse(text) as { problem: string | null }).problem,
    };
  };

  it('honest token → signed in', async () => {
    expect(await signIn()).toMatchObject({ isSignedIn: true, problem: null });
  });

  const now = Math.floor(Date.now() / 1000);
  it.each<[string, TestClaims, string]>([
    ['another nonce', { nonce: 'of another sign-in' }, begunElsewhere],
    ['no nonce', { nonce: undefined }, begunElsewhere],
    ['another audience', { aud: 'another application' }, begunElsewhere],
    ['another issuer', { iss: 'https://login.example.com' }, begunElsewhere],
    ['an expiry in the past', { exp: now - 400 }, clocksDiffer],
    ['the time of ten minutes ago', { iat: now - 600, exp: now + 3600 }, clocksDiffer],
    ['a time in ten minutes', { iat: now + 600, exp: now + 900 }, clocksDiffer],
    ['a begin in ten minutes', { nbf: now + 600 }, clocksDiffer],
    ['no subject', { sub: undefined }, ''],
  ])('ID token with %s → refused', async (_, claims, says) => {
    provider.idToken = claims;
    const { isSignedIn: signedIn, problem } = await signIn();
    expect(signedIn).toBe(false);
    expect(problem).toContain(says);
  });

  it.each([-30, 30, -300])('ID token of a clock %d s away → signed in', async (seconds) => {
    const at = Math.floor(Date.now() / 1000) + seconds;
    provider.idToken = { iat: at, nbf: at, exp: at + 300 };
    expect(await signIn()).toMatchObject({ isSignedIn: true, problem: null });
  });

  it('ID token with the signature of another key → refused', async () => {
    provider.strangersKey = true;
    expect(await signIn()).toMatchObject({ isSignedIn: false, problem: expect.any(String) });
  });

  it('cookie of the sign-in older than ten minutes → begin again', async () => {
    const browser = createHttpBrowser();
    const begun = await browser.follow(`${url}/auth/start`, { until: provider.issuer });
    const callback = await browser.follow(begun.location!, { until: `${url}/auth/callback` });
    shiftMs = 601_000;
    const end = await browser.follow(callback.location!);
    const { text } = await browser.send(`${url}/reviewer-api/sign-in${new URL(end.url).search}`);
    expect(JSON.parse(text)).toMatchObject({ problem: begunElsewhere });
  });

  it('session that began at the provider → ends after eight hours', async () => {
    const { browser } = await signIn();
    shiftMs = 8 * 3_600_000 + 1000;
    expect(await isSignedIn(browser)).toBe(false);
  });

  const logout = (claims: TestClaims = {}): TestClaims => {
    const at = Math.floor(Date.now() / 1000);
    return {
      iss: provider.issuer,
      aud: 'holdpoint',
      iat: at,
      jti: `${Math.random()}`,
      sub: 'gina',
      sid: 'session-1',
      events: { [event]: {} },
      ...claims,
    };
  };
  const send = async (token: string) =>
    (
      await fetch(`${url}/auth/back-channel-logout`, {
        method: 'POST',
        body: new URLSearchParams({ logout_token: token }),
      })
    ).status;

  it.each<[string, TestClaims]>([
    ['by sid and sub', {}],
    ['by sid', { sub: undefined }],
    ['by sub', { sid: undefined }],
    ['of a clock 30 s behind', { iat: now - 30 }],
    ['of a clock 30 s ahead', { iat: now + 30 }],
  ])('logout token %s → session ended; the same token again → refused', async (_, claims) => {
    const { browser } = await signIn();
    const token = await provider.sign(logout(claims));
    expect(await send(token)).toBe(200);
    expect(await isSignedIn(browser)).toBe(false);
    const again = await signIn();
    expect(await send(token)).toBe(400);
    expect(await isSignedIn(again.browser)).toBe(true);
  });

  it.each<[string, TestClaims, { strangersKey: boolean }?]>([
    ['of another session', { sid: 'session-2' }],
    ['of another person', { sub: 'hugo', sid: undefined }],
    ['of another person with this session', { sub: 'hugo' }],
    ['without a session and a person', { sub: undefined, sid: undefined }],
    ['with a nonce', { nonce: 'x' }],
    ['without an event', { events: undefined }],
    ['with another event', { events: { 'http://schemas.openid.net/event/other': {} } }],
    ['with a text as event', { events: event }],
    ['for another application', { aud: 'another application' }],
    ['of another issuer', { iss: 'https://login.example.com' }],
    ['of ten minutes ago', { iat: now - 600 }],
    ['of a time in ten minutes', { iat: now + 600 }],
    ['without a jti', { jti: undefined }],
    ['with the signature of another key', {}, { strangersKey: true }],
  ])('logout token %s → no session ended', async (_, claims, options) => {
    const { browser } = await signIn();
    await send(await provider.sign(logout(claims), options));
    expect(await isSignedIn(browser)).toBe(true);
  });

  it.each(['', 'a.b.c', 'eyJhbGciOiJub25lIn0.e30.', 'x'.repeat(70_000)])(
    'logout token %.40s → refused',
    async (token) => {
      expect(await send(token)).toBeGreaterThanOrEqual(400);
    },
  );
});

import { expect, it } from 'vitest';
import type { ReviewServerOptions } from '../../src/options.ts';
import { PASSWORDS, startTestServer } from '../test-server.ts';

const provider: NonNullable<ReviewServerOptions['identityProvider']> = {
  issuer: 'https://login.example.com',
  clientId: 'holdpoint',
  clientSecret: 'a secret of the tests',
  roles: [{ group: 'finance', role: 'reviewer' }],
};
const publicUrl = 'https://review.example.com';

it.each<[string, Omit<Partial<ReviewServerOptions>, 'publicUrl'> & { publicUrl?: string | undefined }, string]>([
  [
    'issuer by http on another machine',
    { identityProvider: { ...provider, issuer: 'http://login.example.com' } },
    'must begin with https://',
  ],
  [
    'issuer by http on a name that begins with localhost',
    { identityProvider: { ...provider, issuer: 'http://localhost.example.com' } },
    'must begin with https://',
  ],
  ['issuer that is no address', { identityProvider: { ...provider, issuer: 'login' } }, 'must begin with https://'],
  [
    'issuer with a query',
    { identityProvider: { ...provider, issuer: 'https://login.example.com/?a=1' } },
    'must have neither a query',
  ],
  ['no public address', { publicUrl: undefined, identityProvider: provider }, 'Set HOLDPOINT_REVIEW_PUBLIC_URL.'],
  [
    'public address by http',
    { publicUrl: 'http://review.example.com', identityProvider: provider },
    'Change HOLDPOINT_REVIEW_PUBLIC_URL.',
  ],
  [
    'scopes without openid',
    { identityProvider: { ...provider, scopes: 'profile email' } },
    'Change HOLDPOINT_OIDC_SCOPES.',
  ],
  ['no group with a role', { identityProvider: { ...provider, roles: [] } }, 'Set HOLDPOINT_OIDC_ROLES'],
  ['passwords off and no other way in', { passwordSignIn: false }, 'nobody could sign in'],
])('%s → the server does not start', async (_, options, says) => {
  await expect(
    startTestServer('sqlite::memory:', { publicUrl, ...options } as Partial<ReviewServerOptions>),
  ).rejects.toThrow(says);
});

it('provider that does not answer → the server starts, passwords work, and the button says so', async () => {
  const server = await startTestServer('sqlite::memory:', {
    publicUrl: 'http://localhost:1',
    identityProvider: { ...provider, issuer: 'http://127.0.0.1:9' },
  });
  try {
    expect((await server.get('/reviewer-api/session', await server.bearer())).status).toBe(200);
    const { headers } = await server.get('/auth/start', {});
    const query = new URL(headers.get('location')!, server.url).search;
    expect((await server.get<object>(`/reviewer-api/sign-in${query}`, {})).body).toEqual({
      password: true,
      provider: { name: '127.0.0.1:9', start: 'http://localhost:1/auth/start' },
      problem: 'The identity provider does not answer. Sign in with a password, or later.',
    });
  } finally {
    await server.close();
  }
});

it('passwords off → no password signs in; the one-time link does', async () => {
  const loginToken = 'a token of the tests, long enough';
  const server = await startTestServer('sqlite::memory:', {
    publicUrl,
    identityProvider: provider,
    passwordSignIn: false,
    loginToken,
  });
  try {
    const answer = await server.post<object>('/reviewer-api/session', { name: 'ana', password: PASSWORDS.ana }, {});
    expect([answer.status, answer.body]).toEqual([
      403,
      { error: 'Passwords are switched off at this server. Sign in with the identity provider.' },
    ]);
    expect((await server.get<object>('/reviewer-api/sign-in', {})).body).toMatchObject({ password: false });
    expect((await server.post('/reviewer-api/session/link', { token: loginToken }, {})).status).toBe(200);
  } finally {
    await server.close();
  }
});

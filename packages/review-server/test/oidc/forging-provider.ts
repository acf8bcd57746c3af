import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type IncomingMessage } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

/** Claims. Undefined: left out of the token. */
export type TestClaims = Record<string, unknown>;

/** A provider that a test makes lie: it signs what the test wants, with its key or a stranger's. */
export type ForgingProvider = {
  issuer: string;
  /** Claims of the next ID token, over the honest ones. Undefined removes a claim. */
  idToken: TestClaims;
  /** True: ID tokens have a key that the provider does not publish. */
  strangersKey: boolean;
  sign(claims: TestClaims, options?: { strangersKey?: boolean }): Promise<string>;
  close(): Promise<void>;
};

/** The sign-in page answers at once: `begin` in the authorization request becomes the code. */
export async function startForgingProvider(clientId: string): Promise<ForgingProvider> {
  const [own, stranger] = await Promise.all([generateKeyPair('RS256'), generateKeyPair('RS256')]);
  const jwk = { ...(await exportJWK(own.publicKey)), kid: 'own', alg: 'RS256', use: 'sig' };
  const nonces = new Map<string, string>();
  const server = createServer((request, response) => {
    const reply = async () => {
      const { status = 200, location, body } = await answer(request);
      response.writeHead(status, location === undefined ? { 'content-type': 'application/json' } : { location });
      response.end(body === undefined ? undefined : JSON.stringify(body));
    };
    void reply();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const sign: ForgingProvider['sign'] = (claims, { strangersKey = false } = {}) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', kid: 'own' })
      .sign((strangersKey ? stranger : own).privateKey);
  const provider: ForgingProvider = {
    issuer,
    idToken: {},
    strangersKey: false,
    sign,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };

  async function answer(request: IncomingMessage): Promise<{ status?: number; location?: string; body?: unknown }> {
    const { pathname, searchParams } = new URL(request.url!, issuer);
    switch (pathname) {
      case '/.well-known/openid-configuration':
        return {
          body: {
            issuer,
            authorization_endpoint: `${issuer}/authorize`,
            token_endpoint: `${issuer}/token`,
            jwks_uri: `${issuer}/keys`,
            response_types_supported: ['code'],
            id_token_signing_alg_values_supported: ['RS256'],
          },
        };
      case '/keys':
        return { body: { keys: [jwk] } };
      case '/authorize': {
        const code = `code-${nonces.size}`;
        nonces.set(code, searchParams.get('nonce')!);
        const back = new URL(searchParams.get('redirect_uri')!);
        back.searchParams.set('code', code);
        back.searchParams.set('state', searchParams.get('state')!);
        return { status: 302, location: back.href };
      }
      case '/token': {
        let form = '';
        for await (const part of request) form += String(part);
        const now = Math.floor(Date.now() / 1000);
        const honest = {
          iss: issuer,
          aud: clientId,
          sub: 'gina',
          sid: 'session-1',
          preferred_username: 'gina',
          groups: ['finance'],
          nonce: nonces.get(new URLSearchParams(form).get('code') ?? ''),
          iat: now,
          exp: now + 300,
        };
        const id_token = await sign({ ...honest, ...provider.idToken }, { strangersKey: provider.strangersKey });
        return { body: { access_token: 'opaque', token_type: 'bearer', id_token } };
      }
      default:
        return { status: 404 };
    }
  }
  return provider;
}

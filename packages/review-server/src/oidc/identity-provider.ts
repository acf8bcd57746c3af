import { createRemoteJWKSet, jwtVerify, type JWTVerifyGetKey } from 'jose';
import * as client from 'openid-client';
import { isLoopbackHttp, type ProviderOptions } from './provider-options.ts';
import { namesOf, readGroups, type Groups } from './read-claims.ts';

/** Secrets of one sign-in, kept by the browser between its start and its end. */
export type SignInSecrets = { state: string; nonce: string; verifier: string };

/** A person, as the provider describes them after a sign-in. */
export type SignedInPerson = {
  issuer: string;
  subject: string;
  /** Id of the session at the provider. */
  sid: string | undefined;
  /** Names, the most unique one first. */
  names: readonly string[];
  groups: Groups;
  idToken: string;
};

/** The session that a logout token ends: one with this id, or all of the subject. */
export type LogoutToken = {
  issuer: string;
  subject: string | undefined;
  sid: string | undefined;
  /** Unique id of the token. */
  jti: string;
};

/** The OpenID Connect provider. Its methods throw the errors of `openid-client` and `jose`. */
export type IdentityProvider = {
  issuer: string;
  name: string;
  groupsClaim: string;
  roles: ProviderOptions['roles'];
  /** Address of the provider's sign-in page, and what the browser keeps meanwhile. */
  /** `asksAgain`: the provider asks who the person is, though the person has a session there. */
  begin(options: { asksAgain: boolean }): Promise<{ url: URL; secrets: SignInSecrets }>;
  /** Redeems the code in the query of the callback. */
  finish(query: string, secrets: SignInSecrets): Promise<SignedInPerson>;
  /** Address that ends the session at the provider. Undefined if it has none. */
  endSessionUrl(idToken: string): Promise<URL | undefined>;
  checkLogoutToken(token: string): Promise<LogoutToken>;
};

export const callbackPath = '/auth/callback';
export const backChannelLogoutPath = '/auth/back-channel-logout';

const defaultScopes = 'openid profile email';
const toleranceSeconds = 30;
/** Some providers date their tokens back by five minutes. */
const longestDifferenceSeconds = 5 * 60 + toleranceSeconds;
const timeoutSeconds = 10;
/** The provider's endpoints are read again after this time, in milliseconds. */
const rediscoverAfterMs = 3_600_000;
const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout';

type Discovered = { configuration: client.Configuration; keys: JWTVerifyGetKey };

/** Discovers the provider at the first use. A failed discovery is forgotten, so an outage ends with its cause. */
export function createIdentityProvider(
  { issuer, clientId, clientSecret, scopes = defaultScopes, name, groupsClaim = 'groups', roles }: ProviderOptions,
  publicUrl: string,
): IdentityProvider {
  const server = new URL(issuer);
  let known: { at: number; discovered: Promise<Discovered> } | undefined;

  async function discover(): Promise<Discovered> {
    const configuration = await client.discovery(
      server,
      clientId,
      { client_secret: clientSecret, [client.clockTolerance]: toleranceSeconds },
      undefined,
      {
        timeout: timeoutSeconds,
        execute: [client.enableNonRepudiationChecks, ...(isLoopbackHttp(server) ? [client.allowInsecureRequests] : [])],
      },
    );
    const { jwks_uri } = configuration.serverMetadata();
    if (jwks_uri === undefined) throw new Error('The provider names no jwks_uri.');
    return { configuration, keys: createRemoteJWKSet(new URL(jwks_uri)) };
  }
  function discovered(): Promise<Discovered> {
    if (known !== undefined && performance.now() - known.at < rediscoverAfterMs) return known.discovered;
    const fresh = { at: performance.now(), discovered: discover() };
    known = fresh;
    fresh.discovered.catch(() => {
      if (known === fresh) known = undefined;
    });
    return fresh.discovered;
  }

  return {
    issuer,
    name: name ?? server.host,
    groupsClaim,
    roles,
    async begin({ asksAgain }) {
      const { configuration } = await discovered();
      const secrets = {
        state: client.randomState(),
        nonce: client.randomNonce(),
        verifier: client.randomPKCECodeVerifier(),
      };
      const url = client.buildAuthorizationUrl(configuration, {
        redirect_uri: publicUrl + callbackPath,
        scope: scopes,
        state: secrets.state,
        nonce: secrets.nonce,
        code_challenge: await client.calculatePKCECodeChallenge(secrets.verifier),
        code_challenge_method: 'S256',
        // Google knows no `login`.
        ...(asksAgain && { prompt: server.hostname === 'accounts.google.com' ? 'select_account' : 'login' }),
      });
      return { url, secrets };
    },
    async finish(query, { state, nonce, verifier }) {
      const { configuration } = await discovered();
      // The public address, never the Host header: the provider compares it with the one that it was given.
      const tokens = await client.authorizationCodeGrant(configuration, new URL(publicUrl + callbackPath + query), {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (claims === undefined || tokens.id_token === undefined) throw new Error('The provider sent no ID token.');
      // The token was made just now. openid-client checks its end only.
      const ageSeconds = Math.round(Date.now() / 1000 - claims.iat);
      if (Math.abs(ageSeconds) > longestDifferenceSeconds) throw new ClocksDiffer(ageSeconds);
      const inToken = readGroups(groupsClaim, claims);
      const needsMore = inToken.known === undefined || claims['preferred_username'] === undefined;
      const more =
        needsMore && configuration.serverMetadata().userinfo_endpoint !== undefined
          ? await client.fetchUserInfo(configuration, tokens.access_token, claims.sub)
          : {};
      return {
        issuer: claims.iss,
        subject: claims.sub,
        sid: typeof claims['sid'] === 'string' ? claims['sid'] : undefined,
        names: namesOf(claims, more),
        groups: inToken.known === undefined ? readGroups(groupsClaim, claims, more) : inToken,
        idToken: tokens.id_token,
      };
    },
    async endSessionUrl(idToken) {
      const { configuration } = await discovered();
      if (configuration.serverMetadata().end_session_endpoint === undefined) return undefined;
      return client.buildEndSessionUrl(configuration, {
        id_token_hint: idToken,
        post_logout_redirect_uri: `${publicUrl}/login`,
      });
    },
    async checkLogoutToken(token) {
      const { configuration, keys } = await discovered();
      const { payload } = await jwtVerify(token, keys, {
        issuer: configuration.serverMetadata().issuer,
        audience: clientId,
        clockTolerance: toleranceSeconds,
        maxTokenAge: '2m',
        requiredClaims: ['jti', 'iat', 'events'],
      });
      const { iss, sub, sid, jti, nonce, events } = payload;
      const isLogout = typeof events === 'object' && events !== null && Object.hasOwn(events, logoutEvent);
      if (!isLogout) throw new LogoutTokenRefused('The token is for another event.');
      // A logout token with a nonce could pass for an ID token.
      if (nonce !== undefined) throw new LogoutTokenRefused('The token has a nonce.');
      if (iss === undefined || jti === undefined) throw new LogoutTokenRefused('The token has no iss or jti.');
      if (sub === undefined && typeof sid !== 'string')
        throw new LogoutTokenRefused('The token has no sub and no sid.');
      return { issuer: iss, subject: sub, sid: typeof sid === 'string' ? sid : undefined, jti };
    },
  };
}

/** The provider's clock is too far from this server's. */
export class ClocksDiffer extends Error {
  override readonly name = 'ClocksDiffer';

  constructor(ageSeconds: number) {
    const [difference, side] = [Math.abs(ageSeconds), ageSeconds > 0 ? 'behind' : 'ahead of'];
    super(`By its ID token the provider's clock is ${difference} s ${side} this server's. Keep both in time with NTP.`);
  }
}

/** A signed token that is no valid logout token. */
export class LogoutTokenRefused extends Error {
  override readonly name = 'LogoutTokenRefused';
}

import { Hono, type Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { errors } from 'jose';
import {
  backChannelLogoutPath,
  callbackPath,
  LogoutTokenRefused,
  type SignedInPerson,
  type SignInSecrets,
} from '../oidc/identity-provider.ts';
import { reasonOf, sentenceOf, type ProblemFacts, type ProviderReason } from '../oidc/provider-problem.ts';
import { rolesOf } from '../oidc/read-claims.ts';
import { endProviderSessions } from '../store/provider-sessions.ts';
import { admitPerson } from '../store/provider-users.ts';
import { brakeAddress } from '../store/sign-in.ts';
import { providerSessionSeconds } from '../store/sessions.ts';
import { clientAddress } from './client-address.ts';
import { startPath, type ProviderSignIn } from './provider-sign-in.ts';
import { writeSessionCookie } from './session-cookie.ts';
import type { SignIn } from './sign-in.ts';

/** From the start of a sign-in to its callback, in seconds. */
const signInSeconds = 600;
/** A problem is shown for so long, in seconds. */
const problemSeconds = 600;
const largestLogoutToken = 64 * 1024;

type Begun = SignInSecrets & { back: string };

/** Sign-in with the identity provider: its start, its callback, and the provider's own sign-outs. */
export function providerRoutes(signIn: SignIn, { provider, seal, publicUrl, log }: ProviderSignIn): Hono {
  const { store, sessions, failedSignIns, secureCookies, proxies } = signIn;
  const routes = new Hono();
  const later = (seconds: number) => new Date(store.clock().getTime() + seconds * 1000);
  const cookie = { path: callbackPath, secure: secureCookies, ...(secureCookies ? { prefix: 'secure' as const } : {}) };

  function fail(c: Context, reason: ProviderReason, facts: Partial<ProblemFacts> = {}): Response {
    const text = sentenceOf(reason, {
      provider: provider.name,
      passwords: signIn.passwordSignIn,
      groupsClaim: provider.groupsClaim,
      ...facts,
    });
    const problem = seal.close('sign-in-problem', text, later(problemSeconds));
    return c.redirect(`/login?problem=${problem}`);
  }
  function failed(c: Context, error: unknown, step: string): Response {
    const reason = reasonOf(error);
    const { message, code, cause } = error as { message?: string; code?: string; cause?: unknown };
    log.warn(
      { reason, code, problem: message, cause: causeText(cause) },
      `sign-in with the identity provider failed at its ${step}`,
    );
    failedSignIns.record({ by: 'provider', address: clientAddress(c, proxies), reason });
    return fail(c, reason);
  }

  routes.get(startPath, async (c) => {
    let begun;
    try {
      begun = await provider.begin({ asksAgain: c.req.query('again') !== undefined });
    } catch (error) {
      return failed(c, error, 'start');
    }
    const value: Begun = { ...begun.secrets, back: localPath(c.req.query('back'), publicUrl) };
    // Lax: the callback comes from the provider's site. One cookie for each sign-in, so that two tabs can sign in.
    setCookie(c, cookieName(begun.secrets.state), seal.close('sign-in', value, later(signInSeconds)), {
      ...cookie,
      httpOnly: true,
      sameSite: 'Lax',
      maxAge: signInSeconds,
    });
    return c.redirect(begun.url.href);
  });

  routes.get(callbackPath, async (c) => {
    const name = cookieName(c.req.query('state') ?? '');
    const kept = getCookie(c, name, cookie.prefix);
    const begun = kept === undefined ? undefined : (seal.open('sign-in', kept) as Begun | undefined);
    if (begun === undefined) return fail(c, 'not-begun');
    deleteCookie(c, name, cookie);
    const address = clientAddress(c, proxies);
    const brake = await brakeAddress(store, address);
    if (brake.blockedSeconds > 0) {
      failedSignIns.recordBlocked({ by: 'provider', address });
      return fail(c, 'blocked', { seconds: brake.blockedSeconds });
    }
    let person: SignedInPerson;
    try {
      person = await provider.finish(new URL(c.req.url).search, begun);
    } catch (error) {
      return failed(c, error, 'callback');
    }
    const roles = rolesOf(person.groups, provider.roles);
    const admission = await admitPerson(store, { ...person, roles, groups: person.groups.known });
    if (admission.outcome !== 'admitted') {
      const reason = admission.outcome === 'no-role' ? noRoleReason(person) : 'removed';
      log.warn({ reason, subject: person.subject }, 'a person of the identity provider may not sign in');
      failedSignIns.record({ by: 'provider', address, reason });
      return fail(c, reason, { person: person.names[0] ?? person.subject });
    }
    await brake.forgive();
    const { token } = await sessions.open(admission.reviewer, c.req.header('user-agent'), {
      provider: {
        issuer: person.issuer,
        subject: person.subject,
        sid: person.sid,
        sealedIdToken: seal.close('id-token', person.idToken, later(providerSessionSeconds)),
      },
    });
    writeSessionCookie(c, token, secureCookies);
    return c.redirect(begun.back);
  });

  routes.post(
    backChannelLogoutPath,
    bodyLimit({ maxSize: largestLogoutToken, onError: (c) => c.json({ error: 'invalid_request' }, 413) }),
    async (c) => {
      const token = new URLSearchParams(await c.req.text()).get('logout_token') ?? '';
      const refuse = (problem: string, status: 400 | 503) => {
        log.warn({ problem }, 'a logout token of the identity provider was refused');
        failedSignIns.record({ by: 'logout-token', address: clientAddress(c, proxies), reason: problem });
        return c.json({ error: status === 400 ? 'invalid_request' : 'temporarily_unavailable' }, status);
      };
      let logout;
      try {
        logout = await provider.checkLogoutToken(token);
      } catch (error) {
        if (error instanceof LogoutTokenRefused || (error instanceof errors.JOSEError && !isTimeout(error)))
          return refuse(error.message, 400);
        return refuse('the provider does not answer', 503);
      }
      const ended = await endProviderSessions(store, logout);
      if (ended === undefined) return refuse('The token was used before.', 400);
      log.info({ ended }, 'the identity provider ended sessions');
      return c.body(null, 200);
    },
  );
  return routes;
}

function isTimeout(error: unknown): boolean {
  return error instanceof errors.JWKSTimeout;
}

function noRoleReason({ groups }: SignedInPerson): ProviderReason {
  if (groups.known !== undefined) return 'no-role';
  return groups.because === 'too-many' ? 'too-many-groups' : 'no-groups';
}

function cookieName(state: string): string {
  return `holdpoint_oidc_${state.slice(0, 8).replaceAll(/[^\w-]/g, '')}`;
}

/** A path of this server. Every other address becomes `/`. */
function localPath(back: string | undefined, publicUrl: string): string {
  const url = URL.parse(back ?? '/', publicUrl);
  if (url === null || url.origin !== new URL(publicUrl).origin) return '/';
  // A path with two slashes would be an address of another host.
  return url.pathname.replace(/^\/+/, '/') + url.search;
}

function causeText(cause: unknown): string | undefined {
  if (!(cause instanceof Error)) return undefined;
  return (cause as NodeJS.ErrnoException).code ?? cause.message;
}

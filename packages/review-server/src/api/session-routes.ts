import { OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import manifest from '../../package.json' with { type: 'json' };
import {
  sessionListSchema,
  sessionsEndedSchema,
  sessionSchema,
  signedInSchema,
  signInByLinkSchema,
  signInSchema,
  type Session,
  type SessionList,
  type SessionsEnded,
  type SignedIn,
} from '../contract/session.ts';
import {
  signedOutSchema,
  signInOptionsQuery,
  signInOptionsSchema,
  type SignedOut,
  type SignInOptions,
} from '../contract/sign-in-options.ts';
import { changePasswordSchema, passwordChangedSchema, type PasswordChanged } from '../contract/password.ts';
import {
  enrolSchema,
  partialSignInSchema,
  passkeySiteSchema,
  requestOptionsSchema,
  signInByPasskeySchema,
} from '../contract/passkeys.ts';
import { addRoute } from '../openapi/add-route.ts';
import { siteOf } from '../passkey-site.ts';
import { changeOwnPassword } from '../store/own-password.ts';
import { findIdToken } from '../store/provider-sessions.ts';
import type { Reviewer } from '../store/users.ts';
import { startPath } from './provider-sign-in.ts';
import { check, readBody } from './read-body.ts';
import { signedIn, type ReviewerVariables } from './reviewer-session.ts';
import { enrol, nextAfterPassword, signInByPasskey, signInOptions } from './second-factor.ts';
import { clearSessionCookie, refuseInsecureBrowser } from './session-cookie.ts';
import { openSession, signInByLink, signInByPassword, type SignIn, type SignInProblem } from './sign-in.ts';

/** Sign in, sign out, the user's own sessions and password. */
export function sessionRoutes(signIn: SignIn): OpenAPIHono<ReviewerVariables> {
  const { sessions, secureCookies, store } = signIn;
  const routes = new OpenAPIHono<ReviewerVariables>();

  async function answer(
    c: Context,
    result: Reviewer | SignInProblem,
    browser: boolean,
    facts: Record<string, string> = {},
  ): Promise<Response> {
    if ('status' in result) return c.json({ error: result.text }, result.status, retryHeader(result));
    const { token, expiresAt } = await openSession(signIn, c, result, { browser, facts });
    return c.json({ ...show(result, { expiresAt }), ...(browser ? {} : { token }) } satisfies SignedIn);
  }
  const answerPasskey = (c: Context, result: { user: Reviewer; passkey: string } | SignInProblem, browser: boolean) =>
    'user' in result ? answer(c, result.user, browser, { passkey: result.passkey }) : answer(c, result, browser);
  addRoute(
    routes,
    {
      method: 'post',
      path: '/session',
      tag: 'sign-in',
      summary: 'Sign in with name and password',
      body: signInSchema,
      answer: z.union([signedInSchema, partialSignInSchema]),
      errors: [429],
    },
    async (c) => {
      const {
        parsed: { name, password, browser },
      } = await readBody(c, signInSchema);
      if (browser) refuseInsecureBrowser(c, secureCookies);
      const result = await signInByPassword(signIn, c, { name, password });
      if ('status' in result) return answer(c, result, browser);
      const next = await nextAfterPassword(signIn, result, browser);
      if (next !== undefined && 'next' in next) return c.json(next);
      return answer(c, next ?? result, browser);
    },
  );
  addRoute(
    routes,
    {
      method: 'get',
      path: '/session/passkey',
      tag: 'sign-in',
      summary: 'Show where pages can sign in by passkey',
      answer: passkeySiteSchema,
      open: true,
    },
    (c) => {
      const site = siteOf(store);
      return c.json({ origin: 'problem' in site ? null : site.origin });
    },
  );
  addRoute(
    routes,
    {
      method: 'post',
      path: '/session/passkey/options',
      tag: 'sign-in',
      summary: 'Begin a sign-in by passkey, without a name',
      answer: requestOptionsSchema,
      errors: [429],
    },
    async (c) => {
      const options = await signInOptions(signIn, c);
      return 'status' in options
        ? c.json({ error: options.text }, options.status, retryHeader(options))
        : c.json(options);
    },
  );
  addRoute(
    routes,
    {
      method: 'post',
      path: '/session/passkey',
      tag: 'sign-in',
      summary: 'Sign in by passkey, without a name or after the password',
      body: signInByPasskeySchema,
      answer: signedInSchema,
    },
    async (c) => {
      const {
        parsed: { response, browser },
      } = await readBody(c, signInByPasskeySchema);
      if (browser) refuseInsecureBrowser(c, secureCookies);
      return answerPasskey(c, await signInByPasskey(signIn, c, response), browser);
    },
  );
  addRoute(
    routes,
    {
      method: 'post',
      path: '/session/passkey/enrol',
      tag: 'sign-in',
      summary: 'Add the first passkey after the password, and sign in',
      body: enrolSchema,
      answer: signedInSchema,
    },
    async (c) => {
      const {
        parsed: { name, response, browser },
      } = await readBody(c, enrolSchema);
      if (browser) refuseInsecureBrowser(c, secureCookies);
      return answerPasskey(c, await enrol(signIn, c, { name, response }), browser);
    },
  );
  addRoute(
    routes,
    {
      method: 'post',
      path: '/session/link',
      tag: 'sign-in',
      summary: 'Sign in with a one-time link',
      body: signInByLinkSchema,
      answer: signedInSchema,
      errors: [429],
    },
    async (c) => {
      const {
        parsed: { token, browser },
      } = await readBody(c, signInByLinkSchema);
      if (browser) refuseInsecureBrowser(c, secureCookies);
      return answer(c, await signInByLink(signIn, c, token), browser);
    },
  );
  addRoute(
    routes,
    { method: 'get', path: '/session', tag: 'sign-in', summary: 'Show the signed-in user', answer: sessionSchema },
    (c) => c.json(show(signedIn(c), c.var.session!)),
  );
  addRoute(
    routes,
    { method: 'delete', path: '/session', tag: 'sign-in', summary: 'Sign out', answer: signedOutSchema },
    async (c) => {
      const user = signedIn(c);
      const { id, byProvider } = c.var.session!;
      const idToken = byProvider ? await findIdToken(store, id) : undefined;
      await sessions.close(user, id);
      clearSessionCookie(c, secureCookies);
      const continueAt = await endSessionUrl(signIn, idToken);
      return c.json({ signedOut: true, ...(continueAt !== undefined && { continueAt }) } satisfies SignedOut);
    },
  );
  addRoute(
    routes,
    {
      method: 'get',
      path: '/sign-in',
      tag: 'sign-in',
      open: true,
      summary: 'List the ways to sign in',
      query: signInOptionsQuery,
      answer: signInOptionsSchema,
    },
    (c) => {
      const { problem } = check(signInOptionsQuery, c.req.query());
      return c.json(waysToSignIn(signIn, problem));
    },
  );
  addRoute(
    routes,
    { method: 'get', path: '/sessions', tag: 'sign-in', summary: 'List your sessions', answer: sessionListSchema },
    async (c) => {
      const own = await sessions.list(signedIn(c));
      return c.json({
        sessions: own.map(({ id, createdAt, expiresAt, agent }) => ({
          id,
          createdAt,
          expiresAt,
          agent,
          current: id === c.var.session!.id,
        })),
      } satisfies SessionList);
    },
  );
  addRoute(
    routes,
    {
      method: 'delete',
      path: '/sessions',
      tag: 'sign-in',
      summary: 'End all your other sessions',
      answer: sessionsEndedSchema,
    },
    async (c) => c.json({ ended: await sessions.closeOthers(signedIn(c), c.var.session!.id) } satisfies SessionsEnded),
  );
  addRoute(
    routes,
    { method: 'delete', path: '/sessions/{id}', tag: 'sign-in', summary: 'End one of your sessions', errors: [404] },
    async (c) => {
      if (!(await sessions.close(signedIn(c), c.req.param('id'))))
        throw new HTTPException(404, { message: 'You have no session with this id. It may have ended.' });
      return c.json({ signedOut: true });
    },
  );
  addRoute(
    routes,
    {
      method: 'put',
      path: '/password',
      tag: 'sign-in',
      summary: 'Change your own password',
      body: changePasswordSchema,
      answer: passwordChangedSchema,
      errors: [403, 429],
    },
    async (c) => {
      const { name } = signedIn(c);
      const {
        parsed: { current, password },
      } = await readBody(c, changePasswordSchema);
      const result = await signInByPassword(signIn, c, { name, password: current, by: 'password-change' });
      if ('status' in result) {
        const { status, text } = result.status === 401 ? { status: 403 as const, text: wrongCurrent } : result;
        return c.json({ error: text }, status, retryHeader(result));
      }
      const ended = await changeOwnPassword(store, result, { password, keptSession: c.var.session!.id });
      if (ended === undefined) throw new HTTPException(401, { message: 'This user was removed.' });
      return c.json({ ended } satisfies PasswordChanged);
    },
  );
  return routes;
}

const wrongCurrent = 'The current password is wrong. Nothing was changed.';

function retryHeader({ retryAfter }: SignInProblem): Record<string, string> {
  return retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
}

function show({ name, roles }: Reviewer, { expiresAt, byProvider = false }: ShownSession): Session {
  return {
    reviewer: { name, roles: [...roles] },
    expiresAt,
    server: { version: manifest.version },
    ...(byProvider && { byProvider }),
  };
}

type ShownSession = { expiresAt: string; byProvider?: boolean };

/** Where the browser signs out at the identity provider. Undefined if the session did not begin there. */
async function endSessionUrl({ providerSignIn }: SignIn, sealed: string | undefined): Promise<string | undefined> {
  if (providerSignIn === undefined || sealed === undefined) return undefined;
  const { provider, seal, log } = providerSignIn;
  const idToken = seal.open('id-token', sealed);
  if (typeof idToken !== 'string') return undefined;
  try {
    return (await provider.endSessionUrl(idToken))?.href;
  } catch (error) {
    // The session here has ended in any case.
    log.warn({ err: error }, 'the identity provider could not be asked for its sign-out');
    return undefined;
  }
}

function waysToSignIn({ passwordSignIn, providerSignIn }: SignIn, problem: string | undefined): SignInOptions {
  if (providerSignIn === undefined) return { password: passwordSignIn, provider: null, problem: null };
  const { provider, seal, publicUrl } = providerSignIn;
  const text = problem === undefined ? undefined : seal.open('sign-in-problem', problem);
  return {
    password: passwordSignIn,
    // The public address, where the callback's cookie belongs.
    provider: { name: provider.name, start: publicUrl + startPath },
    problem: typeof text === 'string' ? text : null,
  };
}

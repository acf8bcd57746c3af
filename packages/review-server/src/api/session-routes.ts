import { Hono, type Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import manifest from '../../package.json' with { type: 'json' };
import {
  signInByLinkSchema,
  signInSchema,
  type Session,
  type SessionList,
  type SessionsEnded,
  type SignedIn,
} from '../contract/reviewer-api.ts';
import type { Reviewer } from '../store/users.ts';
import { readBody } from './read-body.ts';
import { clearSessionCookie, signedIn, type ReviewerVariables } from './reviewer-session.ts';
import { openSession, signInByLink, signInByPassword, type SignIn, type SignInProblem } from './sign-in.ts';

/** Signing in and out, and one's own sessions. */
export function sessionRoutes(signIn: SignIn): Hono<ReviewerVariables> {
  const { sessions, secureCookies } = signIn;
  const routes = new Hono<ReviewerVariables>();

  async function answer(c: Context, result: Reviewer | SignInProblem, browser: boolean): Promise<Response> {
    if ('status' in result)
      return c.json(
        { error: result.text },
        result.status,
        result.retryAfter === undefined ? {} : { 'retry-after': String(result.retryAfter) },
      );
    const { token, expiresAt } = await openSession(signIn, c, result, browser);
    return c.json({ ...show(result, expiresAt), ...(browser ? {} : { token }) } satisfies SignedIn);
  }
  routes.post('/session', async (c) => {
    const {
      parsed: { name, password, browser },
    } = await readBody(c, signInSchema);
    return answer(c, await signInByPassword(signIn, c, name, password), browser);
  });
  routes.post('/session/link', async (c) => {
    const {
      parsed: { token, browser },
    } = await readBody(c, signInByLinkSchema);
    return answer(c, await signInByLink(signIn, token), browser);
  });
  routes.get('/session', (c) => c.json(show(signedIn(c), c.var.session!.expiresAt)));
  routes.delete('/session', async (c) => {
    await sessions.close(signedIn(c), c.var.session!.id);
    clearSessionCookie(c, secureCookies);
    return c.json({ signedOut: true });
  });
  routes.get('/sessions', async (c) => {
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
  });
  routes.delete('/sessions', async (c) =>
    c.json({ ended: await sessions.closeOthers(signedIn(c), c.var.session!.id) } satisfies SessionsEnded),
  );
  routes.delete('/sessions/:id', async (c) => {
    if (!(await sessions.close(signedIn(c), c.req.param('id'))))
      throw new HTTPException(404, { message: 'You have no such session; it may have ended.' });
    return c.json({ signedOut: true });
  });
  return routes;
}

function show({ name, roles }: Reviewer, expiresAt: string): Session {
  return { reviewer: { name, roles: [...roles] }, expiresAt, server: { version: manifest.version } };
}

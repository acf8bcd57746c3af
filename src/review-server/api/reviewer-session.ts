import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { createMiddleware } from 'hono/factory';
import { SESSION_SECONDS, type Sessions } from '../store/sessions.ts';
import type { Reviewer } from '../store/reviewers.ts';

/** Who is signed in, for the routes behind `readSession`. */
export type ReviewerVariables = { Variables: { reviewer?: Reviewer; sessionToken?: string } };

const COOKIE = 'holdpoint_session';

/** Reads the sign-in from a bearer token or the browser's cookie; the routes decide whether they need one. */
export function readSession(sessions: Sessions) {
  return createMiddleware<ReviewerVariables>(async (c, next) => {
    const token = /^Bearer (\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1] ?? getCookie(c, COOKIE);
    const reviewer = token === undefined ? undefined : await sessions.find(token);
    if (token !== undefined && reviewer !== undefined) {
      c.set('reviewer', reviewer);
      c.set('sessionToken', token);
    }
    await next();
  });
}

/** Signs the browser in. Lax lets a review link in a mail arrive signed in; no GET changes anything. */
export function writeSessionCookie(c: Context, token: string, secure: boolean): void {
  setCookie(c, COOKIE, token, { httpOnly: true, sameSite: 'Lax', secure, path: '/', maxAge: SESSION_SECONDS });
}

/** Signs the browser out. */
export function clearSessionCookie(c: Context): void {
  deleteCookie(c, COOKIE, { path: '/' });
}

import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { HTTPException } from 'hono/http-exception';
import { sessionSeconds } from '../store/sessions.ts';

const cookieName = 'holdpoint_session';

/**
 * The cookie that this request may use. `host`: `__Host-holdpoint_session`, which browsers take over https only and
 * which no other host can set. `plain`: at a loopback address over http. `none`: over http from another machine.
 */
type CookieKind = 'host' | 'plain' | 'none';

function cookieKind(c: Context, secure: boolean): CookieKind {
  if (secure) return 'host';
  return isLoopback(c.req.header('host')) ? 'plain' : 'none';
}

function isLoopback(host: string | undefined): boolean {
  const name = URL.parse(`http://${host}`)?.hostname ?? '';
  return /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(name);
}

/** The session's token in the browser's cookie. Cookies of the other kind are ignored: another host may have set them. */
export function readSessionCookie(c: Context, secure: boolean): string | undefined {
  const kind = cookieKind(c, secure);
  if (kind === 'none') return undefined;
  return kind === 'host' ? getCookie(c, cookieName, 'host') : getCookie(c, cookieName);
}

/** Refuses a browser's sign-in that could get no cookie, before the password is checked. @throws HTTPException 400. */
export function refuseInsecureBrowser(c: Context, secure: boolean): void {
  if (cookieKind(c, secure) === 'none')
    throw new HTTPException(400, {
      message:
        'A browser signs in over https, or at an address of this machine such as http://127.0.0.1:7342. Put https in front of the server, and set HOLDPOINT_REVIEW_PUBLIC_URL to its https:// address.',
    });
}

/**
 * Signs the browser in. `SameSite=Strict` keeps the cookie out of requests from other sites. Review links in a mail or
 * chat still work: the page needs no sign-in, and its own calls come from this site.
 */
export function writeSessionCookie(c: Context, token: string, secure: boolean): void {
  setCookie(c, cookieName, token, {
    httpOnly: true,
    sameSite: 'Strict',
    secure,
    path: '/',
    maxAge: sessionSeconds,
    ...(secure ? { prefix: 'host' } : {}),
  });
}

/** Signs the browser out. */
export function clearSessionCookie(c: Context, secure: boolean): void {
  deleteCookie(c, cookieName, { path: '/', secure, ...(secure ? { prefix: 'host' } : {}) });
}

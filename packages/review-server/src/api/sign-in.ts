import type { Context } from 'hono';
import { equalInConstantTime, sha256 } from '@holdpoint/json/digest';
import { signInTokenExpiry } from '../contract/sign-in-token.ts';
import type { FailedSignIn, FailedSignIns } from '../store/failed-sign-ins.ts';
import type { ReviewStore } from '../store/review-store.ts';
import type { Sessions } from '../store/sessions.ts';
import type { SignInLinks } from '../store/sign-in-links.ts';
import { checkPassword } from '../store/sign-in.ts';
import { findReviewer, type Reviewer } from '../store/users.ts';
import { clientAddress } from './client-address.ts';
import type { ProviderSignIn } from './provider-sign-in.ts';
import { writeSessionCookie } from './session-cookie.ts';

export type SignIn = {
  store: ReviewStore;
  sessions: Sessions;
  failedSignIns: FailedSignIns;
  /** True if browsers reach this server by https only. */
  secureCookies: boolean;
  /** Number of trusted proxies in front. */
  proxies: number;
  /** False: only links and the identity provider sign in. */
  passwordSignIn: boolean;
  /** Sign-in with the identity provider, where it is configured. */
  providerSignIn?: ProviderSignIn | undefined;
  /** One-time links of the first reviewer: this token, and tokens sealed with the session secret. */
  loginToken?: { token: string; reviewer: string; sessionSecret: string; links: SignInLinks } | undefined;
};

/** Why a sign-in failed. */
export type SignInProblem = {
  status: 401 | 403 | 429;
  text: string;
  /** Seconds until the next try. */
  retryAfter?: number;
};

/** The user with this name and password. */
export async function signInByPassword(
  { store, failedSignIns, proxies, passwordSignIn }: SignIn,
  c: Context,
  { name, password, by = 'password' }: { name: string; password: string; by?: FailedSignIn['by'] },
): Promise<Reviewer | SignInProblem> {
  if (!passwordSignIn)
    return { status: 403, text: 'Passwords are switched off at this server. Sign in with the identity provider.' };
  const address = clientAddress(c, proxies);
  const result = await checkPassword(store, name, password, address);
  if (result.outcome === 'signed-in') return result.reviewer;
  if (result.outcome === 'wrong') {
    failedSignIns.record({ name, by, address });
    return { status: 401, text: 'Wrong name or password.' };
  }
  failedSignIns.recordBlocked({ name, by, address });
  return {
    status: 429,
    text: `Too many wrong passwords. Try again in ${result.seconds} seconds.`,
    retryAfter: result.seconds,
  };
}

/** The user of the one-time link. It works once, and for a limited time. */
export async function signInByLink(
  { store, failedSignIns, proxies, passwordSignIn, loginToken }: SignIn,
  c: Context,
  token: string,
): Promise<Reviewer | SignInProblem> {
  const known =
    loginToken !== undefined &&
    (equalInConstantTime(sha256(token), sha256(loginToken.token)) ||
      signInTokenExpiry(loginToken.sessionSecret, token) !== undefined);
  const reviewer =
    known && (await loginToken.links.take(token)) ? await findReviewer(store, loginToken.reviewer) : undefined;
  if (reviewer !== undefined) return reviewer;
  failedSignIns.record({ by: 'link', address: clientAddress(c, proxies) });
  return {
    status: 401,
    text: `This link is not valid, has expired or was used before. ${passwordSignIn ? 'Sign in with name and password.' : 'Sign in with the identity provider.'}${loginToken === undefined ? '' : ' An administrator of the server can make a new link: npx holdpoint dev --link for a server of holdpoint dev, a new HOLDPOINT_REVIEW_LOGIN_TOKEN for another.'}`,
  };
}

/** Opens a session. With `browser` its token is set as a cookie. `facts` join the audit entry. */
export async function openSession(
  { sessions, secureCookies }: SignIn,
  c: Context,
  reviewer: Reviewer,
  { browser, facts = {} }: { browser: boolean; facts?: Record<string, string> },
): Promise<{ token: string; expiresAt: string }> {
  const session = await sessions.open(reviewer, c.req.header('user-agent'), { facts });
  if (browser) writeSessionCookie(c, session.token, secureCookies);
  return session;
}

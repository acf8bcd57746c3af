import type { Context } from 'hono';
import { equalInConstantTime, sha256 } from '@holdpoint/json/digest';
import type { ReviewStore } from '../store/review-store.ts';
import type { Sessions } from '../store/sessions.ts';
import { isSignInToken } from '../contract/sign-in-token.ts';
import { checkPassword } from '../store/sign-in.ts';
import { findReviewer, type Reviewer } from '../store/users.ts';
import { clientAddress } from './client-address.ts';
import { writeSessionCookie } from './reviewer-session.ts';

export type SignIn = {
  store: ReviewStore;
  sessions: Sessions;
  /** True if browsers reach this server by https only. */
  secureCookies: boolean;
  /** Number of trusted proxies in front. */
  proxies: number;
  /** One-time links of the first reviewer: this token, and tokens sealed with the session secret. */
  loginToken?: { token: string; reviewer: string; sessionSecret: string } | undefined;
};

/** Why a sign-in failed. */
export type SignInProblem = {
  status: 401 | 429;
  text: string;
  /** Seconds until the next try. */
  retryAfter?: number;
};

/** The user with this name and password. */
export async function signInByPassword(
  { store, proxies }: SignIn,
  c: Context,
  name: string,
  password: string,
): Promise<Reviewer | SignInProblem> {
  const result = await checkPassword(store, name, password, clientAddress(c, proxies));
  if (result.outcome === 'signed-in') return result.reviewer;
  if (result.outcome === 'wrong') return { status: 401, text: 'Wrong name or password.' };
  return {
    status: 429,
    text: `Too many wrong passwords. Try again in ${result.seconds} seconds.`,
    retryAfter: result.seconds,
  };
}

/** The user of the one-time link. It works once. */
export async function signInByLink(
  { store, sessions, loginToken }: SignIn,
  token: string,
): Promise<Reviewer | SignInProblem> {
  const known =
    loginToken !== undefined &&
    (equalInConstantTime(sha256(token), sha256(loginToken.token)) ||
      isSignInToken(loginToken.sessionSecret, token, store.clock().getTime()));
  const reviewer =
    known && (await sessions.takeLoginToken(token)) ? await findReviewer(store, loginToken.reviewer) : undefined;
  return (
    reviewer ?? {
      status: 401,
      text: `This link is not valid or was used before. Sign in with name and password.${loginToken === undefined ? '' : ' A new link: npx holdpoint dev --link'}`,
    }
  );
}

/** Opens a session. With `browser` its token is set as a cookie. */
export async function openSession(
  { sessions, secureCookies }: SignIn,
  c: Context,
  reviewer: Reviewer,
  browser: boolean,
): Promise<{ token: string; expiresAt: string }> {
  const session = await sessions.open(reviewer, c.req.header('user-agent'));
  if (browser) writeSessionCookie(c, session.token, secureCookies);
  return session;
}

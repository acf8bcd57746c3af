import type { Context } from 'hono';
import { equalInConstantTime, sha256 } from '@holdpoint/json/digest';
import type { ReviewStore } from '../store/review-store.ts';
import type { Sessions } from '../store/sessions.ts';
import { checkPassword } from '../store/sign-in.ts';
import { findReviewer, type Reviewer } from '../store/users.ts';
import { clientAddress } from './client-address.ts';
import { writeSessionCookie } from './reviewer-session.ts';

/** What a sign-in works with. */
export interface SignIn {
  store: ReviewStore;
  sessions: Sessions;
  /** Whether browsers reach this server by https only. */
  secureCookies: boolean;
  /** How many proxies of one's own stand in front. */
  proxies: number;
  loginToken?: { token: string; reviewer: string } | undefined;
}

/** Why nobody was signed in. */
export interface SignInProblem {
  status: 401 | 429;
  text: string;
  /** After how many seconds to try again. */
  retryAfter?: number;
}

/** Who has this name and password. */
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

/** Whom the one-time link signs in, once. */
export async function signInByLink(
  { store, sessions, loginToken }: SignIn,
  token: string,
): Promise<Reviewer | SignInProblem> {
  const known = loginToken !== undefined && equalInConstantTime(sha256(token), sha256(loginToken.token));
  const reviewer =
    known && (await sessions.takeLoginToken(token)) ? await findReviewer(store, loginToken.reviewer) : undefined;
  return (
    reviewer ?? { status: 401, text: 'This link was used before or is not valid. Sign in with name and password.' }
  );
}

/** Opens the session; with `browser` its token goes into the cookie. */
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

import type { Context } from 'hono';
import { networkOf } from '../ip-address.ts';
import type { Assertion, NewPasskey, PartialSignIn, RequestOptions } from '../contract/passkeys.ts';
import { siteOf } from '../passkey-site.ts';
import { makeChallenge } from '../store/challenges.ts';
import { checkAssertion, refusalTexts, type PasskeyRefusal } from '../store/check-assertion.ts';
import {
  addPasskey,
  creationOptions,
  listPasskeys,
  mustHavePasskey,
  readPasskeyRules,
  requestOptions,
} from '../store/passkeys.ts';
import { findReviewerById, type Reviewer } from '../store/users.ts';
import { clientAddress } from './client-address.ts';
import type { SignIn, SignInProblem } from './sign-in.ts';

/** The answer to too many open challenges of one caller. */
export const tooManyChallenges = {
  status: 429,
  text: 'Too many attempts by passkey are open. Try again in five minutes.',
  retryAfter: 300,
} as const satisfies SignInProblem;

/**
 * The step after a right password: prove a passkey, or add the first one where the rules want one. Undefined when the
 * password is enough. The challenge is the whole state of the partial sign-in: nothing else can be done with it.
 */
export async function nextAfterPassword(
  { store }: SignIn,
  user: Reviewer,
  browser: boolean,
): Promise<PartialSignIn | SignInProblem | undefined> {
  const own = await listPasskeys(store.database, user.id);
  if (own.length === 0 && !mustHavePasskey(await readPasskeyRules(store), user.roles)) return undefined;
  const site = siteOf(store);
  if ('problem' in site) return { status: 403, text: `${user.name} needs a passkey to sign in. ${site.problem}` };
  const { origin, rpId } = site;
  if (!browser)
    return {
      status: 403,
      text: `${user.name} signs in with a passkey, in the inbox at ${origin}. A program signs in as a user without one.`,
    };
  const kind = own.length === 0 ? 'enrol' : 'second-factor';
  const made = await makeChallenge(store, { kind, userId: user.id });
  if (made === undefined) return tooManyChallenges;
  return kind === 'enrol'
    ? { next: { kind, origin, options: creationOptions(rpId, made, user, own) } }
    : { next: { kind: 'passkey', origin, options: requestOptions(rpId, made, own) } };
}

/** Options for a sign-in without a name: the device offers its passkeys of this site. */
export async function signInOptions({ store, proxies }: SignIn, c: Context): Promise<RequestOptions | SignInProblem> {
  const site = siteOf(store);
  if ('problem' in site) return { status: 403, text: site.problem };
  const made = await makeChallenge(store, { kind: 'sign-in', network: networkOf(clientAddress(c, proxies) ?? '') });
  return made === undefined ? tooManyChallenges : requestOptions(site.rpId, made, []);
}

/** The user whose passkey answered: after the password, or without a name. */
export async function signInByPasskey(
  { store, failedSignIns, proxies }: SignIn,
  c: Context,
  response: Assertion,
): Promise<{ user: Reviewer; passkey: string } | SignInProblem> {
  const check = await store.database.kysely
    .transaction()
    .execute((transaction) => checkAssertion(store, transaction, response, { kinds: ['sign-in', 'second-factor'] }));
  if (check.ok) return { user: check.user, passkey: check.passkey.id };
  const { reason, user, passkey } = check;
  failedSignIns.record({
    ...(user === undefined ? {} : { name: user }),
    by: 'passkey',
    address: clientAddress(c, proxies),
    reason,
    passkey: passkey?.id,
  });
  return { status: 401, text: refusalTexts[reason] };
}

/** Adds the first passkey after a right password, where the rules want one. */
export async function enrol(
  { store, failedSignIns, proxies }: SignIn,
  c: Context,
  { name, response }: { name: string; response: NewPasskey },
): Promise<{ user: Reviewer; passkey: string } | SignInProblem> {
  const added = await addPasskey(store, { user: undefined, sessionId: undefined, name, response });
  if (added.outcome === 'added') {
    const user = await findReviewerById(store, added.userId);
    if (user !== undefined) return { user, passkey: added.passkey.id };
  }
  const reason: PasskeyRefusal = added.outcome === 'refused' ? added.reason : 'challenge';
  failedSignIns.record({ by: 'passkey', address: clientAddress(c, proxies), reason });
  return { status: 401, text: refusalTexts[reason] };
}

import type { Transaction } from 'kysely';
import type { Assertion } from '../contract/passkeys.ts';
import { siteOf } from '../passkey-site.ts';
import { appendAudit } from './audit.ts';
import { takeChallenge, type ChallengeKind } from './challenges.ts';
import type { ReviewStore } from './review-store.ts';
import type { PasskeysTable } from './passkey-tables.ts';
import type { ReviewTables } from './tables.ts';
import { readRoles, type Reviewer } from './users.ts';

/** Why a passkey was refused, as in the audit. */
export type PasskeyRefusal =
  | 'no-site'
  | 'malformed'
  | 'challenge'
  | 'other-session'
  | 'other-act'
  | 'unknown-passkey'
  | 'other-user'
  | 'wrong-origin'
  | 'no-user-verification'
  | 'signature'
  | 'counter'
  | 'provider';

/** Each reason as a sentence for the person at the device. */
export const refusalTexts: Record<PasskeyRefusal, string> = {
  'no-site': 'This server has no address that can have passkeys.',
  malformed: 'The answer of the passkey is not readable. Try again.',
  challenge: 'This question to your passkey was answered before, or has expired. Try again.',
  'other-session': 'This question to your passkey came from another sign-in. Try again.',
  'other-act': 'Your passkey confirmed something else than this. Look at it again, then confirm it.',
  'unknown-passkey': 'This server does not know this passkey. It may have been removed. Use another one.',
  'other-user': 'This passkey belongs to another user. Use one of yours.',
  'wrong-origin': 'The answer of the passkey came from another address. Open the inbox at its own address.',
  'no-user-verification':
    'The device did not check that it is you, by PIN, fingerprint or face. Set that up on the device, or use another passkey.',
  signature: 'The signature of the passkey is wrong. Try again.',
  provider: 'You sign in at your identity provider. This passkey confirms critical approvals only.',
  counter:
    'The counter of this passkey went backwards, so there may be a copy of it. Use another passkey, and tell an administrator.',
};

export type AssertionCheck =
  | { ok: true; user: Reviewer; passkey: { id: string; name: string }; kind: ChallengeKind }
  /** `user`: the owner of the passkey, where it is known. */
  | { ok: false; reason: PasskeyRefusal; user: string | undefined; passkey: { id: string; name: string } | undefined };

type Expected = {
  kinds: readonly ChallengeKind[];
  /** Only this user's passkeys and challenges count. */
  userId?: string;
  sessionId?: string;
  /** Digest of the act that the challenge must be bound to. */
  boundDigest?: string;
};

/**
 * Checks a passkey's answer, takes its challenge, and advances the passkey's counter, in the caller's transaction. The
 * transaction must commit after a refusal too, or the challenge could be used again.
 */
export async function checkAssertion(
  store: ReviewStore,
  transaction: Transaction<ReviewTables>,
  assertion: Assertion,
  { kinds, userId, sessionId, boundDigest }: Expected,
): Promise<AssertionCheck> {
  const { database, clock } = store;
  const site = siteOf(store);
  const refuse = (reason: PasskeyRefusal, row?: { id: string; name: string; user: string }): AssertionCheck => ({
    ok: false,
    reason,
    user: row?.user,
    passkey: row && { id: row.id, name: row.name },
  });
  if ('problem' in site) return refuse('no-site');
  const client = readClientData(assertion.response.clientDataJSON);
  if (client === undefined) return refuse('malformed');
  const now = clock();
  const taken = await takeChallenge(transaction, client.challenge, { kinds, now });
  const row = await transaction
    .selectFrom('passkeys')
    .innerJoin('users', 'users.id', 'passkeys.user_id')
    .where('passkeys.id', '=', assertion.id)
    .where('users.removed_at', 'is', null)
    .selectAll('passkeys')
    .select(['users.name as user', 'users.roles'])
    .$if(database.kind === 'postgres', (query) => query.forUpdate('passkeys'))
    .executeTakeFirst();
  if (taken === undefined) return refuse('challenge', row);
  if (taken.session_id !== (sessionId ?? null)) return refuse('other-session', row);
  if (taken.bound_digest !== (boundDigest ?? null)) return refuse('other-act', row);
  if (row === undefined) return refuse('unknown-passkey');
  const { userHandle } = assertion.response;
  const isOwner =
    (userId === undefined || row.user_id === userId) &&
    (taken.user_id === null ? userHandle != null : taken.user_id === row.user_id) &&
    (userHandle == null || userHandle === userHandleOf(row.user_id));
  if (!isOwner) return refuse('other-user', row);
  if (client.crossOrigin === true) return refuse('wrong-origin', row);
  // The provider must be able to keep a person out.
  if (taken.kind === 'sign-in' && (await isOfProvider(transaction, row.user_id))) return refuse('provider', row);
  const verified = await verify(assertion, row, { challenge: client.challenge, ...site });
  if (typeof verified === 'string') return refuse(verified, row);
  // The signature is checked first: only the key itself can report a lower counter.
  const before = Number(row.counter);
  if ((before > 0 || verified.newCounter > 0) && verified.newCounter <= before) return refuse('counter', row);
  await transaction
    .updateTable('passkeys')
    .set({
      counter: verified.newCounter,
      backed_up: verified.credentialBackedUp ? 1 : 0,
      last_used_at: now.toISOString(),
    })
    .where('id', '=', row.id)
    .execute();
  return {
    ok: true,
    user: { id: row.user_id, name: row.user, roles: readRoles(row.roles) },
    passkey: { id: row.id, name: row.name },
    kind: taken.kind,
  };
}

/** Records a refusal for the administrators. The account is not locked. */
export async function recordRefusal(
  { clock }: ReviewStore,
  transaction: Transaction<ReviewTables>,
  {
    user,
    purpose,
    check,
    subject,
  }: {
    user: string;
    purpose: 'step-up' | 'proof';
    check: Extract<AssertionCheck, { ok: false }>;
    subject?: string;
  },
): Promise<void> {
  await appendAudit(transaction, {
    at: clock().toISOString(),
    actor: `reviewer:${user}`,
    event: 'passkey-refused',
    subject: subject ?? user,
    facts: { purpose, reason: check.reason, passkey: check.passkey?.id ?? null },
  });
}

/** The user's id as WebAuthn carries it. It never is the name. */
export function userHandleOf(userId: string): string {
  return Buffer.from(userId).toString('base64url');
}

/** The parts of `clientDataJSON` that are needed before the check. Undefined for anything else. */
export function readClientData(text: string): { challenge: string; crossOrigin?: unknown } | undefined {
  try {
    const data: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (typeof data !== 'object' || data === null || !('challenge' in data)) return undefined;
    const { challenge, crossOrigin } = data as { challenge: unknown; crossOrigin?: unknown };
    return typeof challenge === 'string' ? { challenge, crossOrigin } : undefined;
  } catch {
    return undefined;
  }
}

async function isOfProvider(transaction: Transaction<ReviewTables>, userId: string): Promise<boolean> {
  const identity = await transaction
    .selectFrom('provider_identities')
    .select('user_id')
    .where('user_id', '=', userId)
    .executeTakeFirst();
  return identity !== undefined;
}

async function verify(
  { id, rawId, response }: Assertion,
  { public_key, transports }: PasskeysTable,
  { challenge, rpId, origin }: { challenge: string; rpId: string; origin: string },
): Promise<PasskeyRefusal | { newCounter: number; credentialBackedUp: boolean }> {
  const { verifyAuthenticationResponse } = await import('@simplewebauthn/server');
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: {
        id,
        rawId,
        type: 'public-key',
        clientExtensionResults: {},
        response: {
          clientDataJSON: response.clientDataJSON,
          authenticatorData: response.authenticatorData,
          signature: response.signature,
          ...(response.userHandle == null ? {} : { userHandle: response.userHandle }),
        },
      },
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: rpId,
      requireUserVerification: true,
      credential: {
        id,
        publicKey: Uint8Array.from(Buffer.from(public_key, 'base64url')),
        // The caller compares counters.
        counter: 0,
        transports: JSON.parse(transports) as string[],
      },
    });
    return verified ? authenticationInfo : 'signature';
  } catch (error) {
    return reasonOf(error);
  }
}

/** The library throws errors without codes. Each text that is not known means a malformed answer. */
export function reasonOf(error: unknown): PasskeyRefusal {
  const text = error instanceof Error ? `${error.name} ${error.message}` : '';
  if (/origin|RP ?ID/i.test(text)) return 'wrong-origin';
  return /User verification|User not present/i.test(text) ? 'no-user-verification' : 'malformed';
}

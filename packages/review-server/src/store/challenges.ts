import { randomBytes } from 'node:crypto';
import type { Kysely, Transaction } from 'kysely';
import type { ReviewStore } from './review-store.ts';
import type { WebauthnChallengesTable } from './passkey-tables.ts';
import type { ReviewTables } from './tables.ts';

/** The purpose of a challenge. It is good for nothing else. */
export type ChallengeKind = WebauthnChallengesTable['kind'];

/** How long each kind is valid, in milliseconds. Those of `partial` sign-ins stand for a right password. */
const validForMs: Record<ChallengeKind, number> = {
  'sign-in': 5 * 60_000,
  'second-factor': 5 * 60_000,
  enrol: 5 * 60_000,
  register: 5 * 60_000,
  proof: 2 * 60_000,
  'step-up': 2 * 60_000,
};

/** Open challenges of one network, user or session, per kind. */
const mostOpen = 50;

type NewChallenge = {
  kind: ChallengeKind;
  userId?: string;
  sessionId?: string;
  /** For callers without a user. */
  network?: string;
  boundDigest?: string;
};

/** Makes a challenge. Undefined when too many of the caller are open. */
export async function makeChallenge(
  { database: { kysely }, clock }: Pick<ReviewStore, 'database' | 'clock'>,
  { kind, userId, sessionId, network, boundDigest }: NewChallenge,
): Promise<{ challenge: string; timeout: number } | undefined> {
  const now = clock();
  await kysely.deleteFrom('webauthn_challenges').where('expires_at', '<=', now.toISOString()).execute();
  const { open } = await kysely
    .selectFrom('webauthn_challenges')
    .select((select) => select.fn.countAll<number | string>().as('open'))
    .where('kind', '=', kind)
    .$if(userId !== undefined, (query) => query.where('user_id', '=', userId!))
    .$if(userId === undefined && network !== undefined, (query) => query.where('network', '=', network!))
    .executeTakeFirstOrThrow();
  if (Number(open) >= mostOpen) return undefined;
  const challenge = randomBytes(32).toString('base64url');
  await kysely
    .insertInto('webauthn_challenges')
    .values({
      challenge,
      kind,
      user_id: userId ?? null,
      session_id: sessionId ?? null,
      network: network ?? null,
      bound_digest: boundDigest ?? null,
      expires_at: new Date(now.getTime() + validForMs[kind]).toISOString(),
    })
    .execute();
  return { challenge, timeout: validForMs[kind] };
}

/**
 * Takes a challenge out of the store, so that it is good for one attempt, whatever comes of it. Undefined for one that is
 * unknown, taken, expired, or of another kind.
 */
export async function takeChallenge(
  transaction: Kysely<ReviewTables> | Transaction<ReviewTables>,
  challenge: string,
  { kinds, now }: { kinds: readonly ChallengeKind[]; now: Date },
): Promise<WebauthnChallengesTable | undefined> {
  const taken = await transaction
    .deleteFrom('webauthn_challenges')
    .where('challenge', '=', challenge)
    .returningAll()
    .executeTakeFirst();
  return taken !== undefined && kinds.includes(taken.kind) && taken.expires_at > now.toISOString() ? taken : undefined;
}

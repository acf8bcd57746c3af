import { randomUUID } from 'node:crypto';
import type { Transaction } from 'kysely';
import type { ReviewStore } from './review-store.ts';
import type { OutboxTable, ReviewTables } from './tables.ts';

/** A delivery that this process may make until its lease ends. */
export type DueDelivery = Pick<
  OutboxTable,
  'id' | 'kind' | 'approval_id' | 'url' | 'body' | 'attempts' | 'attempts_before_resend' | 'tried_since'
>;

/** What came of one attempt. */
export interface Attempt {
  at: Date;
  tookMs: number;
  /** The receiver's HTTP status; null when it did not answer. */
  status: number | null;
  /** Null when it was received. */
  problem: string | null;
}

/** How long one process has for one attempt; more than the attempt's own time-out. */
const LEASE_MS = 15_000;

/** Has people be told of a new request, once. Where to is a setting of the process, and often a secret, so it is not kept here. */
export async function addNotification(
  transaction: Transaction<ReviewTables>,
  approvalId: string,
  body: string,
  now: Date,
): Promise<void> {
  const at = now.toISOString();
  await transaction
    .insertInto('outbox')
    .values({
      id: randomUUID(),
      kind: 'notification',
      approval_id: approvalId,
      url: '',
      body,
      created_at: at,
      tried_since: at,
      attempts: 0,
      attempts_before_resend: 0,
      next_attempt_at: at,
    })
    .execute();
}

/** Spares people the news of a request that is decided by now. */
export async function dropNotifications(
  transaction: Transaction<ReviewTables>,
  approvalId: string,
  at: string,
): Promise<void> {
  await transaction
    .updateTable('outbox')
    .set({ abandoned_at: at })
    .where('approval_id', '=', approvalId)
    .where('kind', '=', 'notification')
    .where('delivered_at', 'is', null)
    .where('abandoned_at', 'is', null)
    .execute();
}

/** Gives back what an earlier process on a SQLite file, which is for one process, had taken when it died. */
export async function releaseLeases({ database: { kysely, kind } }: ReviewStore): Promise<void> {
  if (kind === 'sqlite')
    await kysely.updateTable('outbox').set({ leased_until: null }).where('leased_until', 'is not', null).execute();
}

/** Takes up to `most` due deliveries of these kinds that no other process is at; `attempts` counts this one. */
export async function takeDueDeliveries(
  { database: { kysely, kind }, clock }: ReviewStore,
  kinds: readonly OutboxTable['kind'][],
  most: number,
): Promise<DueDelivery[]> {
  const now = clock();
  const at = now.toISOString();
  return kysely
    .updateTable('outbox')
    .set((column) => ({
      attempts: column('attempts', '+', 1),
      leased_until: new Date(now.getTime() + LEASE_MS).toISOString(),
    }))
    .where('id', 'in', (builder) =>
      builder
        .selectFrom('outbox')
        .select('id')
        .where('kind', 'in', kinds)
        .where('delivered_at', 'is', null)
        .where('abandoned_at', 'is', null)
        .where('next_attempt_at', '<=', at)
        .where((builder) => builder.or([builder('leased_until', 'is', null), builder('leased_until', '<=', at)]))
        .orderBy('next_attempt_at')
        .limit(most)
        .$if(kind === 'postgres', (query) => query.forUpdate().skipLocked()),
    )
    .returning(['id', 'kind', 'approval_id', 'url', 'body', 'attempts', 'attempts_before_resend', 'tried_since'])
    .execute();
}

/** Records an attempt and what follows from it; one that failed without a next time gives the delivery up. */
export async function recordAttempt(
  { database: { kysely }, clock }: ReviewStore,
  { id, attempts, tried_since: triedSince }: DueDelivery,
  { at, tookMs, status, problem }: Attempt,
  nextAttemptAt: Date | undefined,
): Promise<void> {
  const now = clock().toISOString();
  const outcome =
    problem === null
      ? { delivered_at: now }
      : nextAttemptAt === undefined
        ? { abandoned_at: now }
        : { next_attempt_at: nextAttemptAt.toISOString() };
  await kysely.transaction().execute(async (transaction) => {
    // The same number again comes from an attempt of a process that was cut off and yet went on.
    await transaction
      .insertInto('delivery_attempts')
      .values({ delivery_id: id, number: attempts, at: at.toISOString(), took_ms: tookMs, status, problem })
      .onConflict((conflict) => conflict.columns(['delivery_id', 'number']).doNothing())
      .execute();
    await transaction
      .updateTable('outbox')
      .set({ leased_until: null, last_problem: problem })
      .where('id', '=', id)
      .execute();
    // What a person has sent again meanwhile goes out again, whatever came of this attempt.
    await transaction
      .updateTable('outbox')
      .set(outcome)
      .where('id', '=', id)
      .where('tried_since', '=', triedSince)
      .execute();
  });
}

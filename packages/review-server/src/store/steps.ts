import { randomUUID } from 'node:crypto';
import type { Transaction } from 'kysely';
import type { ReviewStore } from './review-store.ts';
import type { StepsTable } from './steps-table.ts';
import type { ReviewTables } from './tables.ts';

/** A timed step of an approval, as its kind stored it. */
type NewStep = {
  approvalId: string;
  /** A key of `stepKinds`. */
  kind: string;
  dueAt: Date;
  /** JSON. The kind reads it again when the step is due. */
  facts: unknown;
};

/**
 * Adds a step of an open approval, in the transaction of its cause. Announce a change of the approval in the same
 * transaction (`announceChange`, and `ReviewStore.onChange` after it): every server then plans for the step's time. The
 * transaction holds the lock of the approval, or creates it.
 */
export async function addStep(
  transaction: Transaction<ReviewTables>,
  { approvalId, kind, dueAt, facts }: NewStep,
  now: Date,
): Promise<StepsTable> {
  const due = dueAt.toISOString();
  return transaction
    .insertInto('steps')
    .values({
      id: `step_${randomUUID()}`,
      approval_id: approvalId,
      kind,
      facts: JSON.stringify(facts),
      created_at: now.toISOString(),
      due_at: due,
      attempts: 0,
      next_attempt_at: due,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Drops the open steps of an approval, or those of these kinds. Returns them. The caller holds the lock of the approval. */
export async function dropSteps(
  transaction: Transaction<ReviewTables>,
  approvalId: string,
  at: string,
  kinds?: readonly string[],
): Promise<StepsTable[]> {
  return transaction
    .updateTable('steps')
    .set({ done_at: at, result: 'dropped' })
    .where('approval_id', '=', approvalId)
    .where('done_at', 'is', null)
    .$if(kinds !== undefined, (query) => query.where('kind', 'in', kinds!))
    .returningAll()
    .execute();
}

/** Open steps of these kinds in the order of their times, those in the future too. */
export async function nextSteps(
  { database: { reads } }: ReviewStore,
  { kinds, most, except }: { kinds: readonly string[]; most: number; except: readonly string[] },
): Promise<Pick<StepsTable, 'id' | 'approval_id' | 'next_attempt_at'>[]> {
  if (kinds.length === 0) return [];
  return reads
    .selectFrom('steps')
    .select(['id', 'approval_id', 'next_attempt_at'])
    .where('done_at', 'is', null)
    .where('kind', 'in', kinds)
    .$if(except.length > 0, (query) => query.where('id', 'not in', except))
    .orderBy('next_attempt_at')
    .limit(most)
    .execute();
}

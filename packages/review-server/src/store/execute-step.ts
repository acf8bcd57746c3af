import type { Transaction } from 'kysely';
import type { ApprovalChange } from './approval-changes.ts';
import type { StoredApproval } from './approval.ts';
import { closeIfLapsed, lockApproval } from './open-approval.ts';
import type { ReviewStore } from './review-store.ts';
import type { StepsTable } from './steps-table.ts';
import type { ReviewTables } from './tables.ts';

/** A due step of an open approval, whose lock the transaction holds. */
type DueStep = {
  store: ReviewStore;
  transaction: Transaction<ReviewTables>;
  step: StepsTable;
  approval: StoredApproval;
  now: Date;
};

/**
 * The outcome of a step. `result` is stored with it. `change`: the change that the step announced in its transaction, for
 * the pages of this process.
 */
type StepResult = { result: string; change?: ApprovalChange['change'] | undefined };

/**
 * Executes steps of one kind, in one transaction with the mark that the step is done. It throws for a failure: the
 * transaction is rolled back and the step tried again later. It sends nothing to other systems (`addDelivery` does that).
 */
export type ExecuteStep = (due: DueStep) => Promise<StepResult>;

/** The kinds of steps that a server executes. It leaves steps of other kinds to newer versions. */
export type StepKinds = Readonly<Record<string, ExecuteStep>>;

const shortestPauseMs = 1000;
const longestPauseMs = 60_000;

/**
 * Executes a step if it is still open and due. Of several servers one executes it. Returns the step's result, and
 * undefined if there was nothing to do. A step of a closed or lapsed approval is dropped.
 */
export async function executeStep(
  store: ReviewStore,
  kinds: StepKinds,
  { id, approval_id }: Pick<StepsTable, 'id' | 'approval_id'>,
): Promise<string | undefined> {
  const done = await store.database.kysely
    .transaction()
    .execute(async (transaction): Promise<StepResult | undefined> => {
      const approval = await lockApproval(store, transaction, approval_id);
      if (approval === undefined) return undefined;
      const now = store.clock();
      const at = now.toISOString();
      // With the lock of the approval, this is what makes the step happen once. Undone when the kind throws.
      const step = await transaction
        .updateTable('steps')
        .set({ done_at: at, result: 'executed' })
        .where('id', '=', id)
        .where('done_at', 'is', null)
        .where('next_attempt_at', '<=', at)
        .returningAll()
        .executeTakeFirst();
      const execute = step && kinds[step.kind];
      if (step === undefined || execute === undefined) return undefined;
      const lapsed = approval.status === 'PENDING' && (await closeIfLapsed(store, transaction, approval));
      const result: StepResult =
        approval.status !== 'PENDING' || lapsed
          ? { result: 'dropped', ...(lapsed ? { change: 'closed' } : {}) }
          : await execute({ store, transaction, step, approval, now });
      await transaction.updateTable('steps').set({ result: result.result }).where('id', '=', id).execute();
      return result;
    });
  if (done?.change !== undefined) store.onChange({ id: approval_id, change: done.change });
  return done?.result;
}

/** Puts a step that failed off, for one second at first and a minute at last. */
export async function putStepOff(store: ReviewStore, id: string, problem: string): Promise<void> {
  await store.database.kysely.transaction().execute(async (transaction) => {
    const open = await transaction
      .selectFrom('steps')
      .select('attempts')
      .where('id', '=', id)
      .where('done_at', 'is', null)
      .executeTakeFirst();
    if (open === undefined) return;
    const pauseMs = Math.min(longestPauseMs, shortestPauseMs * 2 ** Math.min(open.attempts, 10));
    await transaction
      .updateTable('steps')
      .set({
        attempts: open.attempts + 1,
        last_problem: problem.slice(0, 1000),
        next_attempt_at: new Date(store.clock().getTime() + pauseMs).toISOString(),
      })
      .where('id', '=', id)
      .where('done_at', 'is', null)
      .execute();
  });
}

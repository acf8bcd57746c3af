import type { Transaction } from 'kysely';
import type { RemovalReport } from '../contract/removals.ts';
import { approvalsAbout, decidedBefore, type SubjectField } from './find-removable.ts';
import { removeApprovals, type RemovedRows } from './remove-approvals.ts';
import type { ReviewStore } from './review-store.ts';
import type { ReviewTables } from './tables.ts';

/** One transaction removes this many, so that it ends soon. */
const mostAtOnce = 200;
/** One call removes this many. The caller calls again while there are more. */
const mostInCall = 2000;
/** A report names this many open approvals. */
const mostNamed = 100;

export type RemovalOptions = { actor: string; dryRun: boolean };

/**
 * Removes approvals that were decided before `before`. It leaves open ones, and those with a callback that is still
 * tried.
 */
export async function purgeApprovals(
  store: ReviewStore,
  { before, actor, dryRun }: RemovalOptions & { before: Date },
): Promise<RemovalReport> {
  const { database } = store;
  const until = before.toISOString();
  const { count } = await decidedBefore(database.kysely, until)
    .select(({ fn }) => fn.countAll().as('count'))
    .executeTakeFirstOrThrow();
  const found = Number(count);
  if (dryRun) return { dryRun, approvals: found, rows: {}, open: [], more: false };
  const rows: RemovedRows = {};
  while ((rows['approvals'] ?? 0) < mostInCall) {
    const removed = await inTransaction(store, async (transaction) => {
      const due = await decidedBefore(transaction, until)
        .select('id')
        .orderBy('decided_at')
        .limit(mostAtOnce)
        .$if(database.kind === 'postgres', (query) => query.forUpdate().skipLocked())
        .execute();
      const ids = due.map(({ id }) => id);
      return await removeApprovals(transaction, {
        ids,
        at: store.clock().toISOString(),
        actor,
        facts: { cause: 'retention', decidedBefore: until },
      });
    });
    addTo(rows, removed);
    if ((removed['approvals'] ?? 0) < mostAtOnce) break;
  }
  const approvals = rows['approvals'] ?? 0;
  return { dryRun, approvals, rows, open: [], more: approvals > 0 && approvals < found };
}

/** Removes the closed approvals about a subject. It names the open ones, which stay until they are closed. */
export async function eraseSubject(
  store: ReviewStore,
  { field, value, actor, dryRun }: RemovalOptions & SubjectField,
): Promise<RemovalReport> {
  const { closed, open } = await approvalsAbout(store.database.kysely, { field, value });
  const rows: RemovedRows = {};
  const now = dryRun ? [] : closed.slice(0, mostInCall);
  for (let at = 0; at < now.length; at += mostAtOnce)
    addTo(
      rows,
      await inTransaction(
        store,
        async (transaction) =>
          await removeApprovals(transaction, {
            ids: now.slice(at, at + mostAtOnce),
            at: store.clock().toISOString(),
            actor,
            facts: { cause: 'erasure', field },
          }),
      ),
    );
  return {
    dryRun,
    approvals: dryRun ? closed.length : now.length,
    rows,
    open: open.slice(0, mostNamed),
    more: !dryRun && now.length < closed.length,
  };
}

const inTransaction = <Result>(
  store: ReviewStore,
  run: (transaction: Transaction<ReviewTables>) => Promise<Result>,
): Promise<Result> => store.database.kysely.transaction().execute(run);

function addTo(rows: RemovedRows, more: RemovedRows): void {
  for (const [table, count] of Object.entries(more)) if (count > 0) rows[table] = (rows[table] ?? 0) + count;
}

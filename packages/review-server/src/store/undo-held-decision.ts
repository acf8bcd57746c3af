import type { Person } from '../policy/may-decide.ts';
import type { StoredApproval } from './approval.ts';
import { announceChange } from './approval-changes.ts';
import { appendAudit } from './audit.ts';
import { readHeld, readHeldSteps } from './held-decision.ts';
import { lockApproval } from './open-approval.ts';
import type { ReviewStore } from './review-store.ts';
import { isVisible } from './visible.ts';

/** `nothing-held`: it was undone or dropped before. `not-yours`: `by` holds one. */
export type UndoResult =
  | { outcome: 'undone' | 'nothing-held' | 'already-closed'; approval: StoredApproval }
  | { outcome: 'not-yours'; by: string }
  | { outcome: 'not-found' };

/** Undoes the decision that this person holds. A decision that was made stays. */
export async function undoHeldDecision(store: ReviewStore, approvalId: string, person: Person): Promise<UndoResult> {
  const { database, clock } = store;
  const result = await database.kysely.transaction().execute(async (transaction): Promise<UndoResult> => {
    const approval = await lockApproval(store, transaction, approvalId);
    if (approval === undefined || !(await isVisible(transaction, approval, person))) return { outcome: 'not-found' };
    if (approval.status !== 'PENDING') return { outcome: 'already-closed', approval };
    const open = await readHeldSteps(transaction, approvalId);
    const own = open.find((step) => readHeld(step).by === person.id);
    if (own === undefined)
      return open[0] === undefined
        ? { outcome: 'nothing-held', approval }
        : { outcome: 'not-yours', by: readHeld(open[0]).name };
    const at = clock().toISOString();
    await transaction.updateTable('steps').set({ done_at: at, result: 'undone' }).where('id', '=', own.id).execute();
    await announceChange(transaction, database.kind, { id: approvalId, change: 'changed' });
    await appendAudit(transaction, {
      at,
      actor: `reviewer:${person.name}`,
      event: 'decision-undone',
      subject: approvalId,
      facts: { decision: readHeld(own).answer.decision },
    });
    return { outcome: 'undone', approval };
  });
  if (result.outcome === 'undone') store.onChange({ id: approvalId, change: 'changed' });
  return result;
}

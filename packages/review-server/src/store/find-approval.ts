import type { StoredApproval } from './approval.ts';
import { expireIfDue } from './decisions.ts';
import { isLapsed } from './open-approval.ts';
import type { ReviewStore } from './review-store.ts';
import { selectApprovals } from './select-approvals.ts';

/** Reads one approval, and closes it first if it has expired. With `assistantId`, another assistant's is not found. */
export async function findApproval(
  store: ReviewStore,
  id: string,
  assistantId?: string,
): Promise<StoredApproval | undefined> {
  const read = () =>
    selectApprovals(store.database.reads)
      .where('approvals.id', '=', id)
      .$if(assistantId !== undefined, (query) => query.where('approvals.assistant_id', '=', assistantId!))
      .executeTakeFirst();
  const approval = await read();
  if (approval === undefined || !isLapsed(approval, store.clock())) return approval;
  await expireIfDue(store, id);
  return read();
}

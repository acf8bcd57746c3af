import { sql } from 'kysely';
import type { StoredApproval } from './approval.ts';
import { expireIfDue } from './decisions.ts';
import { isLapsed } from './open-approval.ts';
import type { ReviewStore } from './review-store.ts';
import { selectApprovals } from './select-approvals.ts';

/** `asked`: 1 if the approval has questions to the requester. */
type FoundApproval = StoredApproval & { asked: 0 | 1 };

const asked = sql<
  0 | 1
>`case when exists (select 1 from questions where questions.approval_id = approvals.id) then 1 else 0 end`;

/** Reads one approval, and closes it first if it has expired. With `assistantId`, another assistant's is not found. */
export async function findApproval(
  store: ReviewStore,
  id: string,
  assistantId?: string,
): Promise<FoundApproval | undefined> {
  const read = () =>
    selectApprovals(store.database.reads)
      .select(asked.as('asked'))
      .where('approvals.id', '=', id)
      .$if(assistantId !== undefined, (query) => query.where('approvals.assistant_id', '=', assistantId!))
      .executeTakeFirst();
  const approval = await read();
  if (approval === undefined || !isLapsed(approval, store.clock())) return approval;
  await expireIfDue(store, id);
  return read();
}

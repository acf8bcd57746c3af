import { sql } from 'kysely';
import type { ListApprovals } from '../../schemas/reviewer-api.ts';
import type { StoredApproval } from './approval.ts';
import { expireDue, expireIfDue, isLapsed } from './decisions.ts';
import type { ReviewStore } from './review-store.ts';
import { selectApprovals } from './select-approvals.ts';

/** Reads one approval; one past its expiry is closed first. With `assistantId` another assistant's is not found. */
export async function findApproval(store: ReviewStore, id: string, assistantId?: string): Promise<StoredApproval | undefined> {
  const read = () => selectApprovals(store.database.kysely).where('approvals.id', '=', id).$if(assistantId !== undefined, (query) => query.where('approvals.assistant_id', '=', assistantId!)).executeTakeFirst();
  const approval = await read();
  if (approval === undefined || !isLapsed(approval, store.clock())) return approval;
  await expireIfDue(store, id);
  return read();
}

/** What to list: newest first, from behind `cursor`. */
export interface ListQuery {
  status: ListApprovals['status'];
  limit: number;
  cursor?: string | undefined;
}

/** Lists approvals. `nextCursor` is null on the last page. An unreadable cursor starts at the top. */
export async function listApprovals(store: ReviewStore, { status, limit, cursor }: ListQuery): Promise<{ approvals: StoredApproval[]; nextCursor: string | null }> {
  await expireDue(store);
  const after = cursor === undefined ? undefined : readCursor(cursor);
  const found = await selectApprovals(store.database.kysely)
    .$if(status === 'pending', (query) => query.where('approvals.status', '=', 'PENDING'))
    .$if(status === 'decided', (query) => query.where('approvals.status', 'in', ['APPROVED', 'REJECTED']))
    .$if(status === 'approved', (query) => query.where('approvals.status', '=', 'APPROVED'))
    .$if(status === 'rejected', (query) => query.where('approvals.status', '=', 'REJECTED').where('reason_code', 'not in', ['expired', 'withdrawn', 'superseded']))
    .$if(status === 'expired', (query) => query.where('reason_code', '=', 'expired'))
    .$if(status === 'withdrawn', (query) => query.where('reason_code', 'in', ['withdrawn', 'superseded']))
    .$if(after !== undefined, (query) => query.where(sql<boolean>`(approvals.created_at, approvals.id) < (${after?.createdAt}, ${after?.id})`))
    .orderBy('approvals.created_at', 'desc').orderBy('approvals.id', 'desc')
    .limit(limit + 1).execute();
  const approvals = found.slice(0, limit);
  const last = approvals.at(-1);
  return { approvals, nextCursor: found.length > limit && last !== undefined ? `${last.created_at}_${last.id}` : null };
}

/** How many approvals wait for a person. */
export async function countPending({ database }: ReviewStore): Promise<number> {
  const { count } = await database.kysely.selectFrom('approvals').select(({ fn }) => fn.countAll().as('count')).where('status', '=', 'PENDING').executeTakeFirstOrThrow();
  return Number(count);
}

function readCursor(cursor: string): { createdAt: string; id: string } | undefined {
  const at = cursor.indexOf('_');
  return at === -1 ? undefined : { createdAt: cursor.slice(0, at), id: cursor.slice(at + 1) };
}

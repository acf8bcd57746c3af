import type { Kysely, Transaction } from 'kysely';
import { mostComments, type Comment } from '../contract/desk.ts';
import type { Person } from '../policy/may-decide.ts';
import { announceChange } from './approval-changes.ts';
import { digestFact } from './audit-digest.ts';
import { appendAudit } from './audit.ts';
import { lockApproval } from './open-approval.ts';
import type { ReviewStore } from './review-store.ts';
import { extendSearch } from './search.ts';
import type { ApprovalsTable, ReviewTables } from './tables.ts';
import { isVisible } from './visible.ts';

export type CommentResult = { outcome: 'added'; comment: Comment } | { outcome: 'full' } | { outcome: 'not-found' };

/** The comments of an approval, oldest first. */
export async function readComments(reads: Kysely<ReviewTables>, approvalId: string): Promise<Comment[]> {
  return reads
    .selectFrom('comments')
    .innerJoin('users', 'users.id', 'comments.user_id')
    .select(['number', 'users.name as by', 'text', 'at'])
    .where('approval_id', '=', approvalId)
    .orderBy('number')
    .execute();
}

/** Adds a comment to an open or closed approval. */
export async function addComment(
  store: ReviewStore,
  approvalId: string,
  person: Person,
  text: string,
): Promise<CommentResult> {
  const result = await store.database.kysely.transaction().execute(async (transaction): Promise<CommentResult> => {
    const approval = await lockApproval(store, transaction, approvalId);
    if (approval === undefined || !(await isVisible(transaction, approval, person))) return { outcome: 'not-found' };
    const comment = await insertComment(transaction, { approval, person, text, at: store.clock().toISOString() });
    if (comment === undefined) return { outcome: 'full' };
    await announceChange(transaction, store.database.kind, { id: approvalId, change: 'changed' });
    return { outcome: 'added', comment };
  });
  if (result.outcome === 'added') store.onChange({ id: approvalId, change: 'changed' });
  return result;
}

/** Adds a comment to a locked approval. Undefined if it has as many as there may be. */
export async function insertComment(
  transaction: Transaction<ReviewTables>,
  {
    approval: { id: approvalId, audit_key },
    person,
    text,
    at,
  }: { approval: Pick<ApprovalsTable, 'id' | 'audit_key'>; person: Person; text: string; at: string },
): Promise<Comment | undefined> {
  const { last } = await transaction
    .selectFrom('comments')
    .select(({ fn }) => fn.max('number').as('last'))
    .where('approval_id', '=', approvalId)
    .executeTakeFirstOrThrow();
  const number = Number(last ?? 0) + 1;
  if (number > mostComments) return undefined;
  await transaction
    .insertInto('comments')
    .values({ approval_id: approvalId, number, user_id: person.id, text, at })
    .execute();
  for (const write of extendSearch(transaction, approvalId, text)) await write.execute();
  await appendAudit(transaction, {
    at,
    actor: `reviewer:${person.name}`,
    event: 'comment-added',
    subject: approvalId,
    facts: { number, ...digestFact('text', text, audit_key) },
  });
  return { number, by: person.name, text, at };
}

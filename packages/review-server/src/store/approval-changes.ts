import { sql, type Transaction } from 'kysely';
import type { DatabaseKind } from '@holdpoint/database';
import type { ReviewTables } from './tables.ts';

/** PostgreSQL channel on which all server processes hear what happened to which approval. */
export const CHANGES_CHANNEL = 'holdpoint_approvals';

/** Something that reviewers' pages, held requests or other processes want to know. */
export interface ApprovalChange {
  id: string;
  change: 'created' | 'claimed' | 'closed';
}

/** Has the commit of this transaction tell the other processes; call `ReviewStore.onChange` after it for this one. */
export async function announceChange(
  transaction: Transaction<ReviewTables>,
  kind: DatabaseKind,
  { change, id }: ApprovalChange,
): Promise<void> {
  if (kind === 'postgres') await sql`select pg_notify(${CHANGES_CHANNEL}, ${`${change} ${id}`})`.execute(transaction);
}

/** A notification's text as a change; nothing for what a newer version may say. */
export function readChange(payload: string | undefined): ApprovalChange | undefined {
  const [, change, id] = /^(created|claimed|closed) (.+)$/.exec(payload ?? '') ?? [];
  return change === undefined || id === undefined ? undefined : { id, change: change as ApprovalChange['change'] };
}

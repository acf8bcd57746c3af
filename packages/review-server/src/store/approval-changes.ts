import { sql, type RawBuilder, type Transaction } from 'kysely';
import type { DatabaseKind } from '@holdpoint/database';
import type { ReviewTables } from './tables.ts';

/** PostgreSQL channel that notifies all server processes of changed approvals. */
export const changesChannel = 'holdpoint_approvals';

/** A change that concerns reviewers' pages, held requests and other processes. */
export type ApprovalChange = {
  id: string;
  /** `changed`: any other change, such as a vote, a comment or a step. */
  change: 'created' | 'claimed' | 'changed' | 'closed';
  /** True in the process that sends the callbacks of a closed approval, which are leased to it. */
  sends?: boolean;
};

/**
 * Notifies the other processes at the commit of this transaction. Call `ReviewStore.onChange` after it for this
 * process.
 */
export async function announceChange(
  transaction: Transaction<ReviewTables>,
  kind: DatabaseKind,
  change: ApprovalChange,
): Promise<void> {
  if (kind === 'postgres') await sql`select ${notifying(change)}`.execute(transaction);
}

/** The notification as a part of another query of PostgreSQL. */
export function notifying({ change, id }: ApprovalChange): RawBuilder<unknown> {
  return sql`pg_notify(${changesChannel}, ${`${change} ${id}`})`;
}

/** Reads a notification. Undefined for a message of a newer version. */
export function readChange(payload: string | undefined): ApprovalChange | undefined {
  const [, change, id] = /^(created|claimed|changed|closed) (.+)$/.exec(payload ?? '') ?? [];
  return change === undefined || id === undefined ? undefined : { id, change: change as ApprovalChange['change'] };
}

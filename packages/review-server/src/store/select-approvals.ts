import { sql, type AliasedExpression, type Kysely, type SelectQueryBuilder } from 'kysely';
import type { StoredApproval } from './approval.ts';
import type { ApprovalsTable, ReviewTables } from './tables.ts';

const everyColumn = {
  id: true,
  assistant_id: true,
  idempotency_key: true,
  request_digest: true,
  audit_key: true,
  action: true,
  summary: true,
  details: true,
  sameness_digest: true,
  justification: true,
  risk_level: true,
  risk_score: true,
  priority: true,
  agent_name: true,
  metadata: true,
  trace: true,
  arguments_schema: true,
  run_url: true,
  workflow_url: true,
  conversation: true,
  risk_reason: true,
  on_behalf_of: true,
  subject: true,
  presets: true,
  preview_digest: true,
  callback_urls: true,
  status: true,
  modified_details: true,
  note: true,
  decided_at: true,
  decided_by: true,
  reason_code: true,
  rule_name: true,
  decision_number: true,
  expires_at: true,
  due_at: true,
  created_at: true,
  version: true,
  stage: true,
  addressed: true,
  allow_self: true,
  proposed_details: true,
  proposed_by: true,
} satisfies { [Column in keyof ApprovalsTable]: true };

/**
 * The columns of an approval in this table or common table expression. By name and not `*`, so that a prepared statement
 * outlives a column that a later version adds. As one piece of SQL: Kysely takes longer for forty.
 */
export function approvalColumns(table: 'approvals' | 'current') {
  const columns = Object.keys(everyColumn).map((column) => `"${table}"."${column}"`);
  // An expression without an alias, which Kysely takes and its types do not.
  return sql.raw(columns.join(', ')) as unknown as AliasedExpression<StoredApproval, never>;
}

const ofApprovals = approvalColumns('approvals');

/** A query of all approvals with their assistants' names, for the caller to narrow. */
export function selectApprovals(
  kysely: Kysely<ReviewTables>,
): SelectQueryBuilder<ReviewTables, 'approvals' | 'assistants', StoredApproval> {
  return kysely
    .selectFrom('approvals')
    .innerJoin('assistants', 'assistants.id', 'approvals.assistant_id')
    .select(ofApprovals)
    .select('assistants.name as assistant')
    .$castTo<StoredApproval>();
}

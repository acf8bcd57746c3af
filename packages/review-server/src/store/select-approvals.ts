import type { Kysely, SelectQueryBuilder } from 'kysely';
import type { StoredApproval } from './approval.ts';
import type { ReviewTables } from './tables.ts';

/** A query of all approvals with their assistants' names, for the caller to narrow. */
export function selectApprovals(
  kysely: Kysely<ReviewTables>,
): SelectQueryBuilder<ReviewTables, 'approvals' | 'assistants', StoredApproval> {
  return kysely
    .selectFrom('approvals')
    .innerJoin('assistants', 'assistants.id', 'approvals.assistant_id')
    .selectAll('approvals')
    .select('assistants.name as assistant');
}

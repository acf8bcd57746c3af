import { sql, type Expression, type Kysely, type SqlBool } from 'kysely';
import { previewSchema, type Preview } from '@holdpoint/cheqpoint/wire';
import type { ApprovalHistory, PastDecision } from '../contract/reviewer-api.ts';
import type { Person } from '../policy/may-decide.ts';
import { toSummary, type StoredApproval } from './approval.ts';
import type { ReviewStore } from './review-store.ts';
import { selectApprovals } from './select-approvals.ts';
import type { ReviewTables } from './tables.ts';
import { visibleTo } from './visible.ts';

const mostDecisions = 5;
/** Of these newest decisions a person gets those that are visible to the person. */
const mostSearched = 200;

/**
 * The last decisions by people and rules on the same action of the same assistant, and on the same subject, that this
 * person may see.
 */
export async function readHistory(
  { database: { reads } }: ReviewStore,
  row: StoredApproval,
  person: Person,
): Promise<ApprovalHistory> {
  const visible = await visibleTo(reads, person);
  const queries = historyQueries(reads, row, visible);
  const ofAction = await queries.ofAction.execute();
  const ofSubject = (await queries.ofSubject?.execute()) ?? [];
  const ids = [...new Set([...ofAction, ...ofSubject].map(({ id }) => id))];
  if (ids.length === 0) return { sameAction: [], sameSubject: [] };
  const rows = await selectApprovals(reads).where('approvals.id', 'in', ids).execute();
  const decisions = new Map(rows.map((found) => [found.id, toPastDecision(found)]));
  const inOrder = (found: readonly { id: string }[]) => found.flatMap(({ id }) => decisions.get(id) ?? []);
  return { sameAction: inOrder(ofAction), sameSubject: inOrder(ofSubject) };
}

/**
 * Both read the first entries of an index, however many approvals there are and are hidden. `visible`: what a person may
 * see.
 */
export function historyQueries(
  reads: Kysely<ReviewTables>,
  { id, assistant_id, action, subject }: Pick<StoredApproval, 'id' | 'assistant_id' | 'action' | 'subject'>,
  visible?: Expression<SqlBool>,
) {
  // Literals instead of parameters: the planner matches them with partial indexes.
  const decided = reads
    .selectFrom('approvals')
    .select(['id', 'decided_at', 'addressed'])
    .where(sql<SqlBool>`reason_code in ('person', 'rule')`)
    .where('id', '<>', id)
    .orderBy('decided_at', 'desc')
    .orderBy('id', 'desc')
    .limit(visible === undefined ? mostDecisions : mostSearched);
  const newestOf = (found: typeof decided) =>
    reads
      .selectFrom(found.as('approvals'))
      .select('id')
      .$if(visible !== undefined, (query) => query.where(visible!))
      .orderBy('decided_at', 'desc')
      .orderBy('id', 'desc')
      .limit(mostDecisions);
  return {
    ofAction: newestOf(decided.where('assistant_id', '=', assistant_id).where('action', '=', action)),
    ofSubject: subject === null ? undefined : newestOf(decided.where('subject', '=', subject)),
  };
}

function toPastDecision(row: StoredApproval): PastDecision {
  return { ...toSummary(row), decisionNote: row.note };
}

/** The preview of a request. Null without one. */
export async function readPreview(
  { database: { reads } }: ReviewStore,
  { id, preview_digest }: StoredApproval,
): Promise<Preview | null> {
  if (preview_digest === null) return null;
  const found = await reads
    .selectFrom('approval_previews')
    .select('preview')
    .where('approval_id', '=', id)
    .executeTakeFirst();
  return found === undefined ? null : previewSchema.parse(JSON.parse(found.preview));
}

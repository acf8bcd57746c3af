import { sql, type Insertable } from 'kysely';
import { openReviewDatabase } from '../../src/review-server/store/database.ts';
import { searchText } from '../../src/review-server/store/search.ts';
import { NEVER_DUE, type ApprovalsTable } from '../../src/review-server/store/tables.ts';

/** Rows in one transaction. */
const AT_ONCE = 250;

/**
 * Writes so many approvals of the first assistant as the review server stores them, a minute apart up to now, without its
 * audit and a transaction for each. The first is number 0. One in twenty waits, from number 0 on.
 */
export async function fillApprovals(databaseUrl: string, count: number): Promise<void> {
  const { kysely, kind } = await openReviewDatabase(databaseUrl, () => {});
  if (kind === 'sqlite') await sql`pragma synchronous = off`.execute(kysely);
  const { id: assistantId } = await kysely.selectFrom('assistants').select('id').orderBy('id').executeTakeFirstOrThrow();
  const firstAt = Date.now() - count * 60_000;
  for (let from = 0; from < count; from += AT_ONCE) {
    const rows = Array.from({ length: Math.min(AT_ONCE, count - from) }, (_, offset) => row(from + offset, assistantId, firstAt));
    await kysely.transaction().execute(async (transaction) => {
      await transaction.insertInto('approvals').values(rows).execute();
      await transaction.insertInto('approval_search').values(rows.map(({ id, action, summary, details }) => ({ approval_id: id, text: searchText(id, action, summary, JSON.parse(details)) }))).execute();
    });
  }
  await sql.raw(kind === 'postgres' ? 'vacuum analyze' : 'analyze').execute(kysely);
  await kysely.destroy();
}

/** The id of one of them. */
export function filledId(number: number): string {
  return `req_${number.toString(16).padStart(32, '0')}`;
}

function row(number: number, assistantId: string, firstAt: number): Insertable<ApprovalsTable> {
  const at = new Date(firstAt + number * 60_000).toISOString();
  const decided = number % 20 === 0 ? {} : { status: 'APPROVED' as const, decided_at: at, decided_by: 'ana', reason_code: 'person' as const };
  return {
    id: filledId(number), assistant_id: assistantId, idempotency_key: null, request_digest: '', action: `action_${number % 40}`, summary: `Approval ${number}`,
    details: JSON.stringify({ subject: `About order ${number}`, recipient_count: number % 5000 }), sameness_digest: '', justification: 'It was asked for.', risk_level: ['low', 'medium', 'high'][number % 3]!, risk_score: null,
    priority: null, agent_name: null, metadata: null, trace: null, arguments_schema: null, run_url: null, workflow_url: null, conversation: null, risk_reason: null, on_behalf_of: null, callback_urls: '[]',
    status: 'PENDING', modified_details: null, note: null, decided_at: null, decided_by: null, reason_code: null, rule_name: null, expires_at: null, due_at: NEVER_DUE, created_at: at, ...decided,
  };
}

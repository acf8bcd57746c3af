import { randomInt } from 'node:crypto';
import { sql, type Insertable } from 'kysely';
import { openReviewDatabase } from '../../src/review-server/store/database.ts';
import { searchText } from '../../src/review-server/store/search.ts';
import { NEVER_DUE, type ApprovalsTable } from '../../src/review-server/store/tables.ts';

const words = 'refund order customer newsletter invoice payment transfer account berlin london paris supplier contract shipment delay apology weekly update maintenance system template recipient subject greeting escalation ticket urgent archive export import backup restore deploy rollback'.split(' ');
const assistants = 200;
/** Rows of one statement. */
const batch = 250;
/** One in twenty waits for a person, the newest ones. */
const pendingShare = 0.05;

/**
 * Writes approvals as the review server stores them, but for its audit: of 200 assistants, 40 actions and four risks,
 * with 90 words each. Two have "zebraxylophone" among them, the oldest twentieth "longago".
 */
export async function fillWithApprovals(databaseUrl: string, count: number, onMade: (made: number) => void): Promise<void> {
  const { kysely, kind } = await openReviewDatabase(databaseUrl, () => {});
  if (kind === 'sqlite') await sql`pragma synchronous = off`.execute(kysely);
  await kysely.insertInto('assistants').values(Array.from({ length: assistants }, (_, index) => ({ id: `asst_${index}`, name: `assistant-${index}` }))).execute();
  for (let made = 0; made < count; made += batch) {
    if (made % 10_000 === 0) onMade(made);
    const rows = Array.from({ length: Math.min(batch, count - made) }, (_, offset) => approval(made + offset, count));
    await kysely.transaction().execute(async (transaction) => {
      await transaction.insertInto('approvals').values(rows).execute();
      await transaction.insertInto('approval_search').values(rows.map(({ id, action, summary, details }) => ({ approval_id: id, text: searchText(id, action, summary, JSON.parse(details)) }))).execute();
    });
  }
  await sql.raw(kind === 'postgres' ? 'vacuum analyze' : 'analyze').execute(kysely);
  await kysely.destroy();
}

function approval(number: number, count: number): Insertable<ApprovalsTable> & { details: string } {
  const at = new Date(Date.now() - (count - number) * 60_000).toISOString();
  const note = `${number % (count / 2) === 7 ? 'zebraxylophone' : ''} ${number < count / 20 ? 'longago' : ''}`;
  const decided = number >= count * (1 - pendingShare) ? {} : { status: 'APPROVED' as const, decided_at: at, decided_by: 'rita', reason_code: 'person' as const };
  return {
    id: `req_${number.toString(16).padStart(32, '0')}`, assistant_id: `asst_${randomInt(assistants)}`, idempotency_key: null, request_digest: '', action: `action_${randomInt(40)}`, summary: sentence(10),
    details: JSON.stringify({ subject: sentence(6), body: sentence(60), note }), sameness_digest: '', justification: sentence(12), risk_level: any(['low', 'medium', 'high', 'critical']),
    callback_urls: '[]', status: 'PENDING', due_at: NEVER_DUE, created_at: at, ...decided,
  };
}

function any<Item>(items: readonly Item[]): Item {
  return items[randomInt(items.length)] as Item;
}

function sentence(length: number): string {
  return Array.from({ length }, () => any(words)).join(' ');
}

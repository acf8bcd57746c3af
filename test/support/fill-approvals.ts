import { sql, type Insertable } from 'kysely';
import { openReviewDatabase } from '../../packages/review-server/src/store/database.ts';
import { searchText } from '../../packages/review-server/src/store/search.ts';
import { neverDue, type ApprovalsTable } from '../../packages/review-server/src/store/tables.ts';

/** Rows in one transaction. */
const AT_ONCE = 250;

/** The fields that differ between approvals, as the review server stores them. */
export type FilledApproval = Pick<ApprovalsTable, 'action' | 'summary' | 'details' | 'justification' | 'risk_level'> & {
  assistant_id?: string;
  subject?: string;
  pending: boolean;
};

type FillOptions = {
  /** @default numbered approvals, of which one in twenty waits, from number 0 on */
  approval?: (number: number) => FilledApproval;
  /** The number of the first one. Earlier ones are there already. @default 0 */
  from?: number;
  /** Hears now and then how many are written. */
  onMade?: (made: number) => void;
};

/**
 * Writes so many approvals as the review server stores them, a minute apart up to now, without its audit and a
 * transaction for each. The first is number 0, the last is
 * number `count - 1`. They are of the first assistant unless they name another.
 */
export async function fillApprovals(
  databaseUrl: string,
  count: number,
  { approval = numbered, from = 0, onMade = () => {} }: FillOptions = {},
): Promise<void> {
  const { kysely, kind } = await openReviewDatabase(databaseUrl, () => {});
  if (kind === 'sqlite') await sql`pragma synchronous = off`.execute(kysely);
  const { id: assistantId } = await kysely
    .selectFrom('assistants')
    .select('id')
    .orderBy('id')
    .executeTakeFirstOrThrow();
  const firstAt = Date.now() - count * 60_000;
  for (let made = from; made < count; made += AT_ONCE) {
    if (made % 10_000 === 0) onMade(made);
    const rows = Array.from({ length: Math.min(AT_ONCE, count - made) }, (_, offset) =>
      row(made + offset, { assistant_id: assistantId, ...approval(made + offset) }, firstAt),
    );
    await kysely.transaction().execute(async (transaction) => {
      await transaction.insertInto('approvals').values(rows).execute();
      await transaction
        .insertInto('approval_search')
        .values(
          rows.map(({ id, action, summary, details }) => ({
            approval_id: id,
            text: searchText(id, action, summary, JSON.parse(details)),
          })),
        )
        .execute();
    });
  }
  await sql.raw(kind === 'postgres' ? 'vacuum analyze' : 'analyze').execute(kysely);
  await kysely.destroy();
}

/** The id of one of them. */
export function filledId(number: number): string {
  return `req_${number.toString(16).padStart(32, '0')}`;
}

/** Told by its number, one of forty actions; one in twenty waits. */
export function numbered(number: number): FilledApproval {
  return {
    action: `action_${number % 40}`,
    summary: `Approval ${number}`,
    details: JSON.stringify({ subject: `About order ${number}`, recipient_count: number % 5000 }),
    justification: 'It was asked for.',
    risk_level: ['low', 'medium', 'high'][number % 3]!,
    pending: number % 20 === 0,
  };
}

function row(
  number: number,
  { pending, ...own }: FilledApproval & { assistant_id: string },
  firstAt: number,
): Insertable<ApprovalsTable> {
  const at = new Date(firstAt + number * 60_000).toISOString();
  const outcome = pending
    ? { status: 'PENDING' as const }
    : { status: 'APPROVED' as const, decided_at: at, decided_by: 'ana', reason_code: 'person' as const };
  return {
    id: filledId(number),
    idempotency_key: null,
    request_digest: '',
    sameness_digest: '',
    callback_urls: '[]',
    due_at: neverDue,
    version: 1,
    stage: 1,
    addressed: 0,
    allow_self: 0,
    created_at: at,
    ...outcome,
    ...own,
  };
}

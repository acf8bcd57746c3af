import { sql, type Kysely } from 'kysely';
import type { DatabaseKind } from '@holdpoint/database';

/**
 * Ranks for the order of open approvals: outcome questions first, then by risk. The risk rank follows the level, also
 * when a later version changes the level of an open approval.
 */
export async function listRanks(database: Kysely<unknown>, kind: DatabaseKind): Promise<void> {
  await database.schema
    .alterTable('approvals')
    .addColumn('question_rank', 'integer', (column) => column.notNull().defaultTo(1))
    .execute();
  const level = `case risk_level when 'critical' then 0 when 'high' then 1 when 'low' then 3 else 2 end`;
  // SQLite can only add computed columns, and PostgreSQL 15 can only store them.
  const stored = kind === 'postgres' ? 'stored' : 'virtual';
  await sql
    .raw(`alter table approvals add column risk_rank integer generated always as (${level}) ${stored}`)
    .execute(database);
  await rankQuestions(database);
  await sql`drop index approvals_due`.execute(database);
  for (const [name, columns] of [
    ['approvals_due', 'question_rank, due_at, created_at, id'],
    ['approvals_by_risk', 'question_rank, risk_rank, due_at, created_at, id'],
    ['approvals_by_age', 'question_rank, created_at, id'],
  ])
    await sql.raw(`create index ${name} on approvals (${columns}) where status = 'PENDING'`).execute(database);
}

async function rankQuestions(kysely: Kysely<unknown>): Promise<void> {
  const database = kysely as Kysely<{
    approvals: { id: string; details: string; status: string; question_rank: number };
  }>;
  const open = await database
    .selectFrom('approvals')
    .select(['id', 'details'])
    .where('status', '=', 'PENDING')
    .where('details', 'like', '%"outcome"%')
    .execute();
  for (const { id, details } of open)
    if (asksForOutcome(details))
      await database.updateTable('approvals').set({ question_rank: 0 }).where('id', '=', id).execute();
}

function asksForOutcome(details: string): boolean {
  const { holdpoint } = JSON.parse(details) as { holdpoint?: { kind?: unknown } | null };
  return holdpoint?.kind === 'outcome';
}

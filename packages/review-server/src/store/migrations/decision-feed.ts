import { sql, type Kysely } from 'kysely';

/**
 * The order of the decisions of each assistant. Decisions so far get their numbers here, and later ones when the feed
 * is read.
 */
export async function decisionFeed(database: Kysely<unknown>): Promise<void> {
  await database.schema.alterTable('approvals').addColumn('decision_number', 'integer').execute();
  await sql`update approvals set decision_number = numbered.number from (select id as decided_id, row_number() over (partition by assistant_id order by decided_at, id) as number from approvals where status <> 'PENDING') as numbered where id = numbered.decided_id`.execute(
    database,
  );
  await sql`create unique index approvals_numbered on approvals (assistant_id, decision_number) where decision_number is not null`.execute(
    database,
  );
  await sql`create index approvals_unnumbered on approvals (assistant_id, decided_at, id) where status <> 'PENDING' and decision_number is null`.execute(
    database,
  );
}

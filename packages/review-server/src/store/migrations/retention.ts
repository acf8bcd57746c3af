import { sql, type Kysely } from 'kysely';

/** Keys of the audit's digests, and an index of the approvals that a retention removes. */
export async function retention(database: Kysely<unknown>): Promise<void> {
  await database.schema.alterTable('approvals').addColumn('audit_key', 'text').execute();
  await sql`create index approvals_decided on approvals (decided_at, id) where decided_at is not null`.execute(
    database,
  );
}

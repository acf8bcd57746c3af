import { sql, type Kysely } from 'kysely';

/**
 * Subjects, quick notes and previews of requests. Previews have another table, since lists read whole approvals. The
 * indexes serve the last decisions on an action or a subject.
 */
export async function approvalShows(database: Kysely<unknown>): Promise<void> {
  for (const name of ['subject', 'presets', 'preview_digest'])
    await database.schema.alterTable('approvals').addColumn(name, 'text').execute();
  await sql`create index approvals_by_agent on approvals (agent_name) where agent_name is not null`.execute(database);
  await database.schema
    .createTable('approval_previews')
    .addColumn('approval_id', 'text', (column) => column.primaryKey().references('approvals.id'))
    .addColumn('preview', 'text', (column) => column.notNull())
    .execute();
  await sql`create index approvals_decided_action on approvals (assistant_id, action, decided_at, id) where reason_code in ('person', 'rule')`.execute(
    database,
  );
  await sql`create index approvals_decided_subject on approvals (subject, decided_at, id) where reason_code in ('person', 'rule') and subject is not null`.execute(
    database,
  );
}

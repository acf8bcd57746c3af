import { sql, type Kysely } from 'kysely';

/** The timed steps of approvals. */
export async function steps(database: Kysely<unknown>): Promise<void> {
  const { schema } = database;
  await schema
    .createTable('steps')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('approval_id', 'text', (column) => column.notNull().references('approvals.id'))
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('facts', 'text', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('due_at', 'text', (column) => column.notNull())
    .addColumn('attempts', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('next_attempt_at', 'text', (column) => column.notNull())
    .addColumn('last_problem', 'text')
    .addColumn('done_at', 'text')
    .addColumn('result', 'text')
    .addCheckConstraint('steps_done_whole', sql`(done_at is null) = (result is null)`)
    .execute();
  await sql`create index steps_due on steps (next_attempt_at) where done_at is null`.execute(database);
  await schema.createIndex('steps_by_approval').on('steps').column('approval_id').execute();
}

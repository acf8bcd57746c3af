import { sql, type Kysely } from 'kysely';

/** Questions of reviewers with their answers, and the callbacks about them. */
export async function questions(database: Kysely<unknown>): Promise<void> {
  const { schema } = database;
  await schema
    .createTable('questions')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('approval_id', 'text', (column) => column.notNull().references('approvals.id'))
    .addColumn('text', 'text', (column) => column.notNull())
    .addColumn('asked_by', 'text', (column) => column.notNull())
    .addColumn('asked_at', 'text', (column) => column.notNull())
    .addColumn('answer', 'text')
    .addColumn('problem', 'text')
    .addColumn('answered_at', 'text')
    .addCheckConstraint(
      'questions_answered_whole',
      sql`(answered_at is null) = (answer is null and problem is null) and (answer is null or problem is null)`,
    )
    .execute();
  await schema
    .createIndex('questions_by_approval')
    .on('questions')
    .columns(['approval_id', 'asked_at', 'id'])
    .execute();
  await sql`create index questions_open on questions (asked_at, id) where answered_at is null`.execute(database);
  await schema.alterTable('outbox').addColumn('question_id', 'text').execute();
}

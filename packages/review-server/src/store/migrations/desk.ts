import type { Kysely } from 'kysely';

/** Comments between reviewers, and requests that one hands over to another person or to a group. */
export async function desk(database: Kysely<unknown>): Promise<void> {
  const { schema } = database;
  await schema
    .createTable('comments')
    .addColumn('approval_id', 'text', (column) => column.notNull().references('approvals.id'))
    .addColumn('number', 'integer', (column) => column.notNull())
    .addColumn('user_id', 'text', (column) => column.notNull().references('users.id'))
    .addColumn('text', 'text', (column) => column.notNull())
    .addColumn('at', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('comments_key', ['approval_id', 'number'])
    .execute();
  await schema.alterTable('claims').addColumn('assigned_by', 'text').execute();
  await schema.alterTable('claims').addColumn('group_id', 'text').execute();
}

import { sql, type Kysely } from 'kysely';

/** Due times, reminders and escalations by group, and deputies. */
export async function times(database: Kysely<unknown>): Promise<void> {
  const { schema } = database;
  await schema
    .createTable('times')
    .addColumn('owner', 'text', (column) => column.primaryKey())
    .addColumn('times', 'text', (column) => column.notNull())
    .addColumn('updated_at', 'text', (column) => column.notNull())
    .addColumn('updated_by', 'text', (column) => column.notNull())
    .execute();
  await schema
    .createTable('deputies')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('user_id', 'text', (column) => column.notNull().references('users.id'))
    .addColumn('deputy_id', 'text', (column) => column.notNull().references('users.id'))
    .addColumn('from_at', 'text', (column) => column.notNull())
    .addColumn('until_at', 'text', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('created_by', 'text', (column) => column.notNull())
    .addColumn('ended_at', 'text')
    .addCheckConstraint('deputies_are_others', sql`user_id <> deputy_id`)
    .execute();
  await sql`create index deputies_of on deputies (deputy_id) where ended_at is null`.execute(database);
}

import type { Kysely } from 'kysely';

/** The settings of each user, as a JSON object. */
export async function userSettings(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable('user_settings')
    .addColumn('user_id', 'text', (column) => column.primaryKey().references('users.id'))
    .addColumn('settings', 'text', (column) => column.notNull())
    .execute();
}

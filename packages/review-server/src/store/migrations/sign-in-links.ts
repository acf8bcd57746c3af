import type { Kysely } from 'kysely';

/** One-time links: the plain hash of each token, its expiry, and its use. */
export async function signInLinks(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable('sign_in_links')
    .addColumn('token_hash', 'text', (column) => column.primaryKey())
    .addColumn('expires_at', 'text', (column) => column.notNull())
    .addColumn('used_at', 'text')
    .execute();
}

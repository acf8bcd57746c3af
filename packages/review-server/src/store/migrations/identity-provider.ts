import { sql, type Kysely } from 'kysely';

/** People of the identity provider, their sessions there, and the logout tokens that were used. */
export async function identityProvider(database: Kysely<unknown>): Promise<void> {
  const { schema } = database;
  await schema
    .createTable('provider_identities')
    .addColumn('issuer', 'text', (column) => column.notNull())
    .addColumn('subject', 'text', (column) => column.notNull())
    // The row of a new person comes before its user.
    .addColumn('user_id', 'text', (column) =>
      column.notNull().modifyEnd(sql`references users (id) deferrable initially deferred`),
    )
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('removed_at', 'text')
    .addPrimaryKeyConstraint('provider_identities_key', ['issuer', 'subject'])
    .execute();
  await schema.createIndex('provider_identities_by_user').on('provider_identities').column('user_id').execute();

  for (const name of ['provider_issuer', 'provider_subject', 'provider_sid', 'provider_id_token'])
    await schema.alterTable('sessions').addColumn(name, 'text').execute();
  await schema
    .createIndex('sessions_by_provider')
    .on('sessions')
    .columns(['provider_issuer', 'provider_subject'])
    .execute();

  await schema
    .createTable('used_logout_tokens')
    .addColumn('token_id_hash', 'text', (column) => column.primaryKey())
    .addColumn('forgotten_at', 'text', (column) => column.notNull())
    .execute();
}

import { sql, type Kysely } from 'kysely';

/** Passkeys of users, the challenges that are open, the time of a session's last proof, and rules for all users. */
export async function passkeys(database: Kysely<unknown>): Promise<void> {
  const { schema } = database;
  await schema
    .createTable('passkeys')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('user_id', 'text', (column) => column.notNull().references('users.id'))
    .addColumn('public_key', 'text', (column) => column.notNull())
    .addColumn('counter', 'bigint', (column) => column.notNull())
    .addColumn('transports', 'text', (column) => column.notNull())
    .addColumn('device_type', 'text', (column) => column.notNull())
    .addColumn('backed_up', 'integer', (column) => column.notNull().check(sql`backed_up in (0, 1)`))
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('last_used_at', 'text')
    .execute();
  await schema.createIndex('passkeys_by_user').on('passkeys').column('user_id').execute();
  await schema
    .createTable('webauthn_challenges')
    .addColumn('challenge', 'text', (column) => column.primaryKey())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('user_id', 'text')
    .addColumn('session_id', 'text')
    .addColumn('network', 'text')
    .addColumn('bound_digest', 'text')
    .addColumn('expires_at', 'text', (column) => column.notNull())
    .execute();
  await schema.createIndex('webauthn_challenges_by_expiry').on('webauthn_challenges').column('expires_at').execute();
  await schema
    .createTable('session_proofs')
    .addColumn('session_id', 'text', (column) => column.primaryKey())
    .addColumn('proved_at', 'text', (column) => column.notNull())
    .addColumn('expires_at', 'text', (column) => column.notNull())
    .execute();
  await schema
    .createTable('passkey_rules')
    .addColumn('id', 'integer', (column) => column.primaryKey().check(sql`id = 1`))
    .addColumn('required', 'text', (column) => column.notNull())
    .addColumn('step_up', 'text', (column) => column.notNull())
    .execute();
  await sql`insert into passkey_rules (id, required, step_up) values (1, 'optional', 'enrolled')`.execute(database);
}

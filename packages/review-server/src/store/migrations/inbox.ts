import { sql, type Kysely } from 'kysely';
import type { DatabaseKind } from '@holdpoint/database';
import { neverDue } from '../tables.ts';

/** Due times, claims, search, roles of users, ids of sessions, failed sign-ins and notifications. */
export async function inbox(database: Kysely<unknown>, kind: DatabaseKind): Promise<void> {
  const { schema } = database;
  await schema
    .alterTable('approvals')
    .addColumn('due_at', 'text', (column) => column.notNull().defaultTo(neverDue))
    .execute();
  await sql`update approvals set due_at = expires_at where expires_at is not null`.execute(database);
  await sql`create index approvals_due on approvals (due_at, created_at, id) where status = 'PENDING'`.execute(
    database,
  );
  await sql`create index approvals_done on approvals (decided_at, id) where status <> 'PENDING'`.execute(database);
  await schema.createIndex('approvals_by_action').on('approvals').column('action').execute();

  await schema
    .createTable('claims')
    .addColumn('approval_id', 'text', (column) => column.primaryKey().references('approvals.id'))
    .addColumn('claimed_by', 'text', (column) => column.notNull())
    .addColumn('claimed_at', 'text', (column) => column.notNull())
    .execute();

  await createSearch(database, kind);

  for (const name of ['created_at', 'last_sign_in_at', 'removed_at', 'seed_hash'])
    await schema.alterTable('users').addColumn(name, 'text').execute();
  await schema
    .alterTable('users')
    .addColumn('roles', 'text', (column) => column.notNull().defaultTo('["reviewer","admin"]'))
    .execute();
  for (const name of ['failed_sign_ins', 'blocked_until']) await schema.alterTable('users').dropColumn(name).execute();
  for (const name of ['id', 'agent']) await schema.alterTable('sessions').addColumn(name, 'text').execute();
  await sql`update sessions set id = 'session_' || substr(token_hash, 1, 24)`.execute(database);
  await schema.createIndex('sessions_by_user').on('sessions').column('user_id').execute();
  await schema
    .createTable('sign_in_failures')
    .addColumn('subject', 'text', (column) => column.primaryKey())
    .addColumn('failures', 'integer', (column) => column.notNull())
    .addColumn('last_at', 'text', (column) => column.notNull())
    .addColumn('blocked_until', 'text')
    .execute();

  await schema
    .alterTable('outbox')
    .addColumn('kind', 'text', (column) =>
      column
        .notNull()
        .defaultTo('decision')
        .check(sql`kind in ('decision', 'notification')`),
    )
    .execute();
}

// Triggers maintain SQLite's index ("external content" in its documentation). PostgreSQL's is made when the server
// starts.
async function createSearch(database: Kysely<unknown>, kind: DatabaseKind): Promise<void> {
  const table = database.schema.createTable('approval_search');
  if (kind === 'postgres') {
    await table
      .addColumn('approval_id', 'text', (column) => column.primaryKey().references('approvals.id'))
      .addColumn('text', 'text', (column) => column.notNull())
      .execute();
  } else {
    await table
      .addColumn('entry', 'integer', (column) => column.primaryKey())
      .addColumn('approval_id', 'text', (column) => column.notNull().unique().references('approvals.id'))
      .addColumn('text', 'text', (column) => column.notNull())
      .execute();
    await sql`create virtual table approval_search_index using fts5(text, content = 'approval_search', content_rowid = 'entry', tokenize = 'trigram')`.execute(
      database,
    );
    const remove = `insert into approval_search_index (approval_search_index, rowid, text) values ('delete', old.entry, old.text);`;
    const add = `insert into approval_search_index (rowid, text) values (new.entry, new.text);`;
    await sql
      .raw(`create trigger approval_search_added after insert on approval_search begin ${add} end`)
      .execute(database);
    await sql
      .raw(`create trigger approval_search_changed after update on approval_search begin ${remove} ${add} end`)
      .execute(database);
    await sql
      .raw(`create trigger approval_search_removed after delete on approval_search begin ${remove} end`)
      .execute(database);
  }
  await sql`insert into approval_search (approval_id, text) select approvals.id, lower(approvals.id || ' ' || action || ' ' || summary || ' ' || details || ' ' || coalesce(note, '')) from approvals`.execute(
    database,
  );
}

import { sql, type Kysely } from 'kysely';

/** Ids and expiry of keys, limits and pauses of assistants, rules, delivery attempts, and more fields of a request. */
export async function administration(database: Kysely<unknown>): Promise<void> {
  const { schema } = database;
  for (const name of ['conversation', 'risk_reason', 'on_behalf_of'])
    await schema.alterTable('approvals').addColumn(name, 'text').execute();

  for (const name of ['id', 'created_by', 'last_used_at', 'expires_at'])
    await schema.alterTable('connection_keys').addColumn(name, 'text').execute();
  await sql`update connection_keys set id = 'key_' || substr(key_hash, 1, 24)`.execute(database);
  await schema.createIndex('connection_keys_by_id').on('connection_keys').column('id').unique().execute();

  for (const name of ['paused_at', 'paused_by', 'pause_reason'])
    await schema.alterTable('assistants').addColumn(name, 'text').execute();
  for (const name of ['requests_per_hour', 'requests_per_day', 'loop_identical_requests', 'loop_within_seconds'])
    await schema.alterTable('assistants').addColumn(name, 'integer').execute();

  await schema
    .createTable('rules')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('position', 'integer', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull().unique())
    .addColumn('conditions', 'text', (column) => column.notNull())
    .addColumn('decision', 'text', (column) => column.notNull().check(sql`decision in ('approve', 'reject', 'review')`))
    .addColumn('enabled', 'integer', (column) => column.notNull().check(sql`enabled in (0, 1)`))
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('created_by', 'text', (column) => column.notNull())
    .addColumn('updated_at', 'text', (column) => column.notNull())
    .addColumn('updated_by', 'text', (column) => column.notNull())
    .execute();

  // The start of the 72 hours of retries. A delivery resent by a person starts them again.
  await schema.alterTable('outbox').addColumn('tried_since', 'text').execute();
  await sql`update outbox set tried_since = created_at`.execute(database);
  await schema.createIndex('outbox_by_time').on('outbox').columns(['created_at', 'id']).execute();
  await schema
    .createTable('delivery_attempts')
    .addColumn('delivery_id', 'text', (column) => column.notNull().references('outbox.id'))
    .addColumn('number', 'integer', (column) => column.notNull())
    .addColumn('at', 'text', (column) => column.notNull())
    .addColumn('took_ms', 'integer', (column) => column.notNull())
    .addColumn('status', 'integer')
    .addColumn('problem', 'text')
    .addPrimaryKeyConstraint('delivery_attempts_key', ['delivery_id', 'number'])
    .execute();

  for (const name of ['subject', 'event', 'actor'])
    await schema.createIndex(`audit_by_${name}`).on('audit').columns([name, 'sequence']).execute();
}

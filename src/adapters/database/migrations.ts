import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { removals } from './migrations/removals.ts';
import { runRecords } from './migrations/run-records.ts';

/** All migrations, in order. A released one never changes, since databases have run it. */
export const migrations: Record<string, Migration> = {
  '0001-first-tables': {
    async up(database: Kysely<unknown>): Promise<void> {
      await database.schema
        .createTable('holdpoint_values')
        .addColumn('digest', 'text', (column) => column.primaryKey().notNull())
        .addColumn('json', 'text', (column) => column.notNull())
        .execute();

      await database.schema
        .createTable('holdpoint_transcripts')
        .addColumn('id', 'text', (column) => column.primaryKey().notNull())
        .addColumn('parent', 'text')
        .addColumn('run_id', 'text', (column) => column.notNull())
        .addColumn('first_run_id', 'text', (column) => column.notNull())
        .addColumn('turn', 'integer', (column) => column.notNull())
        .addColumn('digest', 'text', (column) => column.notNull())
        .addColumn('entry', 'text', (column) => column.notNull())
        .execute();

      await database.schema
        .createTable('holdpoint_requests')
        .addColumn('call_key', 'text', (column) => column.notNull())
        .addColumn('number', 'integer', (column) => column.notNull())
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('request', 'text', (column) => column.notNull())
        .addColumn('opened_at', 'bigint', (column) => column.notNull())
        .addColumn('answered', 'integer', (column) => column.notNull().defaultTo(0))
        .addColumn('request_id', 'text')
        .addColumn('review_url', 'text')
        .addColumn('at_once', 'text')
        .addPrimaryKeyConstraint('holdpoint_requests_key', ['call_key', 'number'])
        .execute();

      await database.schema
        .createTable('holdpoint_effects')
        .addColumn('call_key', 'text', (column) => column.notNull())
        .addColumn('start_number', 'integer', (column) => column.notNull())
        .addColumn('run_id', 'text', (column) => column.notNull())
        .addColumn('tool', 'text', (column) => column.notNull())
        .addColumn('effect', 'text', (column) => column.notNull())
        .addColumn('arguments_digest', 'text', (column) => column.notNull())
        .addColumn('requests_before', 'integer', (column) => column.notNull())
        .addColumn('request_number', 'integer')
        .addColumn('request_id', 'text')
        .addColumn('attempt_id', 'text', (column) => column.notNull())
        .addColumn('worker', 'text', (column) => column.notNull())
        .addColumn('attempt_at', 'bigint', (column) => column.notNull())
        .addColumn('attempts', 'integer', (column) => column.notNull().defaultTo(1))
        .addColumn('state', 'text', (column) => column.notNull().defaultTo('open'))
        .addColumn('doubted', 'integer', (column) => column.notNull().defaultTo(0))
        .addColumn('output', 'text')
        .addColumn('closed_at', 'bigint')
        .addPrimaryKeyConstraint('holdpoint_effects_key', ['call_key', 'start_number'])
        .execute();
    },
  },
  '0002-webhook-news': {
    async up(database: Kysely<unknown>): Promise<void> {
      await database.schema
        .createTable('holdpoint_webhook_news')
        .addColumn('webhook_id', 'text', (column) => column.primaryKey().notNull())
        .addColumn('response_id', 'text', (column) => column.notNull())
        .addColumn('at', 'bigint', (column) => column.notNull())
        .execute();
      await database.schema
        .createIndex('holdpoint_webhook_news_response')
        .on('holdpoint_webhook_news')
        .column('response_id')
        .execute();
      await database.schema
        .createIndex('holdpoint_webhook_news_at')
        .on('holdpoint_webhook_news')
        .column('at')
        .execute();
    },
  },
  '0003-value-owners': {
    async up(database: Kysely<unknown>): Promise<void> {
      // 1 is right for the rows of today, and for those that workers of earlier releases add during an upgrade.
      await database.schema
        .alterTable('holdpoint_values')
        .addColumn('unowned', 'integer', (column) => column.notNull().defaultTo(1))
        .execute();
      await database.schema
        .createTable('holdpoint_value_owners')
        .addColumn('digest', 'text', (column) => column.notNull())
        .addColumn('run_id', 'text', (column) => column.notNull())
        .addColumn('first_run_id', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('holdpoint_value_owners_key', ['digest', 'run_id', 'first_run_id'])
        .execute();
    },
  },
  '0004-assistants': {
    async up(database: Kysely<unknown>): Promise<void> {
      await database.schema
        .createTable('holdpoint_workers')
        .addColumn('worker', 'text', (column) => column.primaryKey().notNull())
        .addColumn('namespace', 'text', (column) => column.notNull())
        .addColumn('task_queue', 'text', (column) => column.notNull())
        .addColumn('assistants', 'text', (column) => column.notNull())
        .addColumn('seen_at', 'bigint', (column) => column.notNull())
        .execute();
      await database.schema
        .createTable('holdpoint_assistants')
        .addColumn('namespace', 'text', (column) => column.notNull())
        .addColumn('task_queue', 'text', (column) => column.notNull())
        .addColumn('name', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('holdpoint_assistants_key', ['namespace', 'task_queue', 'name'])
        .execute();
    },
  },
  '0005-api-keys': {
    async up(database: Kysely<unknown>): Promise<void> {
      await database.schema
        .createTable('holdpoint_callers')
        .addColumn('name', 'text', (column) => column.primaryKey().notNull())
        .addColumn('scopes', 'text', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addColumn('created_by', 'text', (column) => column.notNull())
        .addColumn('removed_at', 'bigint')
        .addColumn('removed_by', 'text')
        .execute();
      await database.schema
        .createTable('holdpoint_api_keys')
        .addColumn('id', 'text', (column) => column.primaryKey().notNull())
        .addColumn('caller', 'text', (column) => column.notNull().references('holdpoint_callers.name'))
        .addColumn('key_hash', 'text', (column) => column.notNull().unique())
        .addColumn('masked', 'text', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addColumn('created_by', 'text', (column) => column.notNull())
        .addColumn('last_used_at', 'bigint')
        .addColumn('expires_at', 'bigint')
        .addColumn('revoked_at', 'bigint')
        .addColumn('revoked_by', 'text')
        .execute();
      await database.schema
        .createIndex('holdpoint_api_keys_caller')
        .on('holdpoint_api_keys')
        .column('caller')
        .execute();
    },
  },
  '0006-run-records': runRecords,
  '0007-removals': removals,
  '0008-local-requests': {
    async up(database: Kysely<unknown>): Promise<void> {
      // Workers of earlier releases leave it empty.
      await database.schema.alterTable('holdpoint_workers').addColumn('local_requests', 'integer').execute();
    },
  },
};

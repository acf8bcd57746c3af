import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Tables of what runs did. Rows are inserted once and never changed. */
export const runRecords: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    await database.schema
      .createTable('holdpoint_runs')
      .addColumn('first_run_id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('run_id', 'text', (column) => column.notNull())
      .addColumn('assistant', 'text', (column) => column.notNull())
      .addColumn('caller', 'text')
      .addColumn('summary', 'text', (column) => column.notNull())
      .addColumn('started_at', 'bigint', (column) => column.notNull())
      .execute();
    await database.schema
      .createIndex('holdpoint_runs_started')
      .on('holdpoint_runs')
      .columns(['started_at', 'first_run_id'])
      .execute();

    await database.schema
      .createTable('holdpoint_run_fields')
      .addColumn('first_run_id', 'text', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('value', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('holdpoint_run_fields_key', ['first_run_id', 'name'])
      .execute();
    await database.schema
      .createIndex('holdpoint_run_fields_value')
      .on('holdpoint_run_fields')
      .columns(['name', 'value'])
      .execute();

    await database.schema
      .createTable('holdpoint_run_turns')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('run_id', 'text', (column) => column.notNull())
      .addColumn('first_run_id', 'text', (column) => column.notNull())
      .addColumn('turn', 'integer', (column) => column.notNull())
      .addColumn('attempt', 'integer', (column) => column.notNull())
      .addColumn('assistant', 'text', (column) => column.notNull())
      .addColumn('api', 'text', (column) => column.notNull())
      .addColumn('model', 'text')
      .addColumn('started_at', 'bigint', (column) => column.notNull())
      .addColumn('ended_at', 'bigint', (column) => column.notNull())
      .addColumn('input_tokens', 'bigint')
      .addColumn('cached_input_tokens', 'bigint')
      .addColumn('output_tokens', 'bigint')
      .addColumn('reasoning_tokens', 'bigint')
      .addColumn('cost_pico', 'bigint')
      .addColumn('currency', 'text')
      .addColumn('outcome', 'text', (column) => column.notNull())
      .execute();
    await database.schema
      .createIndex('holdpoint_run_turns_run')
      .on('holdpoint_run_turns')
      .columns(['first_run_id', 'turn'])
      .execute();
    await database.schema
      .createIndex('holdpoint_run_turns_ended')
      .on('holdpoint_run_turns')
      .column('ended_at')
      .execute();

    await database.schema
      .createTable('holdpoint_run_calls')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('run_id', 'text', (column) => column.notNull())
      .addColumn('first_run_id', 'text', (column) => column.notNull())
      .addColumn('call_key', 'text', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('event', 'text', (column) => column.notNull())
      .execute();
    await database.schema
      .createIndex('holdpoint_run_calls_run')
      .on('holdpoint_run_calls')
      .columns(['first_run_id', 'call_key'])
      .execute();
    await database.schema
      .createIndex('holdpoint_transcripts_run')
      .on('holdpoint_transcripts')
      .columns(['first_run_id', 'turn'])
      .execute();
  },
};

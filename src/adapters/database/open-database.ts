import { Kysely, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import type { ApprovalRequests, EffectLedger, StoredValues, Transcripts } from '../../activities/ports.ts';
import { createPostgresDialect, createSqliteDialect, parseDatabaseUrl } from '@holdpoint/database';
import { createApprovalRequests } from './approval-requests.ts';
import { createEffectLedger } from './effect-ledger.ts';
import { migrations } from './migrations.ts';
import { createStoredValues } from './stored-values.ts';
import type { Tables } from './tables.ts';
import { createTranscripts } from './transcripts.ts';
import { createWebhookNews, type WebhookNews } from './webhook-news.ts';

/** Holdpoint's database, open. What a method has resolved is committed and survives kill -9 of any process. */
export type HoldpointDatabase = {
  values: StoredValues;
  transcripts: Transcripts;
  requests: ApprovalRequests;
  effects: EffectLedger;
  webhookNews: WebhookNews;
  /** Ends all connections. Nothing else may be called after it. */
  close(): Promise<void>;
};

export type DatabaseOptions = {
  /** Connections to PostgreSQL at most, each process on its own; 10 by default. SQLite has one. */
  maxConnections?: number;
};

/**
 * Opens Holdpoint's database and brings its tables up to date; any number of processes may do so at once. All tables
 * begin with `holdpoint_`, so a PostgreSQL database can be shared. A SQLite file is for the processes of one machine.
 *
 * @param url `sqlite:///absolute/path`, `sqlite::memory:` or `postgres://…`.
 * @throws Error when the URL has another form, the database can't be reached, or a newer Holdpoint has changed its tables.
 */
export async function openDatabase(
  url: string,
  { maxConnections = 10 }: DatabaseOptions = {},
): Promise<HoldpointDatabase> {
  const place = parseDatabaseUrl(url);
  const database = new Kysely<Tables>({
    dialect:
      place.kind === 'sqlite' ? createSqliteDialect(place.file) : createPostgresDialect(place.url, maxConnections),
  });
  try {
    await (place.kind === 'sqlite'
      ? inTurn(() => migrate(database))
      : currentSchema(database).then((schema) => migrate(database, schema)));
  } catch (cause) {
    await database.destroy();
    throw new Error(
      `Holdpoint's ${place.kind === 'sqlite' ? `SQLite file ${place.file}` : 'PostgreSQL database'} can't be used: ${explain(cause)}`,
      { cause },
    );
  }
  return {
    values: createStoredValues(database),
    transcripts: createTranscripts(database),
    requests: createApprovalRequests(database),
    effects: createEffectLedger(database),
    webhookNews: createWebhookNews(database),
    close: () => database.destroy(),
  };
}

// Kysely would otherwise take the tables of any schema for its own.
async function currentSchema(database: Kysely<Tables>): Promise<string | null> {
  const { rows } = await sql<{ name: string | null }>`select current_schema() as name`.execute(database);
  return rows[0]?.name ?? null;
}

async function migrate(database: Kysely<Tables>, schema: string | null = null): Promise<void> {
  const migrator = new Migrator({
    db: database,
    provider: { getMigrations: async () => migrations },
    migrationTableName: 'holdpoint_migrations',
    migrationLockTableName: 'holdpoint_migration_lock',
    ...(schema === null ? {} : { migrationTableSchema: schema }),
  });
  const { error } = await migrator.migrateToLatest();
  if (error) throw error;
}

// SQLite waits for a lock by blocking the thread: of two openings in one process neither could go on.
let turn: Promise<unknown> = Promise.resolve();
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const result = turn.then(work);
  turn = result.catch(() => undefined);
  return result;
}

function explain(cause: unknown): string {
  const causes = cause instanceof AggregateError ? cause.errors : [cause];
  const text = causes.map((one: unknown) => (one instanceof Error ? one.message : String(one))).join('; ');
  return text.startsWith('corrupted migrations')
    ? `a newer version of Holdpoint has changed its tables (${text}). Run that version or a later one.`
    : text;
}

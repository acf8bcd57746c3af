import { dirname } from 'node:path';
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import {
  SqliteAdapter,
  SqliteDialect,
  SqliteDriver,
  type DatabaseConnection,
  type DialectAdapter,
  type Driver,
  type SqliteDatabase,
  type SqliteDialectConfig,
  type SqliteStatement,
} from 'kysely';
import { builtInSqlite } from './built-in-sqlite.ts';
import { keepPrivate, makePrivateFile, makePrivateFolder } from './private-files.ts';

/** SQLite waits for a lock by blocking the thread, so each such wait is short. */
const blockingWaitMs = 2;
/** How long a call waits for a lock in all, as `lock_timeout` on PostgreSQL. */
const longestWaitMs = 8_000;
const longestPauseMs = 25;
/** Prepared statements to keep. Holdpoint has fewer. Statements with lists vary. */
const maxPrepared = 300;

/**
 * Opens a SQLite file, or `:memory:`, with a write-ahead log, full synchronization and foreign keys.
 * Creates missing folders. Only this user may read and write the files. `file` is an absolute path.
 *
 * @throws Error of SQLite or of the file system.
 */
export async function openSqliteFile(file: string): Promise<DatabaseSync> {
  if (file !== ':memory:') makePrivate(file);
  const { DatabaseSync } = builtInSqlite();
  const database = new DatabaseSync(file, { timeout: blockingWaitMs, enableForeignKeyConstraints: true });
  try {
    // SQLite's own timeout does not hold for the lock that a change of the journal mode takes.
    await whenUnlocked(() => database.exec('pragma journal_mode = wal; pragma synchronous = full'));
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

// SQLite gives a new log the mode of its database.
function makePrivate(file: string): void {
  makePrivateFolder(dirname(file));
  makePrivateFile(file);
  for (const suffix of ['-wal', '-shm', '-journal']) keepPrivate(`${file}${suffix}`);
}

/** True if SQLite's wait for a lock timed out. The statement had no effect. */
export function isSqliteBusy(error: unknown): boolean {
  return sqliteCode(error) === 5;
}

/** True if the disk of a SQLite file is full. The transaction had no effect. */
export function isSqliteFull(error: unknown): boolean {
  return sqliteCode(error) === 13;
}

/** The low byte of SQLite's code is the error. The others say why. */
function sqliteCode(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : undefined;
}

/** Repeats work that meets a lock, with pauses that leave the thread to others. A locked statement had no effect. */
async function whenUnlocked<T>(work: () => T | Promise<T>): Promise<T> {
  const end = performance.now() + longestWaitMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isSqliteBusy(error) || performance.now() > end) throw error;
      await pause(Math.random() * longestPauseMs);
    }
  }
}

/**
 * Kysely's SQLite dialect over Node's built-in SQLite. Transactions take the write lock at their beginning, migrations
 * run in one, and every call waits up to eight seconds for a lock without blocking the thread.
 * Values are text, numbers, bytes and null, without booleans and dates.
 */
export class BuiltInSqliteDialect extends SqliteDialect {
  readonly #config: SqliteDialectConfig;

  constructor(database: DatabaseSync) {
    const config = { database: asKyselyDatabase(database) };
    super(config);
    this.#config = config;
  }

  override createDriver(): Driver {
    return new WaitingSqliteDriver(this.#config);
  }

  override createAdapter(): DialectAdapter {
    return new TransactionalSqliteAdapter();
  }
}

type Connection = Parameters<SqliteDriver['rollbackTransaction']>[0];

class WaitingSqliteDriver extends SqliteDriver {
  // On a full disk SQLite has rolled back already. The caller needs the error that came first.
  override async rollbackTransaction(connection: Connection): Promise<void> {
    await super.rollbackTransaction(connection).catch(() => undefined);
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    const connection = await super.acquireConnection();
    return {
      executeQuery: (query) => whenUnlocked(() => connection.executeQuery(query)),
      streamQuery: (query, chunkSize) => connection.streamQuery(query, chunkSize),
    };
  }
}

// SQLite can change its schema in a transaction, so processes that start at once migrate one after the other.
class TransactionalSqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

function asKyselyDatabase(database: DatabaseSync): SqliteDatabase {
  // Preparing takes longer than most statements run. SQLite prepares a statement again after a change of the schema.
  const prepared = new Map<string, SqliteStatement>();
  return {
    close: () => database.close(),
    prepare: (sql) => {
      const known = prepared.get(sql);
      if (known !== undefined) return known;
      const statement = prepare(database, sql);
      if (prepared.size >= maxPrepared) prepared.delete(prepared.keys().next().value as string);
      prepared.set(sql, statement);
      return statement;
    },
  };
}

function prepare(database: DatabaseSync, sql: string): SqliteStatement {
  // A deferred transaction that reads before it writes fails at once when another process wrote in between.
  const statement = database.prepare(sql === 'begin' ? 'begin immediate' : sql);
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...(parameters as SQLInputValue[])),
    run: (parameters) => statement.run(...(parameters as SQLInputValue[])),
    iterate: (parameters) => statement.iterate(...(parameters as SQLInputValue[])),
  };
}

import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { SqliteAdapter, SqliteDialect, type DialectAdapter, type SqliteDatabase, type SqliteStatement } from 'kysely';

/**
 * Kysely's own SQLite dialect over Node's built-in SQLite.
 *
 * `file` is an absolute path, whose folder is made if need be, or `:memory:`. The file is opened at once,
 * with a write-ahead log, foreign keys and five seconds of patience for a lock of another process.
 * Every transaction takes the write lock when it begins, and migrations run in one.
 * Values are what SQLite knows: text, numbers, bytes and null, no booleans and no dates.
 *
 * @throws Error when the file can't be opened or made.
 */
export function createSqliteDialect(file: string): SqliteDialect {
  return new TransactionalSqliteDialect({ database: asKyselyDatabase(openFile(file)) });
}

function openFile(file: string): DatabaseSync {
  try {
    if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true });
    const database = new DatabaseSync(file, { timeout: 5000, enableForeignKeyConstraints: true });
    database.exec('pragma journal_mode = wal; pragma synchronous = full');
    return database;
  } catch (cause) {
    throw new Error(
      `The SQLite file ${file} can't be opened: ${cause instanceof Error ? cause.message : String(cause)}. Check the path and its permissions.`,
      { cause },
    );
  }
}

/** Statements kept prepared, each once; more of them than Holdpoint has, and a bound for texts that vary. */
const preparedAtMost = 300;

function asKyselyDatabase(database: DatabaseSync): SqliteDatabase {
  // Preparing takes longer than most statements do. SQLite itself prepares one anew when the schema has changed.
  const prepared = new Map<string, SqliteStatement>();
  return {
    close: () => database.close(),
    prepare: (sql) => {
      const known = prepared.get(sql);
      if (known !== undefined) return known;
      const statement = prepare(database, sql);
      if (prepared.size >= preparedAtMost) prepared.delete(prepared.keys().next().value as string);
      prepared.set(sql, statement);
      return statement;
    },
  };
}

function prepare(database: DatabaseSync, sql: string): SqliteStatement {
  // A deferred transaction that reads before it writes fails without waiting when another process wrote in between.
  const statement = database.prepare(sql === 'begin' ? 'begin immediate' : sql);
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...(parameters as SQLInputValue[])),
    run: (parameters) => statement.run(...(parameters as SQLInputValue[])),
    iterate: (parameters) => statement.iterate(...(parameters as SQLInputValue[])),
  };
}

// SQLite can change its schema in a transaction, so two processes that start at once migrate one after the other.
class TransactionalSqliteDialect extends SqliteDialect {
  override createAdapter(): DialectAdapter {
    return new TransactionalSqliteAdapter();
  }
}

class TransactionalSqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

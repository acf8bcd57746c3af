import { Kysely, sql } from 'kysely';
import { Migrator, type Migration } from 'kysely/migration';
import { parseDatabaseUrl, type DatabaseKind, type DatabasePlace } from './database-url.ts';
import { createPostgresDialect } from './postgres-dialect.ts';
import { BuiltInSqliteDialect, openSqliteFile } from './sqlite-dialect.ts';

export type DatabaseOptions<Tables> = {
  /** `sqlite:///absolute/path`, `sqlite::memory:` or `postgres://…`. */
  url: string;
  /** Begins every error, as a possessive: `Holdpoint's`. */
  owner: string;
  /** Ends every error with advice: `Check NOTES_URL.` */
  remedy?: string;
  /** All migrations, run in the order of their names. A released one never changes. */
  migrations: (kind: DatabaseKind) => Record<string, Migration>;
  /** Names of the tables that record what was migrated. They never change either. */
  migrationTables: { migrations: string; lock: string };
  /** Runs after the migrations, at every opening, without time limits. Several processes may run it at once. */
  afterMigrations?: (database: Kysely<Tables>, kind: DatabaseKind) => Promise<void>;
  /** Opens a second pool of PostgreSQL connections for `reads`. */
  separateReads?: boolean;
  /** Called once for each PostgreSQL connection that broke. The pool opens another one. */
  onLost?: (error: Error) => void;
};

/** An open database. */
export type Database<Tables> = {
  kysely: Kysely<Tables>;
  /**
   * For reads that must answer while all connections of `kysely` wait for locks. The same object without
   * `separateReads`.
   */
  reads: Kysely<Tables>;
  kind: DatabaseKind;
  /** Ends all connections. */
  close: () => Promise<void>;
};

/**
 * Opens a database and migrates its tables. Any number of processes may do so at once. What a call has resolved is
 * committed, and survives a crash of the process and of the server.
 *
 * On PostgreSQL every session has limits (see `postgresSession`), and the tables are those of the current schema.
 * A SQLite file is for the processes of one machine.
 *
 * @throws Error when the URL has another form, or the database can't be reached, opened or migrated. The message never
 * repeats the URL.
 * @example
 * const { kysely } = await openDatabase<Tables>({
 *   url: 'sqlite:///var/lib/notes.db',
 *   owner: "The notebook's",
 *   migrations: () => ({ '0001-notes': { up: createNotes } }),
 *   migrationTables: { migrations: 'notes_migrations', lock: 'notes_migration_lock' },
 * });
 */
export async function openDatabase<Tables>(options: DatabaseOptions<Tables>): Promise<Database<Tables>> {
  const place = parseDatabaseUrl(options.url);
  try {
    return { kind: place.kind, ...(await openPlace(place, options)) };
  } catch (cause) {
    const what = place.kind === 'sqlite' ? `SQLite file ${place.file}` : 'PostgreSQL database';
    const text = `${options.owner} ${what} can't be opened or migrated: ${explain(cause)}`;
    throw new Error(options.remedy === undefined ? text : `${text.replace(/\.?$/, '.')} ${options.remedy}`, { cause });
  }
}

async function openPlace<Tables>(
  place: DatabasePlace,
  options: DatabaseOptions<Tables>,
): Promise<Omit<Database<Tables>, 'kind'>> {
  if (place.kind === 'sqlite') {
    const dialect = new BuiltInSqliteDialect(await openSqliteFile(place.file));
    const kysely = await orDestroy(new Kysely<Tables>({ dialect }), (database) => migrate(database, 'sqlite', options));
    return { kysely, reads: kysely, close: () => kysely.destroy() };
  }
  const { onLost = () => {} } = options;
  const connect = (more: { limited: boolean; maxConnections: number }) =>
    new Kysely<Tables>({ dialect: createPostgresDialect({ url: place.url, onLost, ...more }) });
  const migrating = connect({ limited: false, maxConnections: 1 });
  try {
    await migrate(migrating, 'postgres', options);
  } finally {
    await migrating.destroy();
  }
  // A server that refuses the settings of a session says so here, not at the first call.
  const kysely = await orDestroy(connect({ limited: true, maxConnections: 10 }), (database) =>
    sql`select 1`.execute(database),
  );
  // It connects at the first read.
  const reads = options.separateReads === true ? connect({ limited: true, maxConnections: 5 }) : kysely;
  return {
    kysely,
    reads,
    close: async () => void (await Promise.all([kysely.destroy(), ...(reads === kysely ? [] : [reads.destroy()])])),
  };
}

async function orDestroy<Tables>(
  database: Kysely<Tables>,
  work: (database: Kysely<Tables>) => Promise<unknown>,
): Promise<Kysely<Tables>> {
  try {
    await work(database);
    return database;
  } catch (error) {
    await database.destroy();
    throw error;
  }
}

async function migrate<Tables>(
  database: Kysely<Tables>,
  kind: DatabaseKind,
  { migrations, migrationTables, afterMigrations }: DatabaseOptions<Tables>,
): Promise<void> {
  // Without it Kysely finds migration tables in every schema and takes them for its own.
  const schema = kind === 'postgres' ? await currentSchema(database) : null;
  const { error } = await new Migrator({
    db: database,
    provider: { getMigrations: async () => migrations(kind) },
    migrationTableName: migrationTables.migrations,
    migrationLockTableName: migrationTables.lock,
    ...(schema === null ? {} : { migrationTableSchema: schema }),
  }).migrateToLatest();
  if (error !== undefined) throw error;
  await afterMigrations?.(database, kind);
}

async function currentSchema<Tables>(database: Kysely<Tables>): Promise<string | null> {
  const { rows } = await sql<{ name: string | null }>`select current_schema() as name`.execute(database);
  return rows[0]?.name ?? null;
}

function explain(cause: unknown): string {
  const causes = cause instanceof AggregateError ? cause.errors : [cause];
  const text = causes.map((one: unknown) => (one instanceof Error ? one.message : String(one))).join('; ');
  if (text.startsWith('corrupted migrations'))
    return `a newer version of Holdpoint has changed its tables (${text}). Run that version or a later one.`;
  if (/startup parameter|command-line options/i.test(text))
    return `${text}. Add ?pgbouncer=true to its URL, and set the time limits for its role.`;
  return text;
}

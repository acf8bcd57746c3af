import { Kysely, PostgresDialect, type Dialect } from 'kysely';
import { Migrator } from 'kysely/migration';
import { Pool } from 'pg';
import { createSqliteDialect, type DatabaseKind } from '@holdpoint/database';
import { migrations } from './migrations.ts';
import { ensurePostgresIndex } from './search.ts';
import type { ReviewTables } from './tables.ts';

/** The review server's database, migrated. */
export interface ReviewDatabase {
  kysely: Kysely<ReviewTables>;
  kind: DatabaseKind;
  /** Why search has no index, in PostgreSQL's words; undefined where it has one. */
  searchProblem: string | undefined;
}

/**
 * Opens `sqlite:///absolute/path`, `sqlite::memory:` or `postgres://…` and brings it to the newest schema.
 * Safe when several processes start at once.
 *
 * @throws Error when the address is of another form, or the database can't be reached or migrated.
 */
export async function openReviewDatabase(databaseUrl: string, onLost: (error: Error) => void): Promise<ReviewDatabase> {
  const { kind, dialect } = chooseDialect(databaseUrl, onLost);
  const kysely = new Kysely<ReviewTables>({ dialect });
  const { error } = await new Migrator({
    db: kysely,
    provider: { getMigrations: async () => migrations(kind) },
  }).migrateToLatest();
  if (error !== undefined) {
    await kysely.destroy();
    throw new Error(
      `The review server's database can't be opened or migrated: ${error instanceof Error ? error.message || error.name : 'unknown reason'}. Check HOLDPOINT_REVIEW_DATABASE_URL.`,
      { cause: error },
    );
  }
  return { kysely, kind, searchProblem: kind === 'sqlite' ? undefined : await ensurePostgresIndex(kysely) };
}

function chooseDialect(databaseUrl: string, onLost: (error: Error) => void): { kind: DatabaseKind; dialect: Dialect } {
  if (databaseUrl === 'sqlite::memory:') return { kind: 'sqlite', dialect: createSqliteDialect(':memory:') };
  if (databaseUrl.startsWith('sqlite:///'))
    return { kind: 'sqlite', dialect: createSqliteDialect(decodeURI(databaseUrl.slice('sqlite://'.length))) };
  if (/^postgres(ql)?:\/\//.test(databaseUrl)) {
    const pool = new Pool({ connectionString: databaseUrl, max: 10, connectionTimeoutMillis: 10_000 });
    // Without a listener a connection that breaks ends the process: while it is idle, and between two queries of a transaction.
    pool.on('error', onLost);
    pool.on('connect', (client) => client.on('error', onLost));
    return { kind: 'postgres', dialect: new PostgresDialect({ pool }) };
  }
  throw new Error(
    "The address of the review server's database must be sqlite:///absolute/path, sqlite::memory: or postgres://user:password@host/name.",
  );
}

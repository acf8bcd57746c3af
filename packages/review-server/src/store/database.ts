import { openDatabase, type Database } from '@holdpoint/database';
import { migrations } from './migrations.ts';
import { ensurePostgresIndex } from './search.ts';
import type { ReviewTables } from './tables.ts';

/** The review server's database, open and migrated. */
export type ReviewDatabase = Database<ReviewTables> & {
  /** PostgreSQL's reason why search has no index. Undefined where it has one. */
  searchProblem: string | undefined;
};

/**
 * Opens the review server's database and migrates its tables. Any number of processes may do so at once.
 *
 * @param url `sqlite:///absolute/path`, `sqlite::memory:` or `postgres://…`.
 * @throws Error when the URL has another form, or the database can't be reached, opened or migrated.
 */
export async function openReviewDatabase(url: string, onLost: (error: Error) => void): Promise<ReviewDatabase> {
  let searchProblem: string | undefined;
  const database = await openDatabase<ReviewTables>({
    url,
    owner: "The review server's",
    remedy: 'Check HOLDPOINT_REVIEW_DATABASE_URL.',
    migrations,
    migrationTables: { migrations: 'kysely_migration', lock: 'kysely_migration_lock' },
    async afterMigrations(kysely, kind) {
      if (kind === 'postgres') searchProblem = await ensurePostgresIndex(kysely);
    },
    separateReads: true,
    onLost,
  });
  return { ...database, searchProblem };
}

import { databasePlaceText, isDatabaseAway, openDatabase, type Database } from '@holdpoint/database';
import { oneAttempt, whenReachable, type StartWait } from '@holdpoint/process';
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
 * @param wait How long it waits for a database that is away. Default: one attempt.
 * @throws Error when the URL has another form, or the database can't be reached, opened or migrated.
 */
export async function openReviewDatabase(
  url: string,
  onLost: (error: Error) => void,
  wait: StartWait = oneAttempt,
): Promise<ReviewDatabase> {
  let searchProblem: string | undefined;
  const open = () =>
    openDatabase<ReviewTables>({
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
  const what = `${databasePlaceText(url)} (HOLDPOINT_REVIEW_DATABASE_URL)`;
  const database = await whenReachable({ what, attempt: open, isAway: isDatabaseAway, wait });
  return { ...database, searchProblem };
}

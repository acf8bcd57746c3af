import type { ReviewStore } from './review-store.ts';

/**
 * Resolves if a decision could be written now. It changes nothing and waits for no lock.
 *
 * @throws Error if the database is lost, full of waiting calls or read-only.
 */
export async function takesDecisions({ database: { kysely, kind } }: ReviewStore): Promise<void> {
  await kysely.transaction().execute((transaction) =>
    transaction
      .selectFrom('audit_head')
      .select('sequence')
      // A database that is read-only refuses the lock. A transaction of SQLite has it already.
      .$if(kind === 'postgres', (query) => query.forUpdate().skipLocked())
      .execute(),
  );
}

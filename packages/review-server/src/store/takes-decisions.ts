import { sql } from 'kysely';
import type { ReviewStore } from './review-store.ts';

/**
 * Resolves if a decision could be written now: it takes the lock of the audit's head, which every decision needs, and
 * changes nothing.
 *
 * @throws Error if the database is lost, full of waiting calls or read-only, or the lock is held for two seconds.
 */
export async function takesDecisions({ database: { kysely, kind } }: ReviewStore): Promise<void> {
  await kysely.transaction().execute(async (transaction) => {
    // A transaction of SQLite has the lock already.
    if (kind === 'postgres') await sql`set local lock_timeout = '2s'`.execute(transaction);
    await transaction
      .selectFrom('audit_head')
      .select('sequence')
      .$if(kind === 'postgres', (query) => query.forUpdate())
      .execute();
  });
}

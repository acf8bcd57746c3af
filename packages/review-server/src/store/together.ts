import { sql, type CommonTableExpression, type QueryCreator, type RawBuilder, type Transaction } from 'kysely';
import type { DatabaseKind } from '@holdpoint/database';
import type { ReviewTables } from './tables.ts';

/** An insert, update or delete that has not been executed. */
export type Write = { execute(): Promise<unknown> };

/**
 * Executes writes that do not touch the same rows: one statement and one round trip on PostgreSQL, where they are the
 * `with` part of a query, one after the other on SQLite. `then`: what the query of PostgreSQL selects.
 */
export async function writeTogether(
  transaction: Transaction<ReviewTables>,
  kind: DatabaseKind,
  writes: readonly Write[],
  then: RawBuilder<unknown> = sql`1`,
): Promise<void> {
  if (kind === 'sqlite') {
    for (const write of writes) await write.execute();
    return;
  }
  let query: QueryCreator<ReviewTables> = transaction;
  for (const [index, write] of writes.entries())
    query = query.with(`write_${index}`, (() => write) as unknown as CommonTableExpression<ReviewTables, string>);
  await query.selectNoFrom(then.as('done')).execute();
}

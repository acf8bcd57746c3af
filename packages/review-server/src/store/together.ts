import { sql, type AliasedRawBuilder, type CommonTableExpression, type QueryCreator, type Transaction } from 'kysely';
import type { DatabaseKind } from '@holdpoint/database';
import type { ReviewTables } from './tables.ts';

/** An insert, update or delete that has not been executed. */
export type Write = { execute(): Promise<unknown> };

/**
 * Executes writes that do not touch the same rows: one statement and one round trip on PostgreSQL, where they are the
 * `with` part of a query, `write_0` and so on, one after the other on SQLite. `then`: what the query of PostgreSQL
 * selects. Returns it.
 */
export async function writeTogether(
  transaction: Transaction<ReviewTables>,
  kind: DatabaseKind,
  writes: readonly Write[],
  then: readonly AliasedRawBuilder<unknown, string>[] = [sql`1`.as('done')],
): Promise<Record<string, unknown> | undefined> {
  if (kind === 'sqlite') {
    for (const write of writes) await write.execute();
    return undefined;
  }
  let query: QueryCreator<ReviewTables> = transaction;
  for (const [index, write] of writes.entries())
    query = query.with(`write_${index}`, (() => write) as unknown as CommonTableExpression<ReviewTables, string>);
  return await query.selectNoFrom(then).executeTakeFirstOrThrow();
}

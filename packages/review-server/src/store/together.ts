import { sql, type CommonTableExpression, type QueryCreator, type RawBuilder, type Transaction } from 'kysely';
import type { DatabaseKind } from '@holdpoint/database';
import type { ReviewTables } from './tables.ts';

/** An insert, update or delete that has not been executed. */
export type Write = { execute(): Promise<unknown> };

/** A write that returns its rows. */
type ReturningWrite = { execute(): Promise<readonly unknown[]> };

/**
 * Executes writes that do not touch the same rows: one statement and one round trip on PostgreSQL, where they are the
 * `with` part of a query, one after the other on SQLite. `then`: what the query of PostgreSQL selects. Returns the
 * number of rows of the first write.
 */
export async function writeTogether(
  transaction: Transaction<ReviewTables>,
  kind: DatabaseKind,
  [first, ...others]: readonly [ReturningWrite, ...Write[]],
  then: RawBuilder<unknown>,
): Promise<number> {
  if (kind === 'sqlite') {
    const rows = await first.execute();
    for (const write of others) await write.execute();
    return rows.length;
  }
  let query: QueryCreator<ReviewTables> = transaction;
  for (const [index, write] of [first, ...others].entries())
    query = query.with(`write_${index}`, (() => write) as unknown as CommonTableExpression<ReviewTables, string>);
  const { rows } = await query
    .selectNoFrom([sql<string>`(select count(*) from write_0)`.as('rows'), then.as('done')])
    .executeTakeFirstOrThrow();
  return Number(rows);
}

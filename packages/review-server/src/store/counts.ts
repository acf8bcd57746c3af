import { sql } from 'kysely';
import { countLimit, type Counts, type Facets } from '../contract/reviewer-api.ts';
import { readClaims, type Claims } from './claims.ts';
import type { ReviewStore } from './review-store.ts';

/** Totals behind every reviewer's counts. */
export type Totals = {
  pending: number;
  done: number;
  claims: Claims;
};

/** Counts open and closed approvals, each up to 10,000. */
export async function readTotals(store: ReviewStore): Promise<Totals> {
  const count = async (pending: boolean) => {
    const { reads } = store.database;
    const some = reads
      .selectFrom('approvals')
      .select(sql`1`.as('one'))
      .where(pending ? sql<boolean>`status = 'PENDING'` : sql<boolean>`status <> 'PENDING'`)
      .limit(countLimit)
      .as('some');
    const { count: counted } = await reads
      .selectFrom(some)
      .select(({ fn }) => fn.countAll().as('count'))
      .executeTakeFirstOrThrow();
    return Number(counted);
  };
  return { pending: await count(true), done: await count(false), claims: await readClaims(store) };
}

/** The counts of one reviewer. Approvals claimed by others count as waiting. */
export function countsFor(reviewer: string, { pending, done, claims }: Totals): Counts {
  const waiting = [...claims.values()].filter(({ by }) => by !== reviewer).length;
  return { needsYou: Math.max(0, pending - waiting), waiting, done };
}

const mostActions = 500;

/** The names of all assistants, and of the first 500 actions. */
export async function readFacets({ database: { reads } }: ReviewStore): Promise<Facets> {
  const assistants = await reads.selectFrom('assistants').select('name').orderBy('name').execute();
  // Steps from action to action in the index; "distinct" would read every approval.
  const { rows } = await sql<{ action: string }>`
    with recursive found(action) as (
      select min(action) from approvals
      union all
      select (select min(approvals.action) from approvals where approvals.action > found.action) from found where found.action is not null
    ) select action from found where action is not null limit ${mostActions}`.execute(reads);
  return { assistants: assistants.map(({ name }) => name), actions: rows.map(({ action }) => action) };
}

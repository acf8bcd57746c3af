import { sql, type Expression, type SqlBool } from 'kysely';
import { countLimit, type Counts, type Facets } from '../contract/reviewer-api.ts';
import type { Person, View } from '../policy/may-decide.ts';
import { readClaims, type Claims } from './claims.ts';
import type { ReviewStore } from './review-store.ts';
import { hasRequirements, isForOthers, visibleIn, visibleTo } from './visible.ts';

/** Totals behind every reviewer's counts. */
export type Totals = {
  pending: number;
  done: number;
  claims: Claims;
};

/** Counts the open and closed approvals that this view shows, each up to 10,000. */
export async function readTotals(store: ReviewStore, view: View): Promise<Totals> {
  const visible = await visibleIn(store.database.reads, view);
  const count = async (pending: boolean) => {
    const { reads } = store.database;
    const some = reads
      .selectFrom('approvals')
      .select(sql`1`.as('one'))
      .where(pending ? sql<boolean>`status = 'PENDING'` : sql<boolean>`status <> 'PENDING'`)
      .$if(visible !== undefined, (query) => query.where(visible!))
      .limit(countLimit)
      .as('some');
    const { count: counted } = await reads
      .selectFrom(some)
      .select(({ fn }) => fn.countAll().as('count'))
      .executeTakeFirstOrThrow();
    return Number(counted);
  };
  return {
    pending: await count(true),
    done: await count(false),
    claims: await visibleClaims(store, visible),
  };
}

async function visibleClaims(store: ReviewStore, visible: Expression<SqlBool> | undefined): Promise<Claims> {
  const claims = await readClaims(store);
  if (visible === undefined || claims.size === 0) return claims;
  const rows = await store.database.reads
    .selectFrom('approvals')
    .select('id')
    .where('id', 'in', [...claims.keys()])
    .where(visible)
    .execute();
  return new Map(rows.map(({ id }) => [id, claims.get(id)!]));
}

/**
 * The counts of one person. `waiting`: approvals that others claimed, that others have to decide, or that this person has
 * voted on.
 */
export async function countsFor(
  { database: { reads } }: ReviewStore,
  person: Person,
  { pending, done, claims }: Totals,
): Promise<Counts> {
  const claimed = [...claims].flatMap(([id, { people }]) => (people.includes(person.name) ? [] : [id]));
  const waiting = claimed.length + (await countForOthers(reads, person, claimed));
  return { needsYou: Math.max(0, pending - waiting), waiting: Math.min(waiting, countLimit), done };
}

/** Counts the approvals that take no vote of this person, without the ids that are counted already. */
async function countForOthers(
  reads: ReviewStore['database']['reads'],
  person: Person,
  counted: readonly string[],
): Promise<number> {
  if (!(await hasRequirements(reads))) return 0;
  const visible = await visibleTo(reads, person);
  const some = reads
    .selectFrom('approvals')
    .select(sql`1`.as('one'))
    .where(sql<boolean>`status = 'PENDING'`)
    .where(isForOthers(person))
    .$if(visible !== undefined, (query) => query.where(visible!))
    .$if(counted.length > 0, (query) => query.where('id', 'not in', counted))
    .limit(countLimit)
    .as('some');
  const { count } = await reads
    .selectFrom(some)
    .select(({ fn }) => fn.countAll().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

const mostActions = 500;

/**
 * The names of all assistants, those that programs give themselves, and the actions: the first 500 of each in approvals that
 * this view shows. Nothing for a person who sees no approvals.
 */
export async function readFacets({ database: { reads } }: ReviewStore, view: View): Promise<Facets> {
  if (view === 'none') return { assistants: [], actions: [], turns: false };
  const turns = await hasRequirements(reads);
  const visible = (await visibleIn(reads, view)) ?? sql<SqlBool>`1 = 1`;
  const assistants = await reads.selectFrom('assistants').select('name').orderBy('name').execute();
  // Steps from action to action in the index; "distinct" would read every approval.
  const { rows } = await sql<{ action: string }>`
    with recursive found(action) as (
      select (select action from approvals where ${visible} order by action limit 1)
      union all
      select (select approvals.action from approvals where approvals.action > found.action and ${visible} order by approvals.action limit 1) from found where found.action is not null
    ) select action from found where action is not null limit ${mostActions}`.execute(reads);
  const { rows: agents } = await sql<{ name: string }>`
    with recursive found(name) as (
      select (select agent_name from approvals where agent_name is not null and ${visible} order by agent_name limit 1)
      union all
      select (select approvals.agent_name from approvals where approvals.agent_name is not null and approvals.agent_name > found.name and ${visible} order by approvals.agent_name limit 1) from found where found.name is not null
    ) select name from found where name is not null limit ${mostActions}`.execute(reads);
  const names = new Set([...assistants, ...agents].map(({ name }) => name));
  return { assistants: [...names].toSorted(), actions: rows.map(({ action }) => action), turns };
}

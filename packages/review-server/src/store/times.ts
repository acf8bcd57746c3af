import type { Kysely } from 'kysely';
import { timesSchema, type Times, type TimesList } from '../contract/times.ts';
import { appendAudit } from './audit.ts';
import { listGroups } from './groups.ts';
import type { ReviewStore } from './review-store.ts';
import type { ReviewTables } from './tables.ts';

/** The owner of the times of requests that are addressed to no group. */
export const everyone = 'everyone';

/** The times of these owners. */
export async function readTimes(kysely: Kysely<ReviewTables>, owners?: readonly string[]): Promise<Map<string, Times>> {
  if (owners?.length === 0) return new Map();
  const rows = await kysely
    .selectFrom('times')
    .select(['owner', 'times'])
    .$if(owners !== undefined, (query) => query.where('owner', 'in', owners!))
    .execute();
  return new Map(rows.map(({ owner, times }) => [owner, timesSchema.parse(JSON.parse(times))]));
}

/** The times of all groups, and of requests without one. */
export async function listTimes(kysely: Kysely<ReviewTables>): Promise<TimesList> {
  const times = await readTimes(kysely);
  return {
    everyone: times.get(everyone) ?? null,
    groups: (await listGroups(kysely)).map(({ id, name }) => ({ id, name, times: times.get(id) ?? null })),
  };
}

/** Sets the times of a group or of `everyone`. Null removes them. Open approvals keep theirs. */
export async function setTimes(
  store: ReviewStore,
  owner: string,
  times: Times | null,
  by: string,
): Promise<'done' | 'not-found'> {
  return store.database.kysely.transaction().execute(async (transaction) => {
    const group = owner === everyone ? undefined : (await listGroups(transaction, owner))[0];
    if (owner !== everyone && group === undefined) return 'not-found';
    const at = store.clock().toISOString();
    if (times === null) await transaction.deleteFrom('times').where('owner', '=', owner).execute();
    else {
      const set = { times: JSON.stringify(times), updated_at: at, updated_by: by };
      await transaction
        .insertInto('times')
        .values({ owner, ...set })
        .onConflict((conflict) => conflict.column('owner').doUpdateSet(set))
        .execute();
    }
    await appendAudit(transaction, {
      at,
      actor: `reviewer:${by}`,
      event: 'times-changed',
      subject: owner,
      facts: { group: group?.name ?? everyone, times: times === null ? null : JSON.stringify(times) },
    });
    return 'done';
  });
}

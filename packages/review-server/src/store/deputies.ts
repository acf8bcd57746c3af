import { randomBytes } from 'node:crypto';
import type { ExpressionBuilder, Kysely, Transaction } from 'kysely';
import type { Deputy, NameDeputy } from '../contract/times.ts';
import { appendAudit } from './audit.ts';
import type { ReviewStore } from './review-store.ts';
import type { ReviewTables } from './tables.ts';

export type DeputyResult =
  | { outcome: 'done'; deputy: Deputy }
  | { outcome: 'not-found' }
  | { outcome: 'unknown-user'; name: string }
  | { outcome: 'same-person' };

/** Deputies that are not over, the first beginning first. With `userId`: those of this user, in either place. */
export async function listDeputies(
  kysely: Kysely<ReviewTables>,
  now: Date,
  userId?: string,
): Promise<(Deputy & { userIds: readonly [person: string, deputy: string] })[]> {
  const rows = await kysely
    .selectFrom('deputies')
    .innerJoin('users as people', 'people.id', 'deputies.user_id')
    .innerJoin('users as substitutes', 'substitutes.id', 'deputies.deputy_id')
    .selectAll('deputies')
    .select(['people.name as person', 'substitutes.name as deputy'])
    .where('ended_at', 'is', null)
    .where('until_at', '>', now.toISOString())
    .$if(userId !== undefined, (query) =>
      query.where((eb) => eb.or([eb('user_id', '=', userId!), eb('deputy_id', '=', userId!)])),
    )
    .orderBy('from_at')
    .execute();
  return rows.map(({ id, person, deputy, from_at, until_at, created_by, user_id, deputy_id }) => ({
    id,
    person,
    deputy,
    from: from_at,
    until: until_at,
    createdBy: created_by,
    userIds: [user_id, deputy_id],
  }));
}

/** A subquery for queries of users: the ids of the users whom each one represents now, separated by commas, or null. */
export function idsRepresentedNow(builder: ExpressionBuilder<ReviewTables, 'users'>, now: Date) {
  return builder
    .selectFrom('deputies')
    .where(actsAt(now))
    .select((eb) => eb.fn.agg<string | null>('string_agg', ['deputies.user_id', eb.val(',')]).as('ids'))
    .whereRef('deputies.deputy_id', '=', 'users.id');
}

/** Ids of the users whom each deputy represents now, by the id of the deputy. */
export async function representedNow(kysely: Kysely<ReviewTables>, now: Date): Promise<ReadonlyMap<string, string[]>> {
  const rows = await kysely
    .selectFrom('deputies')
    .select(['deputy_id', 'user_id'])
    .distinct()
    .where(actsAt(now))
    .execute();
  const represented = new Map<string, string[]>();
  for (const { deputy_id, user_id } of rows)
    represented.set(deputy_id, [...(represented.get(deputy_id) ?? []), user_id]);
  return represented;
}

function actsAt(now: Date) {
  const at = now.toISOString();
  return (eb: ExpressionBuilder<ReviewTables, 'deputies'>) =>
    eb.and([eb('deputies.ended_at', 'is', null), eb('deputies.from_at', '<=', at), eb('deputies.until_at', '>', at)]);
}

/** Names a deputy. */
export async function nameDeputy(
  store: ReviewStore,
  { person, deputy, from, until }: Omit<NameDeputy, 'person'> & { person: string },
  by: string,
): Promise<DeputyResult> {
  return store.database.kysely.transaction().execute(async (transaction): Promise<DeputyResult> => {
    const idOf = async (name: string) =>
      (
        await transaction
          .selectFrom('users')
          .select('id')
          .where('name', '=', name)
          .where('removed_at', 'is', null)
          .executeTakeFirst()
      )?.id;
    const [userId, deputyId] = [await idOf(person), await idOf(deputy)];
    if (userId === undefined) return { outcome: 'unknown-user', name: person };
    if (deputyId === undefined) return { outcome: 'unknown-user', name: deputy };
    if (userId === deputyId) return { outcome: 'same-person' };
    const now = store.clock();
    const at = now.toISOString();
    const id = `deputy_${randomBytes(12).toString('hex')}`;
    const span = { from_at: new Date(from).toISOString(), until_at: new Date(until).toISOString() };
    await transaction
      .insertInto('deputies')
      .values({ id, user_id: userId, deputy_id: deputyId, ...span, created_at: at, created_by: by, ended_at: null })
      .execute();
    await appendAudit(transaction, {
      at,
      actor: `reviewer:${by}`,
      event: 'deputy-named',
      subject: person,
      facts: { deputy, from: span.from_at, until: span.until_at },
    });
    return {
      outcome: 'done',
      deputy: { id, person, deputy, from: span.from_at, until: span.until_at, createdBy: by },
    };
  });
}

/** Ends the deputies of a removed user, in either place. A user who has the name later is another person. */
export async function endDeputiesOf(transaction: Transaction<ReviewTables>, userId: string, at: string): Promise<void> {
  await transaction
    .updateTable('deputies')
    .set({ ended_at: at })
    .where('ended_at', 'is', null)
    .where((eb) => eb.or([eb('user_id', '=', userId), eb('deputy_id', '=', userId)]))
    .execute();
}

/** Ends a deputy. `allowed`: whether the person behind the call may. */
export async function endDeputy(
  store: ReviewStore,
  id: string,
  by: { name: string; id: string; isAdmin: boolean },
): Promise<DeputyResult> {
  return store.database.kysely.transaction().execute(async (transaction): Promise<DeputyResult> => {
    const now = store.clock();
    const found = (await listDeputies(transaction, now)).find((each) => each.id === id);
    if (found === undefined || !(by.isAdmin || found.userIds.includes(by.id))) return { outcome: 'not-found' };
    const { userIds: _ids, ...deputy } = found;
    await transaction.updateTable('deputies').set({ ended_at: now.toISOString() }).where('id', '=', id).execute();
    await appendAudit(transaction, {
      at: now.toISOString(),
      actor: `reviewer:${by.name}`,
      event: 'deputy-ended',
      subject: deputy.person,
      facts: { deputy: deputy.deputy },
    });
    return { outcome: 'done', deputy };
  });
}

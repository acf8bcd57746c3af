import { randomBytes } from 'node:crypto';
import { sql, type Kysely, type Transaction } from 'kysely';
import type { ChangeGroup, CreateGroup, Group } from '../contract/groups.ts';
import { administrators } from '../contract/times.ts';
import type { Addressee } from '../policy/may-decide.ts';
import { nameKey } from '../policy/person-names.ts';
import { appendAudit } from './audit.ts';
import type { ReviewStore } from './review-store.ts';
import type { ReviewTables } from './tables.ts';

/** Result of a change of groups. `unknown-users`: names that no user has. `in-use`: approvals wait for the group. */
export type GroupResult =
  | { outcome: 'done'; group: Group }
  | { outcome: 'not-found' | 'name-taken' | 'name-reserved' | 'in-use' }
  | { outcome: 'unknown-users'; names: string[] };

/** All groups by name, without the removed ones. */
export async function listGroups(kysely: Kysely<ReviewTables>, id?: string): Promise<Group[]> {
  const rows = await kysely
    .selectFrom('groups')
    .selectAll()
    .where('removed_at', 'is', null)
    .$if(id !== undefined, (query) => query.where('id', '=', id!))
    .orderBy('name_key')
    .execute();
  const members = await kysely
    .selectFrom('group_members')
    .innerJoin('users', 'users.id', 'group_members.user_id')
    .select(['group_id', 'users.name'])
    .where('users.removed_at', 'is', null)
    .orderBy('users.name')
    .execute();
  const waiting = await kysely
    .selectFrom('approvals')
    .innerJoin('addressees', 'addressees.approval_id', 'approvals.id')
    .select(['addressee', ({ fn }) => fn.count('approvals.id').distinct().as('count')])
    .where('approvals.status', '=', 'PENDING')
    .where('approvals.addressed', '=', 1)
    .groupBy('addressee')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    visibleTo: row.visible_to,
    members: members.flatMap(({ group_id, name }) => (group_id === row.id ? [name] : [])),
    waiting: Number(waiting.find(({ addressee }) => addressee === `group:${row.id}`)?.count ?? 0),
    createdAt: row.created_at,
    createdBy: row.created_by,
  }));
}

/** The names of all groups, in alphabetical order. */
export async function groupNames(kysely: Kysely<ReviewTables>): Promise<string[]> {
  const rows = await kysely
    .selectFrom('groups')
    .select('name')
    .where('removed_at', 'is', null)
    .orderBy('name_key')
    .execute();
  return rows.map(({ name }) => name);
}

/** The groups among these addressees whose approvals everybody sees, by id. Reads nothing without a group. */
export async function openGroupsFor(kysely: Kysely<ReviewTables>, addressees: readonly Addressee[]): Promise<string[]> {
  return addressees.some((addressee) => addressee.startsWith('group:')) ? openGroups(kysely) : [];
}

/** The groups whose approvals everybody sees, by id. */
export async function openGroups(kysely: Kysely<ReviewTables>): Promise<string[]> {
  const rows = await kysely.selectFrom('groups').select('id').where('visible_to', '=', 'everyone').execute();
  return rows.map(({ id }) => id);
}

/** Adds a group. */
export async function createGroup(store: ReviewStore, given: CreateGroup, by: string): Promise<GroupResult> {
  return changing(store, async (transaction, at) => {
    const id = `group_${randomBytes(12).toString('hex')}`;
    if (isReserved(given.name)) return { outcome: 'name-reserved' };
    if (await isTaken(transaction, given.name)) return { outcome: 'name-taken' };
    await transaction
      .insertInto('groups')
      .values({
        id,
        name: given.name,
        name_key: nameKey(given.name),
        visible_to: given.visibleTo,
        created_at: at,
        created_by: by,
        removed_at: null,
      })
      .execute();
    const unknown = await setMembers(transaction, id, given.members, at, by);
    if (unknown.length > 0) return { outcome: 'unknown-users', names: unknown };
    return done(transaction, { id, at, by, event: 'group-added' });
  });
}

/** Changes the given fields. Open approvals stay addressed to the group, and its present members decide. */
export async function changeGroup(
  store: ReviewStore,
  id: string,
  { name, visibleTo, members }: ChangeGroup,
  by: string,
): Promise<GroupResult> {
  return changing(store, async (transaction, at) => {
    const [group] = await listGroups(transaction, id);
    if (group === undefined) return { outcome: 'not-found' };
    // A group of an earlier version may have the name, and keeps it.
    if (name !== undefined && isReserved(name) && !isReserved(group.name)) return { outcome: 'name-reserved' };
    if (name !== undefined && (await isTaken(transaction, name, id))) return { outcome: 'name-taken' };
    await transaction
      .updateTable('groups')
      .set({
        id,
        ...(name !== undefined && { name, name_key: nameKey(name) }),
        ...(visibleTo !== undefined && { visible_to: visibleTo }),
      })
      .where('id', '=', id)
      .execute();
    const unknown = members === undefined ? [] : await setMembers(transaction, id, members, at, by);
    if (unknown.length > 0) return { outcome: 'unknown-users', names: unknown };
    return done(transaction, { id, at, by, event: 'group-changed' });
  });
}

/** Removes a group for which no approval waits. */
export async function removeGroup(store: ReviewStore, id: string, by: string): Promise<GroupResult> {
  return changing(store, async (transaction, at) => {
    const [group] = await listGroups(transaction, id);
    if (group === undefined) return { outcome: 'not-found' };
    if (group.waiting > 0) return { outcome: 'in-use' };
    const result = await done(transaction, { id, at, by, event: 'group-removed' });
    await transaction.updateTable('groups').set({ removed_at: at }).where('id', '=', id).execute();
    return result;
  });
}

/** Thrown to undo a change that is refused. */
class Refused extends Error {
  readonly result: GroupResult;

  constructor(result: GroupResult) {
    super(result.outcome);
    this.result = result;
  }
}

// One change at a time: two could take the same name.
async function changing(
  store: ReviewStore,
  work: (transaction: Transaction<ReviewTables>, at: string) => Promise<GroupResult>,
): Promise<GroupResult> {
  try {
    return await store.database.kysely.transaction().execute(async (transaction) => {
      if (store.database.kind === 'postgres')
        await sql`lock table groups in share row exclusive mode`.execute(transaction);
      const result = await work(transaction, store.clock().toISOString());
      if (result.outcome !== 'done') throw new Refused(result);
      return result;
    });
  } catch (error) {
    if (error instanceof Refused) return error.result;
    throw error;
  }
}

/** True for the word that means the administrators where groups are named. */
function isReserved(name: string): boolean {
  return nameKey(name) === administrators;
}

async function isTaken(transaction: Transaction<ReviewTables>, name: string, except?: string): Promise<boolean> {
  const found = await transaction
    .selectFrom('groups')
    .select('id')
    .where('name_key', '=', nameKey(name))
    .where('removed_at', 'is', null)
    .executeTakeFirst();
  return found !== undefined && found.id !== except;
}

/** Returns the names that no user has. */
async function setMembers(
  transaction: Transaction<ReviewTables>,
  id: string,
  names: readonly string[],
  at: string,
  by: string,
): Promise<string[]> {
  const users =
    names.length === 0
      ? []
      : await transaction
          .selectFrom('users')
          .select(['id', 'name'])
          .where('name', 'in', names)
          .where('removed_at', 'is', null)
          .execute();
  const unknown = names.filter((name) => !users.some((user) => user.name === name));
  if (unknown.length > 0) return unknown;
  const wanted = users.map((user) => user.id);
  await transaction
    .deleteFrom('group_members')
    .where('group_id', '=', id)
    .$if(wanted.length > 0, (query) => query.where('user_id', 'not in', wanted))
    .execute();
  if (wanted.length > 0)
    await transaction
      .insertInto('group_members')
      .values(wanted.map((user_id) => ({ group_id: id, user_id, added_at: at, added_by: by })))
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  return [];
}

async function done(
  transaction: Transaction<ReviewTables>,
  {
    id,
    at,
    by,
    event,
  }: { id: string; at: string; by: string; event: 'group-added' | 'group-changed' | 'group-removed' },
): Promise<GroupResult> {
  const [group] = await listGroups(transaction, id);
  if (group === undefined) return { outcome: 'not-found' };
  const { name, visibleTo, members } = group;
  await appendAudit(transaction, {
    at,
    actor: `reviewer:${by}`,
    event,
    subject: id,
    facts: { name, visibleTo, members: members.join(', ') },
  });
  return { outcome: 'done', group };
}

import { randomUUID } from 'node:crypto';
import type { DatabaseKind } from '@holdpoint/database';
import type { Transaction } from 'kysely';
import type { Role } from '../contract/session.ts';
import type { User } from '../contract/users.ts';
import { passwordSchema } from '../contract/password.ts';
import type { ReviewerSeed } from '../options.ts';
import { appendAudit, type NewAuditEntry } from './audit.ts';
import { hashPassword, verifyPassword } from './password.ts';
import { endDeputiesOf } from './deputies.ts';
import type { ReviewStore } from './review-store.ts';
import type { ReviewTables, UsersTable } from './tables.ts';

/** A signed-in person. */
export type Reviewer = {
  id: string;
  name: string;
  roles: readonly Role[];
};

/** Result of a change. `last-admin`: the change would leave no administrator. */
export type UserChange = { outcome: 'done'; user: User } | { outcome: 'not-found' | 'name-taken' | 'last-admin' };

/**
 * Adds the users of the settings, and replaces a password that changed there. Changes by administrators stay. Safe in
 * several processes at once.
 * @throws Error for a new password that is too short.
 */
export async function seedReviewers(
  { database, clock, passwordCost }: ReviewStore,
  seeds: readonly ReviewerSeed[],
): Promise<void> {
  for (const { name, password, roles = ['reviewer'] } of seeds) {
    const known = await database.kysely
      .selectFrom('users')
      .select(['seed_hash', 'password_hash'])
      .where('name', '=', name)
      .executeTakeFirst();
    if (known?.seed_hash != null && (await verifyPassword(password, known.seed_hash, passwordCost))) continue;
    // A short password of an earlier version stays.
    if (!(known !== undefined && (await verifyPassword(password, known.password_hash, passwordCost))))
      refuseWeak(name, password);
    const password_hash = await hashPassword(password, passwordCost);
    const at = clock().toISOString();
    await database.kysely.transaction().execute(async (transaction) => {
      const { id } = await transaction
        .insertInto('users')
        .values({
          id: newId(),
          name,
          password_hash,
          seed_hash: password_hash,
          roles: JSON.stringify(roles),
          created_at: at,
          aliases: '[]',
        })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ password_hash, seed_hash: password_hash }))
        .returning('id')
        .executeTakeFirstOrThrow();
      await transaction.deleteFrom('sessions').where('user_id', '=', id).execute();
      await appendAudit(transaction, {
        at,
        actor: 'system',
        event: known === undefined ? 'user-added' : 'password-changed',
        subject: name,
        facts: known === undefined ? { roles: roles.join(' ') } : {},
      });
    });
  }
}

function refuseWeak(name: string, password: string): void {
  const problem = passwordSchema.safeParse(password).error?.issues[0]?.message;
  if (problem !== undefined)
    throw new Error(
      `The password of ${name} in the settings ${problem}. Set HOLDPOINT_REVIEWER_PASSWORD to another one.`,
    );
}

/** The user of that name, unless removed. */
export async function findReviewer(store: ReviewStore, name: string): Promise<Reviewer | undefined> {
  return findBy(store, 'name', name);
}

/** The user of that id, unless removed. */
export async function findReviewerById(store: ReviewStore, id: string): Promise<Reviewer | undefined> {
  return findBy(store, 'id', id);
}

async function findBy({ database }: ReviewStore, column: 'id' | 'name', value: string): Promise<Reviewer | undefined> {
  const row = await database.reads
    .selectFrom('users')
    .select(['id', 'name', 'roles'])
    .where(column, '=', value)
    .where('removed_at', 'is', null)
    .executeTakeFirst();
  return row && { ...row, roles: readRoles(row.roles) };
}

/** All users by name, without the removed ones. */
export async function listUsers({ database }: ReviewStore): Promise<User[]> {
  return (
    await database.reads.selectFrom('users').selectAll().where('removed_at', 'is', null).orderBy('name').execute()
  ).map(toUser);
}

/** Adds a user. A removed user of this name returns with the new password and roles. */
export async function addUser(
  store: ReviewStore,
  { name, password, roles }: { name: string; password: string; roles: readonly Role[] },
  by: string,
): Promise<UserChange> {
  const password_hash = await hashPassword(password, store.passwordCost);
  return store.database.kysely.transaction().execute(async (transaction) => {
    const at = store.clock().toISOString();
    const values = {
      password_hash,
      roles: JSON.stringify(roles),
      created_at: at,
      removed_at: null,
      last_sign_in_at: null,
      seed_hash: null,
      aliases: '[]',
    };
    const row = await transaction
      .insertInto('users')
      .values({ id: newId(), name, ...values })
      .onConflict((conflict) => conflict.column('name').doUpdateSet(values).where('users.removed_at', 'is not', null))
      .returningAll()
      .executeTakeFirst();
    if (row === undefined) return { outcome: 'name-taken' };
    await appendAudit(transaction, {
      at,
      actor: `reviewer:${by}`,
      event: 'user-added',
      subject: name,
      facts: { roles: roles.join(' ') },
    });
    return { outcome: 'done', user: toUser(row) };
  });
}

/** Changes roles, password, or both. A new password ends the user's sessions. Roles apply from the next request. */
export async function changeUser(
  store: ReviewStore,
  name: string,
  {
    roles,
    password,
    aliases,
  }: {
    roles?: readonly Role[] | undefined;
    password?: string | undefined;
    aliases?: readonly string[] | undefined;
  },
  by: string,
): Promise<UserChange> {
  const password_hash = password === undefined ? undefined : await hashPassword(password, store.passwordCost);
  return change(store, name, by, roles !== undefined && !roles.includes('admin'), async (transaction, user) => {
    if (password_hash !== undefined) await transaction.deleteFrom('sessions').where('user_id', '=', user.id).execute();
    return {
      set: {
        ...(password_hash === undefined ? {} : { password_hash }),
        ...(roles === undefined ? {} : { roles: JSON.stringify(roles) }),
        ...(aliases === undefined ? {} : { aliases: JSON.stringify(aliases) }),
      },
      audit: [
        ...(roles === undefined
          ? []
          : [
              {
                event: 'roles-changed' as const,
                facts: { roles: roles.join(' '), before: readRoles(user.roles).join(' ') },
              },
            ]),
        ...(password === undefined ? [] : [{ event: 'password-changed' as const, facts: {} }]),
        ...(aliases === undefined
          ? []
          : [
              {
                event: 'aliases-changed' as const,
                facts: { aliases: aliases.join(', '), before: readAliases(user.aliases).join(', ') },
              },
            ]),
      ],
    };
  });
}

/** Removes a user with the settings and ends the sessions. Decisions keep the name. */
export async function removeUser(store: ReviewStore, name: string, by: string): Promise<UserChange> {
  return change(store, name, by, true, async (transaction, user) => {
    const removed_at = store.clock().toISOString();
    await dropTraces(transaction, user.id, removed_at);
    // Stays if a new user of this name is added.
    await transaction
      .updateTable('provider_identities')
      .set({ removed_at })
      .where('user_id', '=', user.id)
      .where('removed_at', 'is', null)
      .execute();
    return { set: { removed_at }, audit: [{ event: 'user-removed', facts: {} }] };
  });
}

/** Reads the roles column. */
export function readRoles(text: string): Role[] {
  return JSON.parse(text) as Role[];
}

/** Reads the aliases column. */
export function readAliases(text: string): string[] {
  return JSON.parse(text) as string[];
}

/** Locks all users and reads them, so that two administrators can't remove each other at once. */
export async function lockUsers(transaction: Transaction<ReviewTables>, kind: DatabaseKind): Promise<UsersTable[]> {
  return transaction
    .selectFrom('users')
    .selectAll()
    .where('removed_at', 'is', null)
    .orderBy('id')
    .$if(kind === 'postgres', (query) => query.forUpdate())
    .execute();
}

/** True if no other one of the users is an administrator. */
export function isLastAdmin(user: UsersTable, users: readonly UsersTable[]): boolean {
  const isAdmin = ({ roles }: UsersTable) => readRoles(roles).includes('admin');
  return isAdmin(user) && users.filter(isAdmin).length === 1;
}

/** Drops all that a user has, so that a user who is added later under the same name starts without it. */
export async function dropTraces(transaction: Transaction<ReviewTables>, userId: string, at: string): Promise<void> {
  for (const table of ['sessions', 'user_settings', 'group_members', 'passkeys'] as const)
    await transaction.deleteFrom(table).where('user_id', '=', userId).execute();
  await endDeputiesOf(transaction, userId, at);
}

type Change = (
  transaction: Transaction<ReviewTables>,
  user: UsersTable,
) => Promise<{ set: Partial<UsersTable>; audit: Pick<NewAuditEntry, 'event' | 'facts'>[] }>;

async function change(
  { database, clock }: ReviewStore,
  name: string,
  by: string,
  endsAdmin: boolean,
  work: Change,
): Promise<UserChange> {
  return database.kysely.transaction().execute(async (transaction) => {
    const users = await lockUsers(transaction, database.kind);
    const user = users.find((candidate) => candidate.name === name);
    if (user === undefined) return { outcome: 'not-found' };
    if (endsAdmin && isLastAdmin(user, users)) return { outcome: 'last-admin' };
    const { set, audit } = await work(transaction, user);
    const changed = await transaction
      .updateTable('users')
      .set(set)
      .where('id', '=', user.id)
      .returningAll()
      .executeTakeFirstOrThrow();
    for (const entry of audit)
      await appendAudit(transaction, { at: clock().toISOString(), actor: `reviewer:${by}`, subject: name, ...entry });
    return { outcome: 'done', user: toUser(changed) };
  });
}

function toUser({ name, roles, created_at, last_sign_in_at, aliases }: UsersTable): User {
  return {
    name,
    roles: readRoles(roles),
    createdAt: created_at,
    lastSignInAt: last_sign_in_at,
    aliases: readAliases(aliases),
  };
}

function newId(): string {
  return `user_${randomUUID()}`;
}

import { randomUUID } from 'node:crypto';
import type { Transaction } from 'kysely';
import type { Role } from '../contract/session.ts';
import { userNamePattern } from '../contract/user-name.ts';
import { nameKey } from '../policy/person-names.ts';
import { appendAudit } from './audit.ts';
import type { ReviewStore } from './review-store.ts';
import type { ReviewTables } from './tables.ts';
import { followGroups } from './provider-groups.ts';
import { readAliases, readRoles, type Reviewer } from './users.ts';

/** A person who signed in at the provider. Issuer and subject identify them, never a name or an address. */
export type ProviderPerson = {
  issuer: string;
  subject: string;
  /** Names for a new user, best first. */
  names: readonly string[];
  /** The roles that the provider's groups give now. */
  roles: readonly Role[];
  /** The provider's groups. Undefined: it did not say. */
  groups: readonly string[] | undefined;
};

/** `no-role`: the person may not sign in, and has no session left. */
export type Admission = { outcome: 'admitted'; reviewer: Reviewer } | { outcome: 'removed' | 'no-role' };

/** No hash: no password matches it. */
const noPassword = '';
const mostAliases = 20;

/**
 * The user of a person of the provider, with the roles that the provider gives now. The first sign-in adds the user. A
 * removed user stays removed.
 */
export async function admitPerson(store: ReviewStore, person: ProviderPerson): Promise<Admission> {
  return store.database.kysely.transaction().execute(async (transaction) => {
    const user = await findUser(transaction, person);
    if (user !== undefined) return renew(store, transaction, person, user.user_id);
    if (person.roles.length === 0) return { outcome: 'no-role' };
    const id = `user_${randomUUID()}`;
    const at = store.clock().toISOString();
    const isNew = await transaction
      .insertInto('provider_identities')
      .values({ issuer: person.issuer, subject: person.subject, user_id: id, created_at: at })
      .onConflict((conflict) => conflict.columns(['issuer', 'subject']).doNothing())
      .returning('user_id')
      .executeTakeFirst();
    if (isNew !== undefined) return addPerson(transaction, person, { id, at });
    // Another tab was faster.
    const { user_id } = (await findUser(transaction, person))!;
    return renew(store, transaction, person, user_id);
  });
}

function findUser(transaction: Transaction<ReviewTables>, { issuer, subject }: ProviderPerson) {
  return transaction
    .selectFrom('provider_identities')
    .select(['user_id', 'removed_at'])
    .where('issuer', '=', issuer)
    .where('subject', '=', subject)
    .executeTakeFirst();
}

async function addPerson(
  transaction: Transaction<ReviewTables>,
  { issuer, subject, names, roles, groups = [] }: ProviderPerson,
  { id, at }: { id: string; at: string },
): Promise<Admission> {
  // Names of removed users stay theirs.
  const users = await transaction.selectFrom('users').select('name').execute();
  const taken = new Set(users.map(({ name }) => nameKey(name)));
  for (const name of candidates(names)) {
    if (taken.has(nameKey(name))) continue;
    const added = await transaction
      .insertInto('users')
      .values({
        id,
        name,
        password_hash: noPassword,
        roles: JSON.stringify(roles),
        aliases: JSON.stringify(withAliases([], names)),
        created_at: at,
      })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .returning('id')
      .executeTakeFirst();
    if (added === undefined) continue;
    await appendAudit(transaction, {
      at,
      actor: 'system',
      event: 'user-added',
      subject: name,
      facts: { by: 'provider', roles: roles.join(' '), issuer, providerSubject: subject },
    });
    await followGroups(transaction, { userId: id, name, groups, at });
    return { outcome: 'admitted', reviewer: { id, name, roles } };
  }
  throw new Error('No name is free for a person of the identity provider.');
}

async function renew(
  { database, clock }: ReviewStore,
  transaction: Transaction<ReviewTables>,
  person: ProviderPerson,
  userId: string,
): Promise<Admission> {
  const { id, name, roles, aliases, removed_at } = await transaction
    .selectFrom('users')
    .select(['id', 'name', 'roles', 'aliases', 'removed_at'])
    .where('id', '=', userId)
    .$if(database.kind === 'postgres', (query) => query.forUpdate())
    .executeTakeFirstOrThrow();
  // Read behind the lock: a removal locks the user first.
  const identity = await findUser(transaction, person);
  if (removed_at !== null || identity === undefined || identity.removed_at !== null) return { outcome: 'removed' };
  const at = clock().toISOString();
  const before = readRoles(roles);
  await transaction
    .updateTable('users')
    .set({
      roles: JSON.stringify(person.roles),
      aliases: JSON.stringify(withAliases(readAliases(aliases), person.names)),
    })
    .where('id', '=', id)
    .execute();
  await followGroups(transaction, { userId: id, name, groups: person.groups ?? [], at });
  if (before.toSorted().join() !== person.roles.toSorted().join())
    await appendAudit(transaction, {
      at,
      actor: 'system',
      event: 'roles-changed',
      subject: name,
      facts: { by: 'provider', roles: person.roles.join(' '), before: before.join(' ') },
    });
  if (person.roles.length > 0) return { outcome: 'admitted', reviewer: { id, name, roles: person.roles } };
  await transaction.deleteFrom('sessions').where('user_id', '=', id).execute();
  return { outcome: 'no-role' };
}

/** The names in the form of user names, then the same with a number. */
function* candidates(names: readonly string[]): Generator<string> {
  const fitting = names.map((name) => name.normalize('NFC').trim()).filter((name) => userNamePattern.test(name));
  const chosen = fitting.length === 0 ? ['user'] : fitting;
  yield* chosen.slice(0, 1);
  for (let number = 2; number < 1000; number += 1) yield `${chosen[0]!.slice(0, 90)} ${number}`;
}

/** The provider's names of the person, for the separation of duties. They only forbid. */
function withAliases(aliases: readonly string[], names: readonly string[]): string[] {
  const added = names.map((name) => name.trim().slice(0, 300)).filter((name) => name !== '' && !name.includes('\0'));
  return [...new Set([...aliases, ...added])].slice(0, mostAliases);
}

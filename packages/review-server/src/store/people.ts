import type { Kysely } from 'kysely';
import type { Person } from '../policy/may-decide.ts';
import { idsRepresentedNow, representedNow } from './deputies.ts';
import type { ReviewTables } from './tables.ts';
import { readAliases, readRoles } from './users.ts';

/**
 * The user of this id as the policy sees a person at this time, with those whom the person represents. Undefined for a
 * removed or unknown one.
 */
export async function readPerson(kysely: Kysely<ReviewTables>, userId: string, now: Date): Promise<Person | undefined> {
  const rows = await selectPeople(kysely)
    .where('users.id', '=', userId)
    .select((builder) => idsRepresentedNow(builder, now).as('represents'))
    .execute();
  const [person] = toPeople(rows);
  if (person === undefined) return undefined;
  const ids = new Set((rows[0]!.represents ?? '').split(',').filter((id) => id !== ''));
  if (ids.size === 0) return person;
  return {
    ...person,
    represents: toPeople(
      await selectPeople(kysely)
        .where('users.id', 'in', [...ids])
        .execute(),
    ),
  };
}

/** All users as the policy sees them at this time, with those whom they represent. */
export async function readPeopleAt(kysely: Kysely<ReviewTables>, now: Date): Promise<Person[]> {
  const people = await readPeople(kysely);
  const represented = await representedNow(kysely, now);
  return people.map((person) => {
    const ids = represented.get(person.id);
    return ids === undefined ? person : { ...person, represents: people.filter(({ id }) => ids.includes(id)) };
  });
}

/** All users as the policy sees them, without those whom they represent. */
export async function readPeople(kysely: Kysely<ReviewTables>): Promise<Person[]> {
  return toPeople(await selectPeople(kysely).execute());
}

/** A row for each user, or for each group of a user. */
function selectPeople(kysely: Kysely<ReviewTables>) {
  return kysely
    .selectFrom('users')
    .leftJoin('group_members', 'group_members.user_id', 'users.id')
    .select(['users.id', 'users.name', 'users.roles', 'users.aliases', 'group_members.group_id'])
    .where('users.removed_at', 'is', null)
    .orderBy('users.id');
}

function toPeople(rows: Awaited<ReturnType<ReturnType<typeof selectPeople>['execute']>>): Person[] {
  const people = new Map<string, Person & { groups: string[] }>();
  for (const { group_id, id, name, roles, aliases } of rows) {
    const person = people.get(id) ?? {
      id,
      name,
      roles: readRoles(roles),
      aliases: readAliases(aliases),
      groups: [],
    };
    if (group_id !== null) person.groups.push(group_id);
    people.set(id, person);
  }
  return [...people.values()];
}

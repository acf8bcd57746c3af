import type { Kysely } from 'kysely';
import type { Person } from '../policy/may-decide.ts';
import { representedBy, representedNow } from './deputies.ts';
import type { ReviewTables } from './tables.ts';
import { readAliases, readRoles } from './users.ts';

/**
 * The user of this id as the policy sees a person at this time, with those whom the person represents. Undefined for a
 * removed or unknown one.
 */
export async function readPerson(kysely: Kysely<ReviewTables>, userId: string, now: Date): Promise<Person | undefined> {
  const [person] = await readPeople(kysely, userId);
  if (person === undefined) return undefined;
  const represents: Person[] = [];
  for (const id of await representedBy(kysely, userId, now)) represents.push(...(await readPeople(kysely, id)));
  return represents.length === 0 ? person : { ...person, represents };
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

/** All users as the policy sees them, without those whom they represent, or the one of this id. */
export async function readPeople(kysely: Kysely<ReviewTables>, userId?: string): Promise<Person[]> {
  const rows = await kysely
    .selectFrom('users')
    .leftJoin('group_members', 'group_members.user_id', 'users.id')
    .select(['users.id', 'users.name', 'users.roles', 'users.aliases', 'group_members.group_id'])
    .where('users.removed_at', 'is', null)
    .$if(userId !== undefined, (query) => query.where('users.id', '=', userId!))
    .orderBy('users.id')
    .execute();
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

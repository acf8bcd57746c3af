import { sql } from 'kysely';
import { sha256 } from '@holdpoint/json/digest';
import { networkOf } from '../ip-address.ts';
import { verifyPassword } from './password.ts';
import type { ReviewStore } from './review-store.ts';
import { readRoles, type Reviewer } from './users.ts';

/** What came of a sign-in; `blocked` says for how many seconds more. */
export type SignInResult =
  { outcome: 'signed-in'; reviewer: Reviewer } | { outcome: 'wrong' } | { outcome: 'blocked'; seconds: number };

/** Failures that cost nothing, and the longest that further ones block, in seconds. */
interface Brake {
  subject: string;
  free: number;
  longest: number;
}

// A name is blocked for short spans only, or anybody could shut its owner out; an address may have to wait longer.
const nameBrake = (name: string): Brake => ({ subject: `name:${sha256(name)}`, free: 5, longest: 60 });
const addressBrake = (address: string): Brake => ({
  subject: `address:${networkOf(address)}`,
  free: 20,
  longest: 15 * 60,
});

/** Failures that are older than this are forgotten, in milliseconds. */
const MEMORY_MS = 60 * 60_000;

/**
 * Checks name and password. After five failures in a row each further one blocks the name for twice as long, up to a
 * minute; after twenty, the address that they come from, up to fifteen. Names that nobody has are treated alike.
 */
export async function checkPassword(
  store: ReviewStore,
  name: string,
  password: string,
  address: string | undefined,
): Promise<SignInResult> {
  const {
    database: { kysely },
    passwordCost,
  } = store;
  const brakes = [nameBrake(name), ...(address === undefined ? [] : [addressBrake(address)])];
  const seconds = await blockedSeconds(store, brakes);
  if (seconds > 0) return { outcome: 'blocked', seconds };
  // Counted before the look, so that many guesses at once count as many.
  for (const brake of brakes) await countFailure(store, brake);
  const user = await kysely
    .selectFrom('users')
    .select(['id', 'name', 'roles', 'password_hash'])
    .where('name', '=', name)
    .where('removed_at', 'is', null)
    .executeTakeFirst();
  if (!(await verifyPassword(password, user?.password_hash, passwordCost)) || user === undefined)
    return { outcome: 'wrong' };
  await forgive(store, brakes);
  return { outcome: 'signed-in', reviewer: { id: user.id, name: user.name, roles: readRoles(user.roles) } };
}

async function blockedSeconds({ database: { kysely }, clock }: ReviewStore, brakes: readonly Brake[]): Promise<number> {
  const now = clock();
  const rows = await kysely
    .selectFrom('sign_in_failures')
    .select('blocked_until')
    .where(
      'subject',
      'in',
      brakes.map(({ subject }) => subject),
    )
    .where('blocked_until', '>', now.toISOString())
    .execute();
  return Math.max(
    0,
    ...rows.map(({ blocked_until }) => Math.ceil((Date.parse(blocked_until!) - now.getTime()) / 1000)),
  );
}

async function countFailure(
  { database: { kysely }, clock }: ReviewStore,
  { subject, free, longest }: Brake,
): Promise<void> {
  const now = clock();
  const at = now.toISOString();
  const forgotten = new Date(now.getTime() - MEMORY_MS).toISOString();
  const { failures } = await kysely
    .insertInto('sign_in_failures')
    .values({ subject, failures: 1, last_at: at })
    .onConflict((conflict) =>
      conflict.column('subject').doUpdateSet({
        failures: sql`case when sign_in_failures.last_at < ${forgotten} then 1 else sign_in_failures.failures + 1 end`,
        last_at: at,
      }),
    )
    .returning('failures')
    .executeTakeFirstOrThrow();
  if (failures < free) return;
  const seconds = Math.min(2 ** Math.min(failures - free, 20), longest);
  await kysely
    .updateTable('sign_in_failures')
    .set({ blocked_until: new Date(now.getTime() + seconds * 1000).toISOString() })
    .where('subject', '=', subject)
    .execute();
}

// The name starts anew; the address gets this one back only, or an account of one's own would buy guesses at others.
async function forgive({ database: { kysely }, clock }: ReviewStore, [name, address]: readonly Brake[]): Promise<void> {
  await kysely.deleteFrom('sign_in_failures').where('subject', '=', name!.subject).execute();
  if (address !== undefined)
    await kysely
      .updateTable('sign_in_failures')
      .set((column) => ({ failures: column('failures', '-', 1), blocked_until: null }))
      .where('subject', '=', address.subject)
      .execute();
  await kysely
    .deleteFrom('sign_in_failures')
    .where('last_at', '<', new Date(clock().getTime() - MEMORY_MS).toISOString())
    .execute();
}

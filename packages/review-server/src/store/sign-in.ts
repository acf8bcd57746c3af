import { sql } from 'kysely';
import { sha256 } from '@holdpoint/json/digest';
import { networkOf } from '../ip-address.ts';
import { verifyPassword } from './password.ts';
import type { ReviewStore } from './review-store.ts';
import { readRoles, type Reviewer } from './users.ts';

/** Result of a sign-in. `seconds`: the rest of the block. */
export type SignInResult =
  { outcome: 'signed-in'; reviewer: Reviewer } | { outcome: 'wrong' } | { outcome: 'blocked'; seconds: number };

/** Number of free failures, and the longest block after further ones, in seconds. */
type SignInThrottle = {
  subject: string;
  free: number;
  longest: number;
};

// Blocks of a name are short, or strangers could lock its owner out. An address may be blocked longer.
const nameThrottle = (name: string): SignInThrottle => ({ subject: `name:${sha256(name)}`, free: 5, longest: 60 });
const addressThrottle = (address: string): SignInThrottle => ({
  subject: `address:${networkOf(address)}`,
  free: 20,
  longest: 15 * 60,
});

/** Failures are forgotten after this time, in milliseconds. */
const forgetAfterMs = 60 * 60_000;

/**
 * Checks name and password. After five failures in a row each further one doubles the block of the name, up to a
 * minute. After twenty it blocks the address, up to fifteen minutes. Unknown names are treated the same.
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
  const throttles = [nameThrottle(name), ...(address === undefined ? [] : [addressThrottle(address)])];
  const seconds = await blockedSeconds(store, throttles);
  if (seconds > 0) return { outcome: 'blocked', seconds };
  // Counted before the check, so that concurrent guesses are all counted.
  for (const throttle of throttles) await countFailure(store, throttle);
  const user = await kysely
    .selectFrom('users')
    .select(['id', 'name', 'roles', 'password_hash'])
    .where('name', '=', name)
    .where('removed_at', 'is', null)
    .executeTakeFirst();
  if (!(await verifyPassword(password, user?.password_hash, passwordCost)) || user === undefined)
    return { outcome: 'wrong' };
  await forgive(store, throttles);
  return { outcome: 'signed-in', reviewer: { id: user.id, name: user.name, roles: readRoles(user.roles) } };
}

/** The brake of an address, for sign-ins without a password. */
export type AddressBrake = {
  /** 0: not blocked, and this attempt is counted as a failure until `forgive`. */
  blockedSeconds: number;
  forgive(): Promise<void>;
};

/** Counts an attempt from an address. After twenty failures it is blocked, up to fifteen minutes. */
export async function brakeAddress(store: ReviewStore, address: string | undefined): Promise<AddressBrake> {
  if (address === undefined) return { blockedSeconds: 0, forgive: async () => undefined };
  const throttle = addressThrottle(address);
  const seconds = await blockedSeconds(store, [throttle]);
  if (seconds === 0) await countFailure(store, throttle);
  return { blockedSeconds: seconds, forgive: () => giveBack(store, throttle) };
}

async function blockedSeconds(
  { database: { kysely }, clock }: ReviewStore,
  throttles: readonly SignInThrottle[],
): Promise<number> {
  const now = clock();
  const rows = await kysely
    .selectFrom('sign_in_failures')
    .select('blocked_until')
    .where(
      'subject',
      'in',
      throttles.map(({ subject }) => subject),
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
  { subject, free, longest }: SignInThrottle,
): Promise<void> {
  const now = clock();
  const at = now.toISOString();
  const forgotten = new Date(now.getTime() - forgetAfterMs).toISOString();
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

// The name starts at zero. The address gets back only this attempt: an attacker's own account must not buy guesses at
// others.
async function forgive(store: ReviewStore, [name, address]: readonly SignInThrottle[]): Promise<void> {
  const {
    database: { kysely },
    clock,
  } = store;
  await kysely.deleteFrom('sign_in_failures').where('subject', '=', name!.subject).execute();
  if (address !== undefined) await giveBack(store, address);
  await kysely
    .deleteFrom('sign_in_failures')
    .where('last_at', '<', new Date(clock().getTime() - forgetAfterMs).toISOString())
    .execute();
}

async function giveBack({ database: { kysely } }: ReviewStore, { subject }: SignInThrottle): Promise<void> {
  await kysely
    .updateTable('sign_in_failures')
    .set((column) => ({ failures: column('failures', '-', 1), blocked_until: null }))
    .where('subject', '=', subject)
    .execute();
}

import type { PasskeyAdmin, PasskeyRules } from '../contract/passkeys.ts';
import { siteOf } from '../passkey-site.ts';
import { listAudit } from './audit-trail.ts';
import { appendAudit } from './audit.ts';
import { readPasskeyRules } from './passkeys.ts';
import type { ReviewStore } from './review-store.ts';
import { readRoles } from './users.ts';

/** Refusals that the administrators' page shows. */
const shownRefusals = 50;

/** The rules, the users with the number of their passkeys, and the latest refusals. */
export async function readPasskeyAdmin(store: ReviewStore): Promise<PasskeyAdmin> {
  const { reads } = store.database;
  const site = siteOf(store);
  const users = await reads
    .selectFrom('users')
    .leftJoin('passkeys', 'passkeys.user_id', 'users.id')
    .where('users.removed_at', 'is', null)
    .groupBy(['users.id', 'users.name', 'users.roles'])
    .select((select) => [
      'users.name',
      'users.roles',
      select.fn.count<number | string>('passkeys.id').as('passkeys'),
      select.fn.max('passkeys.last_used_at').as('lastUsedAt'),
    ])
    .orderBy('users.name')
    .execute();
  return {
    rules: await readPasskeyRules(store),
    problem: 'problem' in site ? site.problem : null,
    users: users.map(({ name, roles, passkeys, lastUsedAt }) => ({
      name,
      roles: readRoles(roles),
      passkeys: Number(passkeys),
      lastUsedAt: lastUsedAt ?? null,
    })),
    refusals: await readRefusals(store),
  };
}

/** The refusals of signed-in users, and of sign-ins by passkey, newest first. */
async function readRefusals({ database: { reads } }: ReviewStore): Promise<PasskeyAdmin['refusals']> {
  const [own, signIns] = await Promise.all([
    listAudit(reads, { event: 'passkey-refused', limit: shownRefusals }),
    listAudit(reads, { event: 'sign-in-failed', limit: shownRefusals }),
  ]);
  return [
    ...own.entries.map(({ at, actor, facts }) => ({ at, user: actor.replace(/^reviewer:/, ''), facts })),
    ...signIns.entries
      .filter(({ facts }) => facts['by'] === 'passkey')
      .map(({ at, subject, facts }) => ({ at, user: subject, facts: { purpose: 'sign-in', ...facts } })),
  ]
    .toSorted((a, b) => (a.at < b.at ? 1 : -1))
    .slice(0, shownRefusals)
    .map(({ at, user, facts }) => ({
      at,
      user,
      passkey: text(facts, 'passkey') ?? null,
      purpose: text(facts, 'purpose') ?? '',
      reason: text(facts, 'reason') ?? '',
    }));
}

/** Changes the rules. They apply to sign-ins and decisions from now on. */
export async function changePasskeyRules(
  { database, clock }: ReviewStore,
  { required, stepUp }: PasskeyRules,
  by: string,
): Promise<void> {
  await database.kysely.transaction().execute(async (transaction) => {
    await transaction.updateTable('passkey_rules').set({ required, step_up: stepUp }).where('id', '=', 1).execute();
    await appendAudit(transaction, {
      at: clock().toISOString(),
      actor: `reviewer:${by}`,
      event: 'passkey-rules-changed',
      subject: 'passkeys',
      facts: { required, stepUp },
    });
  });
}

/**
 * Removes all passkeys of a user and ends the sessions, after the loss of a device. Undefined for an unknown user. An
 * administrator resets those of others only. `by`: name of that administrator. Null: a command with the database.
 */
export async function resetPasskeys(
  { database, clock }: Pick<ReviewStore, 'database' | 'clock'>,
  name: string,
  by: string | null,
): Promise<{ passkeys: number; sessions: number } | undefined> {
  return database.kysely.transaction().execute(async (transaction) => {
    const user = await transaction
      .selectFrom('users')
      .select('id')
      .where('name', '=', name)
      .where('removed_at', 'is', null)
      .$if(database.kind === 'postgres', (query) => query.forUpdate())
      .executeTakeFirst();
    if (user === undefined) return undefined;
    const passkeys = await transaction.deleteFrom('passkeys').where('user_id', '=', user.id).returning('id').execute();
    const sessions = await transaction.deleteFrom('sessions').where('user_id', '=', user.id).returning('id').execute();
    await transaction.deleteFrom('webauthn_challenges').where('user_id', '=', user.id).execute();
    const ended = { passkeys: passkeys.length, sessions: sessions.length };
    await appendAudit(transaction, {
      at: clock().toISOString(),
      actor: by === null ? 'system' : `reviewer:${by}`,
      event: 'passkeys-reset',
      subject: name,
      facts: { ...ended, ...(by === null && { from: 'command with the database' }) },
    });
    return ended;
  });
}

/** Notes that the session's user proved a passkey now. */
export async function rememberProof(
  { database: { kysely }, clock }: ReviewStore,
  { id, expiresAt }: { id: string; expiresAt: string },
): Promise<void> {
  const at = clock().toISOString();
  await kysely.deleteFrom('session_proofs').where('expires_at', '<=', at).execute();
  await kysely
    .insertInto('session_proofs')
    .values({ session_id: id, proved_at: at, expires_at: expiresAt })
    .onConflict((conflict) => conflict.column('session_id').doUpdateSet({ proved_at: at }))
    .execute();
}

/** How long a sign-in or a proof allows changes of passkeys, in milliseconds. */
const freshForMs = 10 * 60_000;

/** True if the session was opened, or its user proved a passkey, in the last ten minutes. */
export async function isFresh(
  { database: { kysely }, clock }: ReviewStore,
  { id, createdAt }: { id: string; createdAt: string },
): Promise<boolean> {
  const since = new Date(clock().getTime() - freshForMs).toISOString();
  if (createdAt > since) return true;
  const proof = await kysely
    .selectFrom('session_proofs')
    .select('proved_at')
    .where('session_id', '=', id)
    .executeTakeFirst();
  return proof !== undefined && proof.proved_at > since;
}

function text(facts: Record<string, unknown>, name: string): string | undefined {
  const value = facts[name];
  return typeof value === 'string' ? value : undefined;
}

import type { Transaction } from 'kysely';
import type { CreationOptions, NewPasskey, Passkey, PasskeyRules, RequestOptions } from '../contract/passkeys.ts';
import type { Role } from '../contract/session.ts';
import { siteOf } from '../passkey-site.ts';
import { appendAudit } from './audit.ts';
import { takeChallenge } from './challenges.ts';
import { readClientData, reasonOf, userHandleOf, type PasskeyRefusal } from './check-assertion.ts';
import type { ReviewStore } from './review-store.ts';
import type { PasskeysTable } from './passkey-tables.ts';
import type { ReviewTables } from './tables.ts';
import type { Reviewer } from './users.ts';

/** Passkeys of one user. More would be no use to a person. */
const mostPasskeys = 20;

/** Signature algorithms of COSE: Ed25519, ES256, RS256. */
const algorithms = [-8, -7, -257];

/** Result of a change of one's own passkeys. `last`: the user must keep one. */
export type PasskeyChange = { outcome: 'done'; passkey: Passkey } | { outcome: 'not-found' | 'last' };

export type PasskeyAdded =
  | { outcome: 'added'; passkey: Passkey; userId: string }
  | { outcome: 'refused'; reason: PasskeyRefusal }
  | { outcome: 'known' | 'full' };

/** The rules for all users. */
export async function readPasskeyRules({ database: { reads } }: Pick<ReviewStore, 'database'>): Promise<PasskeyRules> {
  return rulesIn(reads);
}

export async function rulesIn(kysely: Pick<Transaction<ReviewTables>, 'selectFrom'>): Promise<PasskeyRules> {
  const { required, step_up } = await kysely.selectFrom('passkey_rules').selectAll().executeTakeFirstOrThrow();
  return { required, stepUp: step_up };
}

/** True if the rules want a passkey of a user with these roles. */
export function mustHavePasskey({ required }: Pick<PasskeyRules, 'required'>, roles: readonly Role[]): boolean {
  return required === 'everybody' || (required === 'admins' && roles.includes('admin'));
}

/** The user's passkeys, oldest first. */
export async function listPasskeys(
  { kysely }: { kysely: Pick<Transaction<ReviewTables>, 'selectFrom'> },
  userId: string,
): Promise<PasskeysTable[]> {
  return kysely
    .selectFrom('passkeys')
    .selectAll()
    .where('user_id', '=', userId)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
}

/** Options for the browser to ask for one of these passkeys, or for any of the device. */
export function requestOptions(
  rpId: string,
  { challenge, timeout }: { challenge: string; timeout: number },
  rows: readonly PasskeysTable[],
): RequestOptions {
  return { challenge, rpId, timeout, userVerification: 'required', allowCredentials: rows.map(describeRow) };
}

/** Options for the browser to make a passkey. The device of a passkey in `rows` refuses. */
export function creationOptions(
  rpId: string,
  { challenge, timeout }: { challenge: string; timeout: number },
  { id, name }: Pick<Reviewer, 'id' | 'name'>,
  rows: readonly PasskeysTable[],
): CreationOptions {
  return {
    challenge,
    timeout,
    rp: { id: rpId, name: 'Holdpoint' },
    user: { id: userHandleOf(id), name, displayName: name },
    pubKeyCredParams: algorithms.map((alg) => ({ type: 'public-key', alg })),
    attestation: 'none',
    excludeCredentials: rows.map(describeRow),
    authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
  };
}

/** Adds a passkey to the user of the challenge, which it takes first. */
export async function addPasskey(
  store: ReviewStore,
  {
    user,
    sessionId,
    name,
    response,
  }: {
    /** Undefined: the user of an `enrol` challenge. */
    user: Reviewer | undefined;
    sessionId: string | undefined;
    name: string;
    response: NewPasskey;
  },
): Promise<PasskeyAdded> {
  const { database, clock } = store;
  const site = siteOf(store);
  if ('problem' in site) return { outcome: 'refused', reason: 'no-site' };
  const client = readClientData(response.response.clientDataJSON);
  if (client === undefined) return { outcome: 'refused', reason: 'malformed' };
  const kinds = [user === undefined ? 'enrol' : 'register'] as const;
  const taken = await takeChallenge(database.kysely, client.challenge, { kinds, now: clock() });
  if (taken?.user_id == null) return { outcome: 'refused', reason: 'challenge' };
  if (taken.session_id !== (sessionId ?? null) || (user !== undefined && taken.user_id !== user.id))
    return { outcome: 'refused', reason: 'other-session' };
  const verified = await verifyNew(response, { challenge: client.challenge, ...site });
  if (typeof verified === 'string') return { outcome: 'refused', reason: verified };
  const userId = taken.user_id;
  return database.kysely.transaction().execute(async (transaction) => {
    const owner = await lockUser(store, transaction, userId);
    if (owner === undefined) return { outcome: 'refused', reason: 'challenge' };
    const own = await transaction.selectFrom('passkeys').select('id').where('user_id', '=', userId).execute();
    // A password alone adds the first passkey only.
    if (user === undefined && own.length > 0) return { outcome: 'refused', reason: 'challenge' };
    if (own.length >= mostPasskeys) return { outcome: 'full' };
    const at = clock().toISOString();
    const row = await transaction
      .insertInto('passkeys')
      .values({
        id: verified.credential.id,
        user_id: userId,
        public_key: Buffer.from(verified.credential.publicKey).toString('base64url'),
        counter: verified.credential.counter,
        transports: JSON.stringify(response.response.transports ?? []),
        device_type: verified.credentialDeviceType,
        backed_up: verified.credentialBackedUp ? 1 : 0,
        name,
        created_at: at,
        last_used_at: null,
      })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .returningAll()
      .executeTakeFirst();
    if (row === undefined) return { outcome: 'known' };
    await appendAudit(transaction, {
      at,
      actor: `reviewer:${owner.name}`,
      event: 'passkey-added',
      subject: owner.name,
      facts: { passkey: row.id, name, synced: row.backed_up === 1, enrolled: user === undefined },
    });
    return { outcome: 'added', passkey: toPasskey(row), userId };
  });
}

export async function renamePasskey(
  { database, clock }: ReviewStore,
  user: Reviewer,
  id: string,
  name: string,
): Promise<PasskeyChange> {
  return database.kysely.transaction().execute(async (transaction) => {
    const row = await transaction
      .updateTable('passkeys')
      .set({ name })
      .where('id', '=', id)
      .where('user_id', '=', user.id)
      .returningAll()
      .executeTakeFirst();
    if (row === undefined) return { outcome: 'not-found' };
    await appendAudit(transaction, {
      at: clock().toISOString(),
      actor: `reviewer:${user.name}`,
      event: 'passkey-renamed',
      subject: user.name,
      facts: { passkey: id, name },
    });
    return { outcome: 'done', passkey: toPasskey(row) };
  });
}

/** Removes one of the user's own. The last one stays while the rules want one. */
export async function removePasskey(store: ReviewStore, user: Reviewer, id: string): Promise<PasskeyChange> {
  return store.database.kysely.transaction().execute(async (transaction) => {
    await lockUser(store, transaction, user.id);
    const own = await transaction.selectFrom('passkeys').selectAll().where('user_id', '=', user.id).execute();
    const row = own.find((each) => each.id === id);
    if (row === undefined) return { outcome: 'not-found' };
    if (own.length === 1 && mustHavePasskey(await rulesIn(transaction), user.roles)) return { outcome: 'last' };
    await transaction.deleteFrom('passkeys').where('id', '=', id).execute();
    await appendAudit(transaction, {
      at: store.clock().toISOString(),
      actor: `reviewer:${user.name}`,
      event: 'passkey-removed',
      subject: user.name,
      facts: { passkey: id, name: row.name, left: own.length - 1 },
    });
    return { outcome: 'done', passkey: toPasskey(row) };
  });
}

/** Locks the row of a user, so that changes of their passkeys are ordered. SQLite orders transactions anyway. */
async function lockUser(
  { database }: ReviewStore,
  transaction: Transaction<ReviewTables>,
  id: string,
): Promise<{ name: string } | undefined> {
  return transaction
    .selectFrom('users')
    .select('name')
    .where('id', '=', id)
    .where('removed_at', 'is', null)
    .$if(database.kind === 'postgres', (query) => query.forUpdate())
    .executeTakeFirst();
}

export function toPasskey({ id, name, created_at, last_used_at, backed_up }: PasskeysTable): Passkey {
  return { id, name, createdAt: created_at, lastUsedAt: last_used_at, synced: backed_up === 1 };
}

function describeRow({ id, transports }: PasskeysTable) {
  return { id, type: 'public-key' as const, transports: JSON.parse(transports) as string[] };
}

async function verifyNew(
  { id, rawId, response }: NewPasskey,
  { challenge, rpId, origin }: { challenge: string; rpId: string; origin: string },
) {
  const { verifyRegistrationResponse } = await import('@simplewebauthn/server');
  try {
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: {
        id,
        rawId,
        type: 'public-key',
        clientExtensionResults: {},
        response: { clientDataJSON: response.clientDataJSON, attestationObject: response.attestationObject },
      },
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: rpId,
      requireUserVerification: true,
      supportedAlgorithmIDs: algorithms,
    });
    return verified && registrationInfo !== undefined ? registrationInfo : ('signature' satisfies PasskeyRefusal);
  } catch (error) {
    return reasonOf(error);
  }
}

import type { DatabaseKind } from '@holdpoint/database';
import { randomBytes } from 'node:crypto';
import type { Kysely, Selectable, Transaction } from 'kysely';
import type { ApiCaller, ApiKey } from '@holdpoint/client';
import { leastScopes, type CallerScopes } from '../../domain/caller.ts';
import type { ApiKeys, HashedKey, KeyChange } from '../../gateway/ports.ts';
import type { Tables } from './tables.ts';

const hourMs = 60 * 60 * 1000;

type CallerRow = Selectable<Tables['holdpoint_callers']>;
type KeyRow = Selectable<Tables['holdpoint_api_keys']>;

/** Callers of the gateway and their API keys. Changes of one caller happen one after the other. */
export function createApiKeys(database: Kysely<Tables>, kind: DatabaseKind): ApiKeys {
  /** Does a change while no other one changes this caller. */
  const change = async <Result>(
    name: string,
    work: (transaction: Transaction<Tables>, caller: CallerRow, keys: KeyRow[]) => Promise<KeyChange<Result>>,
  ): Promise<KeyChange<Result>> =>
    database.transaction().execute(async (transaction) => {
      const caller = await transaction
        .selectFrom('holdpoint_callers')
        .selectAll()
        .where('name', '=', name)
        .$if(kind === 'postgres', (query) => query.forUpdate())
        .executeTakeFirst();
      if (caller === undefined) return { outcome: 'not-found' };
      return work(transaction, caller, await keysOf(transaction, name));
    });

  return {
    async find(keyHash, now) {
      const row = await database
        .selectFrom('holdpoint_api_keys')
        .innerJoin('holdpoint_callers', 'holdpoint_callers.name', 'holdpoint_api_keys.caller')
        .where('key_hash', '=', keyHash)
        .where('revoked_at', 'is', null)
        .where('removed_at', 'is', null)
        .select(['id', 'caller', 'scopes', 'expires_at', 'last_used_at'])
        .executeTakeFirst();
      const expiresAt = optionalNumber(row?.expires_at ?? null);
      if (row === undefined || (expiresAt !== null && expiresAt <= now)) return undefined;
      const hour = Math.floor(now / hourMs) * hourMs;
      if ((optionalNumber(row.last_used_at) ?? 0) < hour) await noteUse(database, row.id, hour);
      return { name: row.caller, scopes: scopesIn(row.scopes), expiresAt };
    },

    async list(now) {
      const callers = await database
        .selectFrom('holdpoint_callers')
        .selectAll()
        .orderBy('created_at', 'desc')
        .orderBy('name')
        .execute();
      const keys = await keysOf(database);
      return callers.map((caller) =>
        toCaller(
          caller,
          keys.filter((key) => key.caller === caller.name),
          now,
        ),
      );
    },

    async get(name, now) {
      return readCaller(database, name, now);
    },

    async create({ name, scopes, key, by, at }) {
      return database.transaction().execute(async (transaction) => {
        const added = await transaction
          .insertInto('holdpoint_callers')
          .values({ name, scopes: JSON.stringify(scopes), created_at: at, created_by: by })
          .onConflict((conflict) => conflict.doNothing())
          .returning('name')
          .executeTakeFirst();
        if (added === undefined) return { outcome: 'exists' };
        const id = await insertKey(transaction, { caller: name, key, by, at });
        return { outcome: 'done', result: await newKey(transaction, { name, id, replaced: null, at }) };
      });
    },

    async rotate({ name, key, replaces, overlapMs, by, at }) {
      return change(name, async (transaction, caller, keys) => {
        if (caller.removed_at !== null) return { outcome: 'not-active', why: `The caller "${name}" was revoked.` };
        const working = keys.filter((each) => endOf(each, at) === null);
        const retiring = working.find((each) => each.expires_at !== null);
        if (retiring !== undefined)
          return {
            outcome: 'not-active',
            why: `The key ${retiring.masked} of "${name}" was replaced and is accepted until ${iso(retiring.expires_at!)}. Wait until then, or revoke it (${retiring.id}).`,
          };
        const old = working.find((each) => each.expires_at === null);
        if (replaces !== undefined && replaces !== old?.id)
          return {
            outcome: 'not-active',
            why: `The key ${replaces} is not the active key of "${name}". Read it again.`,
          };
        if (old !== undefined) {
          const end = overlapMs === 0 ? { revoked_at: at, revoked_by: by } : { expires_at: at + overlapMs };
          await transaction.updateTable('holdpoint_api_keys').set(end).where('id', '=', old.id).execute();
        }
        const id = await insertKey(transaction, { caller: name, key, by, at });
        return { outcome: 'done', result: await newKey(transaction, { name, id, replaced: old?.id ?? null, at }) };
      });
    },

    async setScopes({ name, scopes, at }) {
      return change(name, async (transaction, { removed_at }) => {
        if (removed_at !== null) return { outcome: 'not-active', why: `The caller "${name}" was revoked.` };
        await transaction
          .updateTable('holdpoint_callers')
          .set({ scopes: JSON.stringify(scopes) })
          .where('name', '=', name)
          .execute();
        return { outcome: 'done', result: (await readCaller(transaction, name, at))! };
      });
    },

    async revoke({ name, key, by, at }) {
      return change(name, async (transaction, { removed_at }, keys) => {
        if (key !== undefined && !keys.some(({ id }) => id === key)) return { outcome: 'not-found' };
        await transaction
          .updateTable('holdpoint_api_keys')
          .set({ revoked_at: at, revoked_by: by })
          .where('caller', '=', name)
          .$if(key !== undefined, (query) => query.where('id', '=', key!))
          .where('revoked_at', 'is', null)
          .where((builder) => builder.or([builder('expires_at', 'is', null), builder('expires_at', '>', at)]))
          .execute();
        if (key === undefined && removed_at === null)
          await transaction
            .updateTable('holdpoint_callers')
            .set({ removed_at: at, removed_by: by })
            .where('name', '=', name)
            .execute();
        return { outcome: 'done', result: (await readCaller(transaction, name, at))! };
      });
    },
  };
}

async function noteUse(database: Kysely<Tables>, id: string, hour: number): Promise<void> {
  await database
    .updateTable('holdpoint_api_keys')
    .set({ last_used_at: hour })
    .where('id', '=', id)
    .where((builder) => builder.or([builder('last_used_at', 'is', null), builder('last_used_at', '<', hour)]))
    .execute();
}

async function insertKey(
  transaction: Transaction<Tables>,
  { caller, key: { hash, masked }, by, at }: { caller: string; key: HashedKey; by: string; at: number },
): Promise<string> {
  const id = `hpk_${randomBytes(8).toString('hex')}`;
  await transaction
    .insertInto('holdpoint_api_keys')
    .values({ id, caller, key_hash: hash, masked, created_at: at, created_by: by })
    .execute();
  return id;
}

type Made = { name: string; id: string; replaced: string | null; at: number };

async function newKey(transaction: Transaction<Tables>, { name, id, replaced, at }: Made) {
  const caller = (await readCaller(transaction, name, at))!;
  const named = (wanted: string | null) => caller.keys.find((key) => key.id === wanted);
  return { caller, key: named(id)!, replaced: named(replaced) ?? null };
}

async function readCaller(database: Kysely<Tables>, name: string, now: number): Promise<ApiCaller | undefined> {
  const caller = await database.selectFrom('holdpoint_callers').selectAll().where('name', '=', name).executeTakeFirst();
  return caller && toCaller(caller, await keysOf(database, name), now);
}

async function keysOf(database: Kysely<Tables>, caller?: string): Promise<KeyRow[]> {
  return database
    .selectFrom('holdpoint_api_keys')
    .selectAll()
    .$if(caller !== undefined, (query) => query.where('caller', '=', caller!))
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .execute();
}

/** Time since which the key is refused. Null while it is accepted. */
function endOf({ revoked_at, expires_at }: KeyRow, now: number): number | null {
  const expiry = optionalNumber(expires_at);
  return optionalNumber(revoked_at) ?? (expiry !== null && expiry <= now ? expiry : null);
}

/** Rows of earlier versions lack newer permissions. */
function scopesIn(json: string): CallerScopes {
  return { ...leastScopes, ...(JSON.parse(json) as Partial<CallerScopes>) };
}

function toCaller({ name, scopes, created_at, created_by, removed_at }: CallerRow, keys: KeyRow[], now: number) {
  return {
    name,
    scopes: scopesIn(scopes),
    createdAt: iso(created_at),
    createdBy: created_by,
    removedAt: removed_at === null ? null : iso(removed_at),
    keys: keys.map((key) => toKey(key, now)),
  } satisfies ApiCaller;
}

function toKey(row: KeyRow, now: number): ApiKey {
  const end = endOf(row, now);
  return {
    id: row.id,
    masked: row.masked,
    state: end !== null ? 'ended' : row.expires_at === null ? 'active' : 'retiring',
    createdAt: iso(row.created_at),
    createdBy: row.created_by,
    lastUsedAt: row.last_used_at === null ? null : iso(row.last_used_at),
    expiresAt: row.expires_at === null ? null : iso(row.expires_at),
    endedAt: end === null ? null : iso(end),
  };
}

function optionalNumber(value: number | string | null): number | null {
  return value === null ? null : Number(value);
}

function iso(milliseconds: number | string): string {
  return new Date(Number(milliseconds)).toISOString();
}

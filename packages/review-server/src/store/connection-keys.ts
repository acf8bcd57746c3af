import { randomBytes, randomUUID } from 'node:crypto';
import type { Transaction } from 'kysely';
import { sha256 } from '@holdpoint/json/digest';
import type { ConnectionKeySeed } from '../options.ts';
import { appendAudit } from './audit.ts';
import type { ReviewStore } from './review-store.ts';
import type { ReviewTables } from './tables.ts';

/** Who a Connection Key speaks for. */
export interface Assistant {
  id: string;
  name: string;
}

/** What a Connection Key is worth. `ended`: it was revoked, or its time after a rotation is over. */
export type KeyCheck =
  | { outcome: 'works'; assistant: Assistant }
  | { outcome: 'ended'; masked: string; at: string }
  | { outcome: 'unknown' };

const HOUR_MS = 3_600_000;

/**
 * Looks a key up. Its use is noted in the audit once an hour: each call would be a row that says no more, and would put
 * every poll of every client behind the chain's head.
 */
export async function checkKey(store: ReviewStore, key: string): Promise<KeyCheck> {
  const found = await store.database.kysely
    .selectFrom('connection_keys')
    .innerJoin('assistants', 'assistants.id', 'connection_keys.assistant_id')
    .where('connection_keys.key_hash', '=', sha256(key))
    .select([
      'assistants.id',
      'assistants.name',
      'connection_keys.id as keyId',
      'masked',
      'revoked_at',
      'expires_at',
      'last_used_at',
    ])
    .executeTakeFirst();
  if (found === undefined) return { outcome: 'unknown' };
  const { id, name, masked } = found;
  const now = store.clock();
  const endedAt = keyEnd(found, now);
  if (endedAt !== undefined) return { outcome: 'ended', masked, at: endedAt };
  const hour = new Date(Math.floor(now.getTime() / HOUR_MS) * HOUR_MS).toISOString();
  if (found.last_used_at === null || found.last_used_at < hour) await noteUse(store, found, hour);
  return { outcome: 'works', assistant: { id, name } };
}

/** When the key stopped working; nothing while it works. */
export function keyEnd(
  { revoked_at, expires_at }: { revoked_at: string | null; expires_at: string | null },
  now: Date,
): string | undefined {
  if (revoked_at !== null) return revoked_at;
  return expires_at !== null && expires_at <= now.toISOString() ? expires_at : undefined;
}

async function noteUse(
  { database, clock }: ReviewStore,
  { keyId, name, masked }: { keyId: string; name: string; masked: string },
  hour: string,
): Promise<void> {
  await database.kysely.transaction().execute(async (transaction) => {
    const noted = await transaction
      .updateTable('connection_keys')
      .set({ last_used_at: hour })
      .where('id', '=', keyId)
      .where((builder) => builder.or([builder('last_used_at', 'is', null), builder('last_used_at', '<', hour)]))
      .returning('id')
      .executeTakeFirst();
    // A concurrent call was first.
    if (noted === undefined) return;
    await appendAudit(transaction, {
      at: clock().toISOString(),
      actor: `assistant:${name}`,
      event: 'key-used',
      subject: keyId,
      facts: { key: masked, hour },
    });
  });
}

/**
 * Adds keys that are not there yet. Safe when several processes do so at once; a key that was revoked stays so.
 *
 * @throws Error when a key is shorter than 16 characters or belongs to another assistant already.
 */
export async function seedConnectionKeys(
  { database, clock }: ReviewStore,
  seeds: readonly ConnectionKeySeed[],
): Promise<void> {
  for (const { assistant, key } of seeds) {
    if (key.length < 16)
      throw new Error(
        `The Connection Key of "${assistant}" is too short to be safe: use at least 16 characters, such as cq_live_ and 24 random ones.`,
      );
    await database.kysely.transaction().execute(async (transaction) => {
      const owner = await ensureAssistant(transaction, assistant);
      const added = await insertKey(transaction, { assistant: owner, key, at: clock().toISOString(), createdBy: null });
      if (added !== owner.id)
        throw new Error(
          `The Connection Key ${maskKey(key)} is given for "${assistant}" but belongs to another assistant: make a new key.`,
        );
    });
  }
}

/** The assistant of that name, made where there is none. */
export async function ensureAssistant(transaction: Transaction<ReviewTables>, name: string): Promise<Assistant> {
  await transaction
    .insertInto('assistants')
    .values({ id: `asst_${randomUUID()}`, name })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute();
  return transaction.selectFrom('assistants').select(['id', 'name']).where('name', '=', name).executeTakeFirstOrThrow();
}

/** A key to be stored: only its hash and its masked form are. */
export interface FreshKey {
  assistant: Assistant;
  key: string;
  at: string;
  /** Name of the person; null: the settings of the process. */
  createdBy: string | null;
}

/** Stores the key with its audit row, unless it is there. Returns the id of the assistant that owns it. */
export async function insertKey(
  transaction: Transaction<ReviewTables>,
  { assistant, key, at, createdBy }: FreshKey,
): Promise<string> {
  const id = `key_${randomBytes(12).toString('hex')}`;
  const values = {
    id,
    key_hash: sha256(key),
    assistant_id: assistant.id,
    masked: maskKey(key),
    created_at: at,
    created_by: createdBy,
  };
  const added = await transaction
    .insertInto('connection_keys')
    .values(values)
    .onConflict((conflict) => conflict.column('key_hash').doNothing())
    .returning('id')
    .executeTakeFirst();
  if (added === undefined)
    return (
      await transaction
        .selectFrom('connection_keys')
        .select('assistant_id')
        .where('key_hash', '=', values.key_hash)
        .executeTakeFirstOrThrow()
    ).assistant_id;
  await appendAudit(transaction, {
    at,
    actor: createdBy === null ? 'system' : `reviewer:${createdBy}`,
    event: 'key-added',
    subject: id,
    facts: { key: values.masked, assistant: assistant.name },
  });
  return assistant.id;
}

/** A key as it may be shown: `cq_live_••••1234`. */
function maskKey(key: string): string {
  const prefix = /^cq_[a-z]+_/.exec(key)?.[0] ?? '';
  return `${prefix}••••${key.slice(-4)}`;
}

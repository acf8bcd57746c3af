import { randomBytes, randomUUID } from 'node:crypto';
import type { Transaction } from 'kysely';
import { sha256 } from '@holdpoint/json/digest';
import type { Pause } from '@holdpoint/cheqpoint';
import type { ConnectionKeySeed } from '../options.ts';
import { pauseOf } from './assistant-settings.ts';
import { appendAudit } from './audit.ts';
import type { ReviewStore } from './review-store.ts';
import type { ReviewTables } from './tables.ts';

/** The assistant of a Connection Key. */
export type Assistant = {
  id: string;
  name: string;
};

/** The assistant that uses its key. `paused`: set while the kill switch is on. */
export type KeyUser = Assistant & { paused: Pause | null };

/** Result of checking a key. `ended`: revoked, or past its overlap after a rotation. */
export type KeyCheck =
  { outcome: 'works'; assistant: KeyUser } | { outcome: 'ended'; masked: string; at: string } | { outcome: 'unknown' };

const hourMs = 3_600_000;

/**
 * Looks a key up. Audits its use once an hour: a row for every call would add no information and make every poll of
 * every client wait for the chain's head.
 */
export async function checkKey(store: ReviewStore, key: string): Promise<KeyCheck> {
  const found = await store.database.reads
    .selectFrom('connection_keys')
    .innerJoin('assistants', 'assistants.id', 'connection_keys.assistant_id')
    .where('connection_keys.key_hash', '=', sha256(key))
    .select([
      'assistants.id',
      'assistants.name',
      'assistants.paused_at',
      'assistants.paused_by',
      'assistants.pause_reason',
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
  const hour = new Date(Math.floor(now.getTime() / hourMs) * hourMs).toISOString();
  if (found.last_used_at === null || found.last_used_at < hour) await noteUse(store, found, hour);
  return { outcome: 'works', assistant: { id, name, paused: pauseOf(found) } };
}

/** Time at which the key stopped working. Undefined while it works. */
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
    // A concurrent call recorded it first.
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
 * Adds missing keys. Safe in several processes at once. A revoked key stays revoked.
 *
 * @throws Error for a key shorter than 16 characters, or a key of another assistant.
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
          `The Connection Key ${maskKey(key)} is configured for "${assistant}" but belongs to another assistant: create a new key.`,
        );
    });
  }
}

/** The assistant of that name, created if missing. */
export async function ensureAssistant(transaction: Transaction<ReviewTables>, name: string): Promise<Assistant> {
  await transaction
    .insertInto('assistants')
    .values({ id: `asst_${randomUUID()}`, name })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute();
  return transaction.selectFrom('assistants').select(['id', 'name']).where('name', '=', name).executeTakeFirstOrThrow();
}

/** A key to store. Only its hash and masked form are stored. */
export type FreshKey = {
  assistant: Assistant;
  key: string;
  at: string;
  /** Name of the person. Null: the settings of the process. */
  createdBy: string | null;
};

/** Stores the key with its audit row, unless it exists. Returns the id of the assistant that owns it. */
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

import { randomBytes } from 'node:crypto';
import type { Selectable, Transaction } from 'kysely';
import type { ConnectionKey, NewKey } from '../contract/review-admin.ts';
import { sha256 } from '@holdpoint/json/digest';
import { appendAudit } from './audit.ts';
import { ensureAssistant, insertKey, keyEnd, type Assistant } from './connection-keys.ts';
import type { ReviewStore } from './review-store.ts';
import type { ConnectionKeysTable, ReviewTables } from './tables.ts';

/** Result of changing a key. `ended`: it no longer works, or was replaced before. */
export type KeyChange<Result> =
  { outcome: 'done'; result: Result } | { outcome: 'not-found' } | { outcome: 'ended'; key: ConnectionKey };

type StoredKey = Selectable<ConnectionKeysTable> & { assistant: string };

/** All keys, or those of one assistant, newest first. */
export async function listKeys(
  { database: { reads }, clock }: ReviewStore,
  assistant?: string,
): Promise<ConnectionKey[]> {
  const rows = await selectKeys(reads)
    .$if(assistant !== undefined, (query) => query.where('assistants.name', '=', assistant!))
    .orderBy('created_at', 'desc')
    .orderBy('connection_keys.id')
    .execute();
  return rows.map((row) => toKey(row, clock()));
}

/** Creates a key, and the assistant if missing. The result holds the only copy of the key. */
export async function createKey(store: ReviewStore, assistant: string, person: string): Promise<NewKey> {
  return store.database.kysely.transaction().execute(async (transaction) => ({
    ...(await makeKey(store, transaction, await ensureAssistant(transaction, assistant), person)),
    replaced: null,
  }));
}

/** Creates a successor for the same assistant. The old key ends at once, or after `overlapSeconds`. */
export async function rotateKey(
  store: ReviewStore,
  id: string,
  overlapSeconds: number,
  person: string,
): Promise<KeyChange<NewKey>> {
  return store.database.kysely.transaction().execute(async (transaction) => {
    const now = store.clock();
    const old = await lockKey(store, transaction, id);
    if (old === undefined) return { outcome: 'not-found' };
    if (old.expires_at !== null || keyEnd(old, now) !== undefined) return { outcome: 'ended', key: toKey(old, now) };
    const end =
      overlapSeconds === 0
        ? { revoked_at: now.toISOString() }
        : { expires_at: new Date(now.getTime() + overlapSeconds * 1000).toISOString() };
    await transaction.updateTable('connection_keys').set(end).where('id', '=', id).execute();
    const made = await makeKey(store, transaction, { id: old.assistant_id, name: old.assistant }, person);
    await appendAudit(transaction, {
      at: now.toISOString(),
      actor: `reviewer:${person}`,
      event: 'key-rotated',
      subject: id,
      facts: { key: old.masked, assistant: old.assistant, replacedBy: made.key.id, overlapSeconds },
    });
    return { outcome: 'done', result: { ...made, replaced: toKey({ ...old, ...end }, now) } };
  });
}

/** Revokes a key at once. A revoked key stays unchanged. */
export async function revokeKey(store: ReviewStore, id: string, person: string): Promise<KeyChange<ConnectionKey>> {
  return store.database.kysely.transaction().execute(async (transaction) => {
    const now = store.clock();
    const key = await lockKey(store, transaction, id);
    if (key === undefined) return { outcome: 'not-found' };
    if (keyEnd(key, now) !== undefined) return { outcome: 'done', result: toKey(key, now) };
    const revoked_at = now.toISOString();
    await transaction.updateTable('connection_keys').set({ revoked_at }).where('id', '=', id).execute();
    await appendAudit(transaction, {
      at: revoked_at,
      actor: `reviewer:${person}`,
      event: 'key-revoked',
      subject: id,
      facts: { key: key.masked, assistant: key.assistant },
    });
    return { outcome: 'done', result: toKey({ ...key, revoked_at }, now) };
  });
}

async function makeKey(
  { clock }: ReviewStore,
  transaction: Transaction<ReviewTables>,
  assistant: Assistant,
  person: string,
): Promise<{ key: ConnectionKey; secret: string }> {
  const secret = `cq_live_${randomBytes(20).toString('hex')}`;
  await insertKey(transaction, { assistant, key: secret, at: clock().toISOString(), createdBy: person });
  return {
    key: toKey(await selectKeys(transaction).where('key_hash', '=', sha256(secret)).executeTakeFirstOrThrow(), clock()),
    secret,
  };
}

function selectKeys(kysely: ReviewStore['database']['kysely']) {
  return kysely
    .selectFrom('connection_keys')
    .innerJoin('assistants', 'assistants.id', 'connection_keys.assistant_id')
    .selectAll('connection_keys')
    .select('assistants.name as assistant');
}

async function lockKey(
  { database: { kind } }: ReviewStore,
  transaction: Transaction<ReviewTables>,
  id: string,
): Promise<StoredKey | undefined> {
  return selectKeys(transaction)
    .where('connection_keys.id', '=', id)
    .$if(kind === 'postgres', (query) => query.forUpdate('connection_keys'))
    .executeTakeFirst();
}

/** Uses are recorded by the hour. The hour of a new key's first use began before the key existed. */
function lastUse({ last_used_at, created_at }: StoredKey): string | null {
  return last_used_at !== null && last_used_at < created_at ? created_at : last_used_at;
}

function toKey(row: StoredKey, now: Date): ConnectionKey {
  return {
    id: row.id,
    assistant: row.assistant,
    masked: row.masked,
    state: keyEnd(row, now) !== undefined ? 'revoked' : row.expires_at === null ? 'active' : 'retiring',
    createdAt: row.created_at,
    createdBy: row.created_by,
    lastUsedAt: lastUse(row),
    expiresAt: row.expires_at,
    revokedAt: keyEnd(row, now) ?? null,
  };
}

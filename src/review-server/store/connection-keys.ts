import { randomBytes, randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import { sha256 } from '../digest.ts';
import type { ConnectionKeySeed } from '../options.ts';
import { appendAudit } from './audit.ts';
import type { ReviewStore } from './review-store.ts';
import type { ReviewTables } from './tables.ts';

/** Who a Connection Key speaks for. */
export interface Assistant {
  id: string;
  name: string;
}

/** The assistant of a key, or nothing for an unknown or revoked one. */
export async function findAssistant(kysely: Kysely<ReviewTables>, key: string): Promise<Assistant | undefined> {
  return kysely.selectFrom('connection_keys').innerJoin('assistants', 'assistants.id', 'connection_keys.assistant_id')
    .where('connection_keys.key_hash', '=', sha256(key)).where('connection_keys.revoked_at', 'is', null)
    .select(['assistants.id', 'assistants.name']).executeTakeFirst();
}

/**
 * Adds keys that are not there yet. Safe when several processes do so at once.
 *
 * @throws Error when a key is shorter than 16 characters or belongs to another assistant already.
 */
export async function seedConnectionKeys({ database, clock }: ReviewStore, seeds: readonly ConnectionKeySeed[]): Promise<void> {
  for (const { assistant, key } of seeds) {
    if (key.length < 16) throw new Error(`The Connection Key of "${assistant}" is too short to be safe: use at least 16 characters, such as cq_live_ and 24 random ones.`);
    await database.kysely.transaction().execute(async (transaction) => {
      await transaction.insertInto('assistants').values({ id: `asst_${randomUUID()}`, name: assistant }).onConflict((conflict) => conflict.column('name').doNothing()).execute();
      const { id } = await transaction.selectFrom('assistants').select('id').where('name', '=', assistant).executeTakeFirstOrThrow();
      const at = clock().toISOString();
      const added = await transaction.insertInto('connection_keys').values({ id: newKeyId(), key_hash: sha256(key), assistant_id: id, masked: mask(key), created_at: at }).onConflict((conflict) => conflict.column('key_hash').doNothing()).returning('key_hash').executeTakeFirst();
      const { owner } = await transaction.selectFrom('connection_keys').select('assistant_id as owner').where('key_hash', '=', sha256(key)).executeTakeFirstOrThrow();
      if (owner !== id) throw new Error(`The Connection Key ${mask(key)} is given for "${assistant}" but belongs to another assistant: make a new key.`);
      if (added !== undefined) await appendAudit(transaction, { at, actor: 'system', event: 'key-added', subject: mask(key), facts: { assistant } });
    });
  }
}

/** A key as it may be shown: `cq_live_••••1234`. */
function mask(key: string): string {
  const prefix = /^cq_[a-z]+_/.exec(key)?.[0] ?? '';
  return `${prefix}••••${key.slice(-4)}`;
}

function newKeyId(): string {
  return `key_${randomBytes(12).toString('hex')}`;
}

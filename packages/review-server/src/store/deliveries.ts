import { sql, type Selectable } from 'kysely';
import type { Delivery } from '../contract/deliveries.ts';
import { appendAudit } from './audit.ts';
import type { ReviewStore } from './review-store.ts';
import type { OutboxTable } from './tables.ts';

/** Filters and page of a list. */
export type DeliveryQuery = {
  approval?: string | undefined;
  state?: Delivery['state'] | undefined;
  limit: number;
  cursor?: string | undefined;
};

type StoredDelivery = Omit<Selectable<OutboxTable>, 'body' | 'kind' | 'attempts_before_resend' | 'question_id'>;
const columns = [
  'id',
  'approval_id',
  'url',
  'created_at',
  'tried_since',
  'attempts',
  'next_attempt_at',
  'leased_until',
  'last_problem',
  'delivered_at',
  'abandoned_at',
] as const;
const mostAttempts = 50;

/** Deliveries with their attempts, newest first. `nextCursor` is null on the last page. */
export async function listDeliveries(
  { database: { reads } }: ReviewStore,
  { approval, state, limit, cursor }: DeliveryQuery,
): Promise<{ deliveries: Delivery[]; nextCursor: string | null }> {
  const [createdAt = '', id = ''] = cursor?.split('_') ?? [];
  const rows = await reads
    .selectFrom('outbox')
    .select(columns)
    .where('kind', '=', 'decision')
    .where('question_id', 'is', null)
    .$if(approval !== undefined, (query) => query.where('approval_id', '=', approval!))
    .$if(state === 'delivered', (query) => query.where('delivered_at', 'is not', null))
    .$if(state === 'given-up', (query) => query.where('abandoned_at', 'is not', null))
    .$if(state === 'due', (query) => query.where('delivered_at', 'is', null).where('abandoned_at', 'is', null))
    .$if(cursor !== undefined, (query) => query.where(sql<boolean>`(created_at, id) < (${createdAt}, ${id})`))
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    deliveries: await withAttempts(reads, shown),
    nextCursor: rows.length > limit && last !== undefined ? `${last.created_at}_${last.id}` : null,
  };
}

/**
 * Sends a delivery again in any state, with another 72 hours of retries that start with short pauses. Undefined for an
 * unknown id.
 */
export async function resendDelivery(store: ReviewStore, id: string, person: string): Promise<Delivery | undefined> {
  return store.database.kysely.transaction().execute(async (transaction) => {
    const at = store.clock().toISOString();
    const again = { next_attempt_at: at, tried_since: at, delivered_at: null, abandoned_at: null };
    const row = await transaction
      .updateTable('outbox')
      .set((column) => ({ ...again, attempts_before_resend: column.ref('attempts') }))
      .where('id', '=', id)
      .where('kind', '=', 'decision')
      .returning(columns)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    await appendAudit(transaction, {
      at,
      actor: `reviewer:${person}`,
      event: 'delivery-resent',
      subject: row.approval_id,
      facts: { delivery: id },
    });
    return (await withAttempts(transaction, [row]))[0];
  });
}

async function withAttempts(
  kysely: ReviewStore['database']['kysely'],
  rows: readonly StoredDelivery[],
): Promise<Delivery[]> {
  if (rows.length === 0) return [];
  const attempts = await kysely
    .selectFrom('delivery_attempts')
    .selectAll()
    .where(
      'delivery_id',
      'in',
      rows.map(({ id }) => id),
    )
    .orderBy('number')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    approvalId: row.approval_id,
    to: new URL(row.url).origin,
    state: row.delivered_at !== null ? 'delivered' : row.abandoned_at !== null ? 'given-up' : 'due',
    createdAt: row.created_at,
    nextAttemptAt: row.delivered_at === null && row.abandoned_at === null ? row.next_attempt_at : null,
    deliveredAt: row.delivered_at,
    givenUpAt: row.abandoned_at,
    attempts: attempts
      .filter(({ delivery_id }) => delivery_id === row.id)
      .slice(-mostAttempts)
      .map(({ number, at, took_ms, status, problem }) => ({ number, at, tookMs: took_ms, status, problem })),
  }));
}

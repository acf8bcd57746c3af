import type { Kysely } from 'kysely';
import type { Tables } from './tables.ts';

/** OpenAI retries a webhook for three days, so a delivery is kept for four. */
const keptForMs = 4 * 24 * 60 * 60 * 1000;
/** Names per query. SQLite's limit is far higher. */
const namesAtOnce = 500;

/** Hints from OpenAI's webhooks that a response has ended. */
export type WebhookHints = {
  /** Stores a delivery by its id; `known` if it was stored before. Deletes deliveries older than four days. */
  record(delivery: { webhookId: string; responseId: string; at: number }): Promise<'recorded' | 'known'>;
  /** The responses of the list that have a hint. */
  arrived(responseIds: readonly string[]): Promise<string[]>;
};

/** The gateway writes the hints and workers read them. */
export function createWebhookHints(database: Kysely<Tables>): WebhookHints {
  return {
    async record({ webhookId, responseId, at }) {
      await database
        .deleteFrom('holdpoint_webhook_news')
        .where('at', '<', at - keptForMs)
        .execute();
      const inserted = await database
        .insertInto('holdpoint_webhook_news')
        .values({ webhook_id: webhookId, response_id: responseId, at })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      return inserted.numInsertedOrUpdatedRows === 1n ? 'recorded' : 'known';
    },

    async arrived(responseIds) {
      const found = new Set<string>();
      for (let start = 0; start < responseIds.length; start += namesAtOnce) {
        const rows = await database
          .selectFrom('holdpoint_webhook_news')
          .select('response_id')
          .where('response_id', 'in', responseIds.slice(start, start + namesAtOnce))
          .execute();
        for (const { response_id } of rows) found.add(response_id);
      }
      return [...found];
    },
  };
}

import type { Kysely } from 'kysely';
import type { Tables } from './tables.ts';

/** OpenAI sends a webhook again for three days; after four, nobody needs to know that it came. */
const keptForMs = 4 * 24 * 60 * 60 * 1000;
/** Names in one query at most: SQLite takes far more. */
const namesAtOnce = 500;

/** News that OpenAI's webhooks brought: a response has ended, so whoever waits for it may look. */
export type WebhookNews = {
  /** Keeps a delivery, by its id; `known` when it was kept before. Deliveries of more than four days ago are forgotten. */
  record(delivery: { webhookId: string; responseId: string; at: number }): Promise<'recorded' | 'known'>;
  /** Which of these responses there is news of. */
  arrived(responseIds: readonly string[]): Promise<string[]>;
};

/** The gateway writes it, workers read it: none of them need be there at the same time. */
export function createWebhookNews(database: Kysely<Tables>): WebhookNews {
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

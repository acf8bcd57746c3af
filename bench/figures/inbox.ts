import { randomBytes, randomInt } from 'node:crypto';
import { join } from 'node:path';
import { sql } from 'kysely';
import { openReviewDatabase } from '../../src/review-server/store/database.ts';
import { addToSearch } from '../../src/review-server/store/search.ts';
import { NEVER_DUE } from '../../src/review-server/store/tables.ts';
import { quantile, spreadOf } from '../measure/spread.ts';
import type { Fact, Measurement } from '../measurement.ts';

/** Rows in one transaction. */
const atOnce = 2000;

const words = ['refund', 'invoice', 'downtime', 'customer', 'newsletter', 'archive', 'deploy', 'migrate', 'password', 'shipment', 'contract', 'discount', 'reminder', 'backup', 'export', 'account'];
const actions = ['send_email_blast', 'refund_payment', 'delete_account', 'deploy_service'];

/** A reviewer's list and search among 100,000 approvals, over HTTP: most of them decided, some waiting. */
export const inbox: Measurement = {
  name: 'inbox with many approvals',
  figures: ['inbox'],
  async measure({ stage, scale, progress }) {
    const databaseUrl = `sqlite://${join(stage.folder, 'inbox.db')}`;
    const reviewer = await stage.startReviewServer(databaseUrl);
    await fill(databaseUrl, scale.approvals, (made) => progress(`${made} of ${scale.approvals} approvals`));
    const kinds: Record<string, () => string> = {
      list: () => `/approvals?box=${any(['needs-you', 'done', 'all'])}&limit=50`,
      search: () => `/approvals?box=${any(['needs-you', 'done', 'all'])}&limit=50&q=${any([someWords(1), someWords(2), String(randomInt(scale.approvals)), any(words).slice(0, 5)])}`,
      counts: () => '/counts',
    };
    const facts: Fact[] = [];
    const p99: Record<string, number> = {};
    for (const [kind, path] of Object.entries(kinds)) {
      progress(`${scale.inboxQueries} of ${kind}`);
      for (let warmUp = 0; warmUp < 5; warmUp += 1) await reviewer.get(path());
      const taken: number[] = [];
      for (let query = 0; query < scale.inboxQueries; query += 1) {
        const from = performance.now();
        await reviewer.get(path());
        taken.push(performance.now() - from);
      }
      p99[kind] = quantile(taken, 0.99);
      for (const share of [0.5, 0.99]) facts.push({ topic: `Inbox with ${scale.approvals} approvals, SQLite`, name: `${kind}, p${share * 100}`, unit: 'ms', value: quantile(taken, share), spread: spreadOf(taken) });
    }
    const { list = Infinity, search = Infinity } = p99;
    return { results: [{ id: 'inbox', values: { list, search } }], facts };
  },
};

const any = <Item>(items: readonly Item[]): Item => items[randomInt(items.length)] as Item;
const someWords = (count: number) => Array.from({ length: count }, () => any(words)).join(' ');

/** Writes approvals as the review server stores them, without its audit and a transaction for each. */
async function fill(databaseUrl: string, count: number, onMade: (made: number) => void): Promise<void> {
  const { kysely } = await openReviewDatabase(databaseUrl, () => {});
  await sql`pragma synchronous = off`.execute(kysely);
  const { id: assistantId } = await kysely.selectFrom('assistants').select('id').executeTakeFirstOrThrow();
  const firstAt = Date.now() - count * 60_000;
  for (let made = 0; made < count; made += atOnce) {
    onMade(made);
    await kysely.transaction().execute(async (transaction) => {
      for (let number = made; number < Math.min(count, made + atOnce); number += 1) {
        const id = `req_${randomBytes(16).toString('hex')}`;
        const at = new Date(firstAt + number * 60_000).toISOString();
        const action = any(actions);
        const summary = `${someWords(6)} ${number}`;
        const details = { subject: someWords(8), recipient_count: randomInt(5000), order: `A-${number}` };
        // One in twenty waits.
        const decided = number % 20 === 0 ? {} : { status: 'APPROVED' as const, decided_at: at, decided_by: 'rita', reason_code: 'person' as const };
        await transaction.insertInto('approvals').values({
          id, assistant_id: assistantId, idempotency_key: id, request_digest: id, action, summary, details: JSON.stringify(details), sameness_digest: id, risk_level: any(['low', 'medium', 'high']),
          callback_urls: '[]', status: 'PENDING', due_at: NEVER_DUE, created_at: at, ...decided,
        }).execute();
        await addToSearch(transaction, id, details, action, summary, 'bench');
      }
    });
  }
  await kysely.destroy();
}

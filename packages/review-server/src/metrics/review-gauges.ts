import { atMostEvery } from '@holdpoint/process';
import type { Logger } from 'pino';
import { Gauge, type Registry } from 'prom-client';
import { readOutbox, readWaiting } from '../store/read-waiting.ts';
import type { ReviewStore } from '../store/review-store.ts';
import type { ReviewMetrics } from './review-metrics.ts';

/** Scrapers share one query for this long, in milliseconds. */
const readEveryMs = 10_000;

type Series = { labels: Record<string, string>; count: number; oldestAt: number };

/** Registers gauges that are read from the database. They have no value while it does not answer. */
export function registerReviewGauges(
  registry: Registry,
  store: ReviewStore,
  metrics: ReviewMetrics,
  log: Logger,
): void {
  const waiting = kept('waiting approvals', async () => {
    const series = new Map<string, Series>();
    for (const row of await readWaiting(store)) {
      const labels = { tool: metrics.tool(row.action), group: metrics.group(row.group) };
      metrics.awaited(labels);
      const key = JSON.stringify(labels);
      const same = series.get(key) ?? { labels, count: 0, oldestAt: Infinity };
      same.count += row.count;
      same.oldestAt = Math.min(same.oldestAt, Date.parse(row.oldestAt));
      series.set(key, same);
    }
    return [...series.values()];
  });
  const outbox = kept('the outbox', async () => {
    const rows = await readOutbox(store);
    return (['decision', 'notification'] as const).map((kind) => {
      const row = rows.find((each) => each.kind === kind);
      return { labels: { kind }, count: row?.count ?? 0, oldestAt: Date.parse(row?.oldestAt ?? '') };
    });
  });
  gauge(
    'holdpoint_review_waiting_approvals',
    'Approvals that wait for a decision.',
    ['tool', 'group'],
    waiting,
    countOf,
  );
  gauge(
    'holdpoint_review_oldest_waiting_seconds',
    'Age of the oldest approval that waits for a decision.',
    ['tool', 'group'],
    waiting,
    ageOf,
  );
  gauge('holdpoint_review_outbox_deliveries', 'Deliveries that are not received yet.', ['kind'], outbox, countOf);
  gauge('holdpoint_review_outbox_oldest_seconds', 'Age of the oldest of them. 0 without one.', ['kind'], outbox, ageOf);

  /** The rows of a query. None if it fails. */
  function kept(what: string, read: () => Promise<Series[]>): () => Promise<Series[]> {
    return atMostEvery(
      readEveryMs,
      () =>
        read().catch((error: unknown) => {
          log.warn({ err: error }, `${what} could not be read for /metrics, so their metrics are missing`);
          return [];
        }),
      () => store.clock().getTime(),
    );
  }

  function gauge(
    name: string,
    help: string,
    labelNames: string[],
    read: () => Promise<Series[]>,
    valueOf: (series: Series) => number,
  ): void {
    registry.registerMetric(
      new Gauge({
        name,
        help,
        labelNames,
        registers: [],
        async collect(): Promise<void> {
          this.reset();
          for (const series of await read()) this.set(series.labels, valueOf(series));
        },
      }),
    );
  }

  function countOf({ count }: Series): number {
    return count;
  }

  function ageOf({ oldestAt }: Series): number {
    return Number.isFinite(oldestAt) ? Math.max(0, store.clock().getTime() - oldestAt) / 1000 : 0;
  }
}

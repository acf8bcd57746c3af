import type { Logger } from 'pino';
import { readDecided } from '../store/read-waiting.ts';
import type { ReviewStore } from '../store/review-store.ts';
import type { ReviewMetrics } from './review-metrics.ts';

/** Decisions that are read together. */
const mostAtOnce = 500;

/** Counts decisions after their commit. They are read in one query before each scrape, not one by one. */
export type DecisionCount = {
  /** This process has decided the approval. */
  decided(id: string): void;
  /** Counts all decisions so far. It never fails: what can't be read now is counted later. */
  flush(): Promise<void>;
};

/** `store`: where the decisions are read. */
export function countDecisions(store: () => ReviewStore, metrics: ReviewMetrics, log: Logger): DecisionCount {
  let waiting = new Set<string>();
  async function flush(): Promise<void> {
    const ids = [...waiting];
    waiting = new Set();
    try {
      for (const approval of await readDecided(store(), ids)) metrics.decided(approval);
    } catch (error) {
      // The newest are kept, so that a database that is away for long costs no memory.
      for (const id of ids.slice(-mostAtOnce)) waiting.add(id);
      log.warn({ err: error }, 'decisions could not be counted for /metrics; they are counted at the next scrape');
    }
  }
  return {
    flush,
    decided(id) {
      waiting.add(id);
      if (waiting.size === mostAtOnce) void flush();
    },
  };
}

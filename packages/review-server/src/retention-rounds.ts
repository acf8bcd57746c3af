import { startRounds } from '@holdpoint/process';
import type { Logger } from 'pino';
import { purgeApprovals } from './store/retention.ts';
import type { ReviewStore } from './store/review-store.ts';

const tenMinutes = 600_000;
const longestRoundMs = 300_000;

/** Removes approvals that were decided more than `keepMs` ago, in rounds, until `stop`. Several servers share the work. */
export function startRetention(
  store: ReviewStore,
  { keepMs, everyMs = tenMinutes }: { keepMs: number; everyMs?: number },
  log: Logger,
): { stop(): Promise<void> } {
  return startRounds({
    everyMs,
    longestMs: longestRoundMs,
    async round() {
      const before = new Date(store.clock().getTime() - keepMs);
      const { approvals, rows } = await purgeApprovals(store, { before, actor: 'system', dryRun: false });
      if (approvals > 0) log.info({ approvals, rows, before: before.toISOString() }, 'removed old approvals');
    },
    onFailure: (error) => log.error({ err: error }, 'old approvals could not be removed'),
  });
}

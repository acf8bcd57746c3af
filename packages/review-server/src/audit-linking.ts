import { startRounds } from '@holdpoint/process';
import type { Logger } from 'pino';
import { linkAudit, linkAuditSoon } from './store/link-audit.ts';
import type { ReviewStore } from './store/review-store.ts';

/** An entry of the audit is linked this late at most, and the time of one call later. */
const everyMs = 250;
const longestRoundMs = 60_000;
/** A failure that goes on is logged again after this time. */
const sayAgainMs = 10_000;

/** Links the audit's entries until `stop`, which links those that are committed by then, for a second at most. */
export function startAuditLinking(store: ReviewStore, log: Logger): { stop(): Promise<void> } {
  let saidAt = -Infinity;
  const rounds = startRounds({
    everyMs,
    longestMs: longestRoundMs,
    round: () => linkAudit(store),
    onFailure(error) {
      if (performance.now() - saidAt < sayAgainMs) return;
      saidAt = performance.now();
      log.error({ err: error }, 'entries of the audit could not be linked');
    },
  });
  return {
    async stop() {
      await rounds.stop();
      await linkAuditSoon(store);
    },
  };
}

import { startRounds } from '@holdpoint/process';
import type { Logger } from 'pino';
import { removeRuns, type RemovalDeps } from './remove-runs.ts';

const tenMinutes = 600_000;
const longestRoundMs = 300_000;

/** Removes closed runs that did nothing for `keepMs`, in rounds, until `stop`. */
export function startRunRetention(
  removal: RemovalDeps,
  { keepMs, everyMs = tenMinutes }: { keepMs: number; everyMs?: number },
  log: Pick<Logger, 'info' | 'error'>,
): { stop(): Promise<void> } {
  return startRounds({
    everyMs,
    longestMs: longestRoundMs,
    async round() {
      const before = Date.now() - keepMs;
      const { runs, rows } = await removeRuns(removal, { before }, false);
      if (runs > 0) log.info({ runs, rows, before: new Date(before).toISOString() }, 'removed old runs');
    },
    onFailure: (error) => log.error({ err: error }, 'old runs could not be removed'),
  });
}

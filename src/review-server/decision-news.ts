import { EventEmitter } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import type { Logger } from 'pino';
import { CLOSED_CHANNEL } from './store/close-approval.ts';

/** Wakes held requests when an approval is closed, by whichever server process. */
export interface DecisionNews {
  tell(approvalId: string): void;
  /** Returns when the approval is closed, the time is over, or `signal` fires; the caller then reads it. */
  wait(approvalId: string, waitMs: number, signal: AbortSignal): Promise<void>;
  /** Whether waits are over for good. */
  stopped(): boolean;
  /** Ends all waits. */
  stop(): Promise<void>;
}

/** News within this process, and with `postgresUrl` from all others on that database. */
export function createDecisionNews(postgresUrl: string | undefined, log: Logger): DecisionNews {
  const closed = new EventEmitter().setMaxListeners(0);
  const stopping = new AbortController();
  const listening = postgresUrl === undefined ? undefined : listenForEver(postgresUrl, (id) => closed.emit(id), stopping.signal, log);
  return {
    tell: (approvalId) => void closed.emit(approvalId),
    wait: (approvalId, waitMs, signal) => new Promise((resolve) => {
      const over = AbortSignal.any([signal, stopping.signal, AbortSignal.timeout(Math.ceil(waitMs))]);
      const end = () => {
        closed.off(approvalId, end);
        over.removeEventListener('abort', end);
        resolve();
      };
      if (over.aborted) return resolve();
      closed.on(approvalId, end);
      over.addEventListener('abort', end);
    }),
    stopped: () => stopping.signal.aborted,
    async stop() {
      stopping.abort();
      await listening;
    },
  };
}

const RECONNECT_MS = 1000;

async function listenForEver(postgresUrl: string, onClosed: (approvalId: string) => void, signal: AbortSignal, log: Logger): Promise<void> {
  while (!signal.aborted) {
    const client = new Client({ connectionString: postgresUrl, keepAlive: true });
    const lost = new Promise<void>((resolve) => {
      client.on('error', (error) => {
        log.warn({ problem: error.message }, 'lost the connection for news of decisions; held requests look by themselves');
        resolve();
      });
      client.on('end', () => resolve());
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    client.on('notification', ({ payload }) => payload !== undefined && onClosed(payload));
    try {
      await client.connect();
      await client.query(`listen ${CLOSED_CHANNEL}`);
      await lost;
    } catch (error) {
      log.warn({ problem: error instanceof Error ? error.message : 'unknown' }, 'no connection for news of decisions; held requests look by themselves');
    }
    await client.end().catch(() => undefined);
    await pause(RECONNECT_MS, undefined, { signal }).catch(() => undefined);
  }
}

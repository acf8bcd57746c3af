import { EventEmitter } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { createPostgresClient } from '@holdpoint/database';
import type { Logger } from 'pino';
import { CHANGES_CHANNEL, readChange, type ApprovalChange } from './store/approval-changes.ts';

/** What happens to approvals, in whichever server process. It is a hint: whoever hears it reads the approval. */
export interface ApprovalNews {
  /** Passes on a change that this process committed. On PostgreSQL the commit itself tells everybody, this process included. */
  tell(change: ApprovalChange): void;
  /** Returns when the approval is closed, the time is over, or `signal` fires; the caller then reads it. */
  waitForClose(approvalId: string, waitMs: number, signal: AbortSignal): Promise<void>;
  /** Hears of every change, until the returned function is called. `missed`: some may have been lost, so all is to be read again. */
  subscribe(listener: (change: ApprovalChange | 'missed') => void): () => void;
  /** Aborted when waits are over for good. */
  stopping: AbortSignal;
  /** Ends all waits and subscriptions. */
  stop(): Promise<void>;
}

const CHANGED = 'changed';
const closedNews = (approvalId: string) => `closed ${approvalId}`;

/** News within this process, and with `postgresUrl` from all others on that database. */
export function createApprovalNews(postgresUrl: string | undefined, log: Logger): ApprovalNews {
  const events = new EventEmitter().setMaxListeners(0);
  const stopping = new AbortController();
  const spread = (change: ApprovalChange | 'missed') => {
    events.emit(CHANGED, change);
    if (change !== 'missed' && change.change === 'closed') events.emit(closedNews(change.id));
  };
  const listening = postgresUrl === undefined ? undefined : listenForEver(postgresUrl, spread, stopping.signal, log);
  return {
    // Held requests hear of it at once, even while the connection to PostgreSQL is lost.
    tell: (change) =>
      postgresUrl === undefined ? spread(change) : change.change === 'closed' && events.emit(closedNews(change.id)),
    waitForClose: (approvalId, waitMs, signal) =>
      new Promise((resolve) => {
        const over = AbortSignal.any([signal, stopping.signal, AbortSignal.timeout(Math.ceil(waitMs))]);
        const end = () => {
          events.off(closedNews(approvalId), end);
          over.removeEventListener('abort', end);
          resolve();
        };
        if (over.aborted) return resolve();
        events.on(closedNews(approvalId), end);
        over.addEventListener('abort', end);
      }),
    subscribe(listener) {
      events.on(CHANGED, listener);
      return () => void events.off(CHANGED, listener);
    },
    stopping: stopping.signal,
    async stop() {
      stopping.abort();
      events.removeAllListeners(CHANGED);
      await listening;
    },
  };
}

const RECONNECT_MS = 1000;

async function listenForEver(
  postgresUrl: string,
  spread: (change: ApprovalChange | 'missed') => void,
  signal: AbortSignal,
  log: Logger,
): Promise<void> {
  for (let connections = 0; !signal.aborted;) {
    const client = createPostgresClient(postgresUrl);
    const lost = new Promise<void>((resolve) => {
      client.on('error', (error) => {
        log.warn(
          { problem: error.message },
          'lost the connection for news of approvals; held requests look by themselves',
        );
        resolve();
      });
      client.on('end', () => resolve());
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    client.on('notification', ({ payload }) => {
      const change = readChange(payload);
      if (change !== undefined) spread(change);
    });
    try {
      await client.connect();
      await client.query(`listen ${CHANGES_CHANNEL}`);
      if (connections > 0) spread('missed');
      connections += 1;
      await lost;
    } catch (error) {
      log.warn(
        { problem: error instanceof Error ? error.message : 'unknown' },
        'no connection for news of approvals; held requests look by themselves',
      );
    }
    await client.end().catch(() => undefined);
    await pause(RECONNECT_MS, undefined, { signal }).catch(() => undefined);
  }
}

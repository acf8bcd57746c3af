import { EventEmitter } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { createPostgresClient } from '@holdpoint/database';
import { startRounds } from '@holdpoint/process';
import type { Logger } from 'pino';
import { changesChannel, readChange, type ApprovalChange } from './store/approval-changes.ts';

/** Changes of approvals in any server process. A change is a hint: the receiver reads the approval. */
export type ApprovalFeed = {
  /** Publishes a change that this process committed. On PostgreSQL the commit itself notifies all processes. */
  publish(change: ApprovalChange): void;
  /** Resolves when the approval closes, after `waitMs`, or when `signal` fires. Read the approval then. */
  waitForClose(approvalId: string, waitMs: number, signal: AbortSignal): Promise<void>;
  /**
   * Calls `listener` with every change until the returned function is called. `missed`: changes may be lost, read
   * everything again.
   */
  subscribe(listener: (change: ApprovalChange | 'missed') => void): () => void;
  /** Aborted when the server stops and all waits end. */
  stopping: AbortSignal;
  /** Ends all waits and subscriptions. */
  stop(): Promise<void>;
};

const changedEvent = 'changed';
const closedEvent = (approvalId: string) => `closed ${approvalId}`;

/** A feed of this process and, with `postgresUrl`, of all processes on that database. */
export function createApprovalFeed(postgresUrl: string | undefined, log: Logger): ApprovalFeed {
  const events = new EventEmitter().setMaxListeners(0);
  const stopping = new AbortController();
  const emit = (change: ApprovalChange | 'missed') => {
    events.emit(changedEvent, change);
    if (change !== 'missed' && change.change === 'closed') events.emit(closedEvent(change.id));
  };
  const listening = postgresUrl === undefined ? undefined : listenForEver(postgresUrl, emit, stopping.signal, log);
  return {
    // Held requests wake at once, even without the connection to PostgreSQL.
    publish: (change) =>
      postgresUrl === undefined ? emit(change) : change.change === 'closed' && events.emit(closedEvent(change.id)),
    waitForClose: (approvalId, waitMs, signal) =>
      new Promise((resolve) => {
        const over = AbortSignal.any([signal, stopping.signal, AbortSignal.timeout(Math.ceil(waitMs))]);
        const end = () => {
          events.off(closedEvent(approvalId), end);
          over.removeEventListener('abort', end);
          resolve();
        };
        if (over.aborted) return resolve();
        events.on(closedEvent(approvalId), end);
        over.addEventListener('abort', end);
      }),
    subscribe(listener) {
      events.on(changedEvent, listener);
      return () => void events.off(changedEvent, listener);
    },
    stopping: stopping.signal,
    async stop() {
      stopping.abort();
      events.removeAllListeners(changedEvent);
      await listening;
    },
  };
}

/** The connection for changes in `pg_stat_activity`. Its last query is a `select 1` most of the time. */
const listenerName = 'holdpoint changes';
const reconnectMs = 1000;
/** Interval of questions that find a lost connection, in milliseconds. Otherwise it is silent for hours. */
const askEveryMs = 5_000;
/** Time for the answer. */
const longestAnswerMs = 10_000;

async function listenForEver(
  postgresUrl: string,
  emit: (change: ApprovalChange | 'missed') => void,
  signal: AbortSignal,
  log: Logger,
): Promise<void> {
  for (let connections = 0; !signal.aborted;) {
    const client = createPostgresClient(postgresUrl, listenerName);
    const lost = new Promise<void>((resolve) => {
      client.on('error', (error) => {
        log.warn({ problem: error.message }, 'lost the connection for approval changes; held requests poll meanwhile');
        resolve();
      });
      client.on('end', () => resolve());
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    client.on('notification', ({ payload }) => {
      const change = readChange(payload);
      if (change !== undefined) emit(change);
    });
    try {
      await client.connect();
      await client.query(`listen ${changesChannel}`);
      if (connections > 0) emit('missed');
      connections += 1;
      const asking = startRounds({
        everyMs: askEveryMs,
        longestMs: longestAnswerMs,
        round: () => client.query('select 1'),
        onFailure: (error) => client.emit('error', error),
      });
      await lost;
      void asking.stop();
    } catch (error) {
      log.warn(
        { problem: error instanceof Error ? error.message : 'unknown' },
        'no connection for approval changes; held requests poll meanwhile',
      );
    }
    // A lost connection never confirms its end.
    await Promise.race([client.end().catch(() => undefined), pause(reconnectMs)]);
    await pause(reconnectMs, undefined, { signal }).catch(() => undefined);
  }
}

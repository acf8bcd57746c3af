import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StartedProcess } from './started-process.ts';

export type SuperviseOptions = {
  name: string;
  start: () => Promise<StartedProcess>;
  /** Takes lines for the person who watches. */
  log: (line: string) => void;
};

/** A process that is started again whenever it ends without being asked to. */
export type Supervised = {
  readonly name: string;
  /** Undefined while it is down. */
  readonly pid: number | undefined;
  /** What it said when it was last ready. */
  readonly ready: Readonly<Record<string, unknown>>;
  /** `up`: a process is ready, the first one aside. `down`: one has ended, with how. */
  readonly events: EventEmitter<{ up: [pid: number]; down: [how: string] }>;
  /** Sends a signal to the process as it is; it is started again if it ends. */
  kill(signal: NodeJS.Signals): void;
  /** Ends it, and it stays down. */
  stop(): Promise<void>;
  /** Starts it after `stop`. @throws what `start` throws. */
  start(): Promise<void>;
  /** Starts a successor, and ends the present one when that is ready. @throws what `start` throws; the present one stays then. */
  replace(): Promise<void>;
};

const backOff = { firstMs: 100, longestMs: 10_000, settledMs: 10_000 };

/**
 * Starts a process and keeps it up: at once after its first end, later with pauses that double up to ten seconds.
 * @throws what `start` throws the first time.
 */
export async function supervise({ name, start, log }: SuperviseOptions): Promise<Supervised> {
  const events: Supervised['events'] = new EventEmitter();
  let current: StartedProcess | undefined;
  let last = await start();
  let wanted = true;
  let comingBack: Promise<void> | undefined;

  const adopt = (started: StartedProcess): void => {
    current = started;
    last = started;
    void watch(started);
  };

  const watch = async (started: StartedProcess): Promise<void> => {
    const since = Date.now();
    const how = await started.exited;
    if (current !== started) return;
    current = undefined;
    events.emit('down', how);
    if (wanted) comingBack = comeBack(how, Date.now() - since);
  };

  let pauseMs = backOff.firstMs;
  const comeBack = async (how: string, livedMs: number): Promise<void> => {
    if (livedMs > backOff.settledMs) pauseMs = backOff.firstMs;
    log(`${name} ended (${how}). Starting it again${pauseMs > backOff.firstMs ? ` in ${pauseMs / 1000} s` : ''}.`);
    for (;;) {
      await sleep(pauseMs);
      pauseMs = Math.min(pauseMs * 2, backOff.longestMs);
      if (!wanted || current !== undefined) return;
      try {
        const started = await start();
        if (!wanted) return await started.stop();
        adopt(started);
        log(`${name} is up again.`);
        events.emit('up', started.pid);
        return;
      } catch (error) {
        log(
          `${name} does not start: ${error instanceof Error ? error.message : String(error)}\nTrying again in ${pauseMs / 1000} s.`,
        );
      }
    }
  };

  adopt(last);
  return {
    name,
    events,
    get pid() {
      return current?.pid;
    },
    get ready() {
      return last.ready;
    },
    kill: (signal) => current?.kill(signal),
    async stop() {
      wanted = false;
      const process = current;
      await Promise.all([process?.stop(), comingBack]);
    },
    async start() {
      if (wanted) return;
      await comingBack;
      const started = await start();
      wanted = true;
      adopt(started);
      events.emit('up', started.pid);
    },
    async replace() {
      const successor = await start();
      const predecessor = current;
      adopt(successor);
      events.emit('up', successor.pid);
      await predecessor?.stop();
    },
  };
}

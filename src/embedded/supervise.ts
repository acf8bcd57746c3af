import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StartedProcess } from './started-process.ts';

export type SuperviseOptions = {
  name: string;
  start: () => Promise<StartedProcess>;
  /** Takes lines for the user. */
  log: (line: string) => void;
};

/** A process that is restarted whenever it ends unexpectedly. */
export type Supervised = {
  readonly name: string;
  /** Undefined while no process runs. */
  readonly pid: number | undefined;
  /** The content of its last readiness line. */
  readonly ready: Readonly<Record<string, unknown>>;
  /** `up`: a process is ready (not emitted for the first one). `down`: a process has ended, with its exit code or signal. */
  readonly events: EventEmitter<{ up: [pid: number]; down: [how: string] }>;
  /** Sends a signal to the process. It is restarted when it ends. */
  kill(signal: NodeJS.Signals): void;
  /** Stops it for good. */
  stop(): Promise<void>;
  /** Starts it after `stop`. @throws what `start` throws. */
  start(): Promise<void>;
  /** Starts a successor and stops the present process once that is ready. @throws what `start` throws; the present process stays. */
  replace(): Promise<void>;
};

const backOff = { firstMs: 100, longestMs: 10_000, settledMs: 10_000 };

/**
 * Starts a process and restarts it whenever it ends: first after 100 ms, then with pauses that double up to 10 seconds.
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

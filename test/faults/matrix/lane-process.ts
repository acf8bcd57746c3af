import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { processFile, startNodeProcess } from '../../../src/embedded/node-process.ts';
import type { StartedProcess } from '../../../src/embedded/started-process.ts';

/** One of Holdpoint's processes, as in production, with a clock that can be set. */
export type LaneProcess = {
  /** SIGKILL, which takes effect at once. Resolves when it has ended. */
  kill(): Promise<void>;
  /** Starts another one after `kill`. Resolves when it is ready. */
  restart(): Promise<void>;
  freeze(): void;
  wake(): void;
  /** Freezes it and starts another one in its place. */
  replaceFrozen(): Promise<void>;
  /** Wakes the frozen one that was replaced, and ends it after a while in which it may do harm. */
  wakeReplaced(): Promise<void>;
  /** Moves its clock. */
  setClock(offsetMs: number): void;
  stop(): Promise<void>;
};

type LaneProcessOptions = {
  name: 'worker' | 'gateway' | 'review-server';
  folder: string;
  environment: Readonly<Record<string, string>>;
  /** Called with the address of each process that gets ready. */
  onReady: (url: string) => void;
};

const clockProgram = fileURLToPath(new URL('./skewed-clock.cjs', import.meta.url));
/** How long a replaced process may go on after it woke up. */
const wokenMs = 3000;

export async function startLaneProcess({
  name,
  folder,
  environment,
  onReady,
}: LaneProcessOptions): Promise<LaneProcess> {
  const clockFile = join(folder, `${name}.clock`);
  const log = (line: string) => appendFileSync(join(folder, `${name}.log`), `${line}\n`);
  const start = async (): Promise<StartedProcess> => {
    const started = await startNodeProcess({
      file: processFile(name),
      environment: { ...environment, NODE_OPTIONS: `--require="${clockProgram}"`, FAULTS_CLOCK: clockFile },
      onLine: log,
      stopWithinMs: 5000,
    });
    if (typeof started.ready['url'] === 'string') onReady(started.ready['url']);
    return started;
  };
  let running = await start();
  let replaced: StartedProcess | undefined;
  const end = async (ending: StartedProcess) => {
    ending.kill('SIGKILL');
    await ending.exited;
  };
  return {
    kill: () => end(running),
    async restart() {
      // A process that meets a dependency which is still down may end; a supervisor starts it again.
      for (let tries = 1; ; tries += 1) {
        try {
          running = await start();
          return;
        } catch (error) {
          log(String(error));
          if (tries === 20) throw error;
          await sleep(500);
        }
      }
    },
    freeze: () => running.kill('SIGSTOP'),
    wake: () => running.kill('SIGCONT'),
    async replaceFrozen() {
      running.kill('SIGSTOP');
      const frozen = running;
      running = await start();
      replaced = frozen;
    },
    async wakeReplaced() {
      if (!replaced) return;
      replaced.kill('SIGCONT');
      await sleep(wokenMs);
      await end(replaced);
      replaced = undefined;
    },
    setClock(offsetMs) {
      writeFileSync(clockFile, String(offsetMs));
      running.kill('SIGUSR2');
    },
    async stop() {
      if (replaced) await end(replaced);
      running.kill('SIGCONT');
      await running.stop();
    },
  };
}

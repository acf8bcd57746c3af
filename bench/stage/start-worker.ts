import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { nodeFlags } from '../../src/embedded/node-process.ts';
import type { Moments } from './moments.ts';
import type { WorkerPlan, WorkerWord } from './worker-process.ts';

export type BenchWorker = {
  taskQueue: string;
  pid: number;
  /** Time of its first poll for tasks, in `machineMs`. */
  upAt: number;
  /** Heap and process memory in MB, after a garbage collection in every thread. */
  memory(): Promise<{ heldMB: number; residentMB: number }>;
  /** Sends SIGKILL. Resolves when the process has ended. */
  kill(): Promise<void>;
  /** Sends SIGTERM. Resolves when the process has ended. */
  stop(): Promise<void>;
};

const files = {
  floor: fileURLToPath(new URL('../floor/floor-worker.ts', import.meta.url)),
  holdpoint: fileURLToPath(new URL('./holdpoint-worker.ts', import.meta.url)),
};

const collectGarbage = fileURLToPath(new URL('./collect-garbage.cjs', import.meta.url));

type Start = {
  kind: keyof typeof files;
  plan: WorkerPlan;
  environment: Record<string, string>;
  logFile: string;
  firstLines: Moments;
};

/** Starts a worker process and waits until it polls for tasks. @throws Error if it ends before; see the log file. */
export async function startBenchWorker({ kind, plan, environment, logFile, firstLines }: Start): Promise<BenchWorker> {
  const child = fork(files[kind], [JSON.stringify(plan)], {
    execArgv: [...nodeFlags, '--expose-gc', '--require', collectGarbage],
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const log = createWriteStream(logFile, { flags: 'a' });
  child.stdout?.pipe(log, { end: false });
  child.stderr?.pipe(log, { end: false });
  const exited = once(child, 'exit').finally(() => log.end());
  const ended = () => child.exitCode !== null || child.signalCode !== null;
  const word = <Type extends WorkerWord['type']>(type: Type): Promise<Extract<WorkerWord, { type: Type }>> =>
    new Promise((resolve, reject) => {
      const take = (said: WorkerWord): void => {
        if (said.type !== type) return;
        child.off('message', take);
        resolve(said as Extract<WorkerWord, { type: Type }>);
      };
      child.on('message', take);
      const missed = (): void =>
        reject(new Error(`The ${kind} worker ended before it said "${type}". Its log: ${logFile}`));
      void exited.then(missed, missed);
    });
  child.on('message', (said: WorkerWord) => {
    if (said.type === 'first-line') firstLines.tell(said.item, said.at);
  });
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (!ended()) child.kill(signal);
    await exited;
  };
  const { at } = await word('up');
  return {
    taskQueue: plan.taskQueue,
    pid: child.pid as number,
    upAt: at,
    async memory() {
      const said = word('memory');
      child.send('memory');
      const { heldBytes, residentBytes } = await said;
      return { heldMB: heldBytes / 1e6, residentMB: residentBytes / 1e6 };
    },
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
  };
}

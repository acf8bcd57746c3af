import { BroadcastChannel } from 'node:worker_threads';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { machineMs } from '../measure/clock.ts';

/** What the benchmark tells a worker process when it starts it. */
export type WorkerPlan = {
  address: string;
  namespace: string;
  taskQueue: string;
  /** Default: Temporal's, by heap size. */
  maxCachedRuns?: number;
};

/** What a worker process tells the benchmark. Moments are `machineMs`. */
export type WorkerWord =
  | { type: 'up'; at: number }
  | { type: 'first-line'; item: string; at: number }
  | { type: 'memory'; bytes: number };

/** The first line of a tool or an Activity: the moment is taken before anything else. */
export function tellFirstLine(item: string): void {
  say({ type: 'first-line', item, at: machineMs() });
}

/** The plan that this process was started with. */
export function workerPlan(): WorkerPlan {
  return JSON.parse(process.argv[2] as string) as WorkerPlan;
}

/** Runs a worker until the benchmark ends it; SIGTERM ends it in good order. */
export async function runWorkerProcess(create: () => Promise<{ run(): Promise<void>; shutdown(): void }>): Promise<void> {
  Runtime.install({ logger: new DefaultLogger('WARN'), shutdownSignals: [] });
  const worker = await create();
  process.once('SIGTERM', () => worker.shutdown());
  process.once('disconnect', () => process.exit(1));
  process.on('message', () => void measureMemory());
  const running = worker.run();
  say({ type: 'up', at: machineMs() });
  await running;
  process.exit(0);
}

const collectGarbage = new BroadcastChannel('collect garbage');

/** What is held, not what is yet to be thrown away. */
async function measureMemory(): Promise<void> {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel between threads, not a window
  collectGarbage.postMessage(null);
  globalThis.gc?.();
  await new Promise((resolve) => setTimeout(resolve, 500));
  globalThis.gc?.();
  say({ type: 'memory', bytes: process.memoryUsage.rss() });
}

function say(word: WorkerWord): void {
  process.send?.(word);
}

import { BroadcastChannel } from 'node:worker_threads';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { machineMs } from '../measure/clock.ts';

/** Start-up message for a worker process. */
export type WorkerPlan = {
  address: string;
  namespace: string;
  taskQueue: string;
  /** @default Temporal's, by heap size */
  maxCachedRuns?: number;
};

/** Message of a worker process. Times are `machineMs`. */
export type WorkerWord =
  | { type: 'up'; at: number }
  | { type: 'first-line'; item: string; at: number }
  | { type: 'memory'; heldBytes: number; residentBytes: number };

/** First line of a tool or Activity: takes the time before anything else. */
export function tellFirstLine(item: string): void {
  say({ type: 'first-line', item, at: machineMs() });
}

/** Start-up message of this process. */
export function workerPlan(): WorkerPlan {
  return JSON.parse(process.argv[2] as string) as WorkerPlan;
}

/** Runs a worker until the benchmark ends it. SIGTERM shuts it down gracefully. */
export async function runWorkerProcess(
  create: () => Promise<{ run(): Promise<void>; shutdown(): void }>,
): Promise<void> {
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
/** How long the Workflow thread may take to answer, in milliseconds. */
const collectingMs = 1000;

/** Memory of all threads, after a garbage collection in each. */
async function measureMemory(): Promise<void> {
  let heldBytes = 0;
  const add = (event: Event): void =>
    void (heldBytes += (event as Event & { data: { heldBytes?: number } }).data.heldBytes ?? 0);
  collectGarbage.addEventListener('message', add);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel between threads, not a window
  collectGarbage.postMessage('collect');
  await new Promise((resolve) => setTimeout(resolve, collectingMs));
  collectGarbage.removeEventListener('message', add);
  globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  say({ type: 'memory', heldBytes: heldBytes + heapUsed + external, residentBytes: rss });
}

function say(word: WorkerWord): void {
  process.send?.(word);
}

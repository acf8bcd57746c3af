import type { DataConverter } from '@temporalio/common';
import { NativeConnection } from '@temporalio/worker';
import type { WorkerDependencies } from '../activities/context.ts';
import { createRunWorker } from '../worker/run-worker.ts';
import type { TestTemporal } from './test-temporal.ts';

/** A worker of a test stack. */
export type MortalWorker = {
  /** Ends it, also after a crash. */
  stop(): Promise<void>;
  /**
   * From now on nothing that runs in it is written or told, as after SIGKILL. A tool that is running goes on in this
   * process, and its result is lost.
   */
  crash(): void;
};

type Start = {
  temporal: TestTemporal;
  taskQueue: string;
  dependencies: WorkerDependencies;
  dataConverter: DataConverter;
};

/** Time for running tools after a stop, and until they are given up, in milliseconds. */
const [graceMs, giveUpMs] = [50, 1000];

/** Starts a worker in this process that can crash. */
export async function startMortalWorker({
  temporal,
  taskQueue,
  dependencies,
  dataConverter,
}: Start): Promise<MortalWorker> {
  const life = { isOver: false };
  const connection = await NativeConnection.connect({ address: temporal.address });
  const mortal = <T extends object>(port: T): T => mortalPort(port, life);
  const worker = await createRunWorker({
    connection,
    namespace: temporal.namespace,
    taskQueue,
    dataConverter,
    dependencies: {
      ...dependencies,
      surface: (assistant) => mortal(dependencies.surface(assistant)),
      review: (requester) => mortal(dependencies.review(requester)),
      values: mortal(dependencies.values),
      transcripts: mortal(dependencies.transcripts),
      requests: mortal(dependencies.requests),
      effects: mortal(dependencies.effects),
      runs: mortal(dependencies.runs),
      waitingRuns: mortal(dependencies.waitingRuns),
    },
    shutdownGraceMs: graceMs,
    shutdownForceMs: giveUpMs,
  });
  // It fails if Activities are given up.
  const ended = worker.run().catch(() => undefined);
  const shutDown = () => {
    if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  return {
    async stop() {
      shutDown();
      await ended;
      await connection.close();
    },
    crash() {
      life.isOver = true;
      shutDown();
    },
  };
}

/** The port until the end of its worker's life. Then its calls do nothing and never end, and so do those under way. */
function mortalPort<T extends object>(port: T, life: { isOver: boolean }): T {
  const never = () => new Promise<never>(() => undefined);
  return new Proxy(port, {
    get(target, name, receiver) {
      const member: unknown = Reflect.get(target, name, receiver);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): unknown => {
        if (life.isOver) return never();
        const result: unknown = Reflect.apply(member, target, args);
        if (result instanceof Promise)
          return result.then(
            (value: unknown) => (life.isOver ? never() : value),
            (error: unknown) => (life.isOver ? never() : Promise.reject(error as Error)),
          );
        // `values.of(run)` and the like return a port.
        return typeof result === 'object' && result !== null ? mortalPort(result, life) : result;
      };
    },
  });
}

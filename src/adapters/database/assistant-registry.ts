import type { Kysely } from 'kysely';
import type { Tables } from './tables.ts';

/** Milliseconds without a heartbeat after which a worker counts as gone. */
export const workerGoneAfterMs = 2 * 60 * 1000;
/** The names of a worker that was killed stay this long, in milliseconds. */
const keptForMs = 24 * 60 * 60 * 1000;

/** The workers of one Task Queue share their assistants' runs. */
export type Queue = { namespace: string; taskQueue: string };

/** Names of assistants, published by the workers that have them. Workers write them, the gateway reads them. */
export type AssistantRegistry = {
  /** Publishes a worker's assistants, or renews them. `worker` names one worker. */
  publish(
    entry: Queue & {
      worker: string;
      assistants: readonly string[];
      /** The worker can replay runs that request their decisions locally. */
      localRequests: boolean;
      at: number;
    },
  ): Promise<void>;
  /** Removes a worker that stops. That its assistants were published once stays. */
  remove(worker: string): Promise<void>;
  /** Names that running workers have. */
  live(queue: Queue, now: number): Promise<string[]>;
  /**
   * Names that running workers have or that killed ones had within a day. Undefined if no worker runs: then nothing is
   * known.
   */
  known(queue: Queue, now: number): Promise<string[] | undefined>;
  /**
   * True if all workers can replay runs that request their decisions locally, those that were killed within a day too.
   * False if no worker runs.
   */
  requestsLocally(queue: Queue, now: number): Promise<boolean>;
  /** True if a worker of the Task Queue ever had this assistant. */
  wasPublished(queue: Queue, name: string): Promise<boolean>;
};

export function createAssistantRegistry(database: Kysely<Tables>): AssistantRegistry {
  const workers = async ({ namespace, taskQueue }: Queue) => {
    const rows = await database
      .selectFrom('holdpoint_workers')
      .select(['assistants', 'local_requests', 'seen_at'])
      .where('namespace', '=', namespace)
      .where('task_queue', '=', taskQueue)
      .execute();
    return rows.map(({ assistants, local_requests, seen_at }) => ({
      names: JSON.parse(assistants) as string[],
      localRequests: local_requests === 1,
      seenAt: Number(seen_at),
    }));
  };
  const isLive = (now: number) => (worker: { seenAt: number }) => worker.seenAt > now - workerGoneAfterMs;
  return {
    async publish({ namespace, taskQueue, worker, assistants, localRequests, at }) {
      await database
        .deleteFrom('holdpoint_workers')
        .where('seen_at', '<', at - keptForMs)
        .execute();
      const row = {
        assistants: JSON.stringify(assistants),
        local_requests: localRequests ? 1 : null,
        seen_at: at,
      };
      await database
        .insertInto('holdpoint_workers')
        .values({ worker, namespace, task_queue: taskQueue, ...row })
        .onConflict((conflict) => conflict.column('worker').doUpdateSet(row))
        .execute();
      await database
        .insertInto('holdpoint_assistants')
        .values(assistants.map((name) => ({ namespace, task_queue: taskQueue, name })))
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },

    async remove(worker) {
      await database.deleteFrom('holdpoint_workers').where('worker', '=', worker).execute();
    },

    async live(queue, now) {
      return namesOf((await workers(queue)).filter(isLive(now)));
    },

    async known(queue, now) {
      const all = await workers(queue);
      return all.some(isLive(now)) ? namesOf(all) : undefined;
    },

    async requestsLocally(queue, now) {
      const all = await workers(queue);
      return all.some(isLive(now)) && all.every(({ localRequests }) => localRequests);
    },

    async wasPublished({ namespace, taskQueue }, name) {
      const row = await database
        .selectFrom('holdpoint_assistants')
        .select('name')
        .where('namespace', '=', namespace)
        .where('task_queue', '=', taskQueue)
        .where('name', '=', name)
        .executeTakeFirst();
      return row !== undefined;
    },
  };
}

function namesOf(workers: Array<{ names: string[] }>): string[] {
  return [...new Set(workers.flatMap(({ names }) => names))];
}

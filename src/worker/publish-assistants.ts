import { randomUUID } from 'node:crypto';
import { startRounds } from '@holdpoint/process';
import type { AssistantRegistry, Queue } from '../adapters/database/assistant-registry.ts';

/** A quarter of the time after which a worker counts as gone. */
const heartbeatMs = 30_000;

export type Publishing = {
  registry: Pick<AssistantRegistry, 'publish' | 'remove'>;
  queue: Queue;
  assistants: readonly string[];
  localRequests: boolean;
  /** Called when a heartbeat fails. The next one follows in 30 s. */
  onFailure: (error: unknown) => void;
};

/** Publishes the names of a worker's assistants now and with each heartbeat, until `stop` removes them. */
export async function publishAssistants({
  registry,
  queue,
  assistants,
  localRequests,
  onFailure,
}: Publishing): Promise<{ stop(): Promise<void> }> {
  const worker = randomUUID();
  const publish = () => registry.publish({ ...queue, worker, assistants, localRequests, at: Date.now() });
  await publish();
  const beats = startRounds({ everyMs: heartbeatMs, longestMs: heartbeatMs, round: publish, onFailure });
  return {
    async stop() {
      await beats.stop();
      await registry.remove(worker).catch(onFailure);
    },
  };
}

import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, NativeConnection, Worker } from '@temporalio/worker';
import { expect } from 'vitest';
import type { StoredValues } from '../../../src/activities/ports.ts';
import { createTemporalRuns } from '../../../src/adapters/temporal/temporal-runs.ts';
import type { RunsPort } from '../../../src/gateway/ports.ts';
import { startTestTemporal, type TestTemporal } from '../../support/temporal.ts';

export type ProbeRuns = {
  temporal: TestTemporal;
  taskQueue: string;
  runs: RunsPort;
  /** The same runs, with a database. */
  withValues: RunsPort;
  /** Starts a run of the probe Workflow. Returns its id. */
  started(changed?: { id?: string; input?: string; assistant?: string }): Promise<string>;
  stop(): Promise<void>;
};

let next = 0;

/** A request for a new run. Its context names its approval. */
export function probeRequest(changed: { id?: string; input?: string; assistant?: string } = {}) {
  const id = changed.id ?? `probe-${process.pid}-${(next += 1)}`;
  return {
    id,
    assistant: changed.assistant ?? 'comms',
    input: changed.input ?? 'Tell *all* customers.',
    context: { tag: id },
    caller: 'operator',
    inputDigest: `digest of ${changed.input ?? 'default'}`,
  };
}

/** Runs of the probe Workflow on a real Temporal server, with a worker on their own Task Queue. */
export async function startProbeRuns(taskQueue: string): Promise<ProbeRuns> {
  const temporal = await startTestTemporal();
  const connection = await NativeConnection.connect({ address: temporal.address });
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('./probe-workflow.ts', import.meta.url)),
  });
  const worker = await Worker.create({ connection, namespace: temporal.namespace, taskQueue, workflowBundle });
  const running = worker.run();
  const runs = createTemporalRuns({ client: temporal.client, taskQueue });
  return {
    temporal,
    taskQueue,
    runs,
    withValues: createTemporalRuns({ client: temporal.client, taskQueue, values: valuesInMemory() }),
    async started(changed) {
      const request = probeRequest(changed);
      expect(await runs.create(request)).toBe('started');
      return request.id;
    },
    async stop() {
      worker.shutdown();
      await running;
      await connection.close();
    },
  };
}

/** Refuses a digest with NUL, as PostgreSQL does. */
function valuesInMemory(): StoredValues {
  const kept = new Map<string, string>();
  return {
    put: async (json) => {
      const digest = createHash('sha256').update(json).digest('hex');
      kept.set(digest, json);
      return { digest, bytes: json.length };
    },
    get: async (digest) => {
      if (digest.includes('\0')) throw new Error('invalid byte sequence for encoding "UTF8": 0x00');
      return kept.get(digest);
    },
  };
}

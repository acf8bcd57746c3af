import { ownExecution, type WorkerDependencies } from './context.ts';
import type { RunValues } from './ports.ts';

/**
 * The stored values of the run whose Activity asks. An Activity's input may name the value of another run, so Temporal
 * says which run it is.
 */
export function ownValues({ values, runs }: Pick<WorkerDependencies, 'values' | 'runs'>): RunValues {
  const owner = async () => {
    const { workflowId, runId } = ownExecution();
    return { runId: workflowId, firstRunId: await runs.firstRunId(workflowId, runId) };
  };
  return {
    put: async (json) => await values.put(json, await owner()),
    get: async (digest) => await values.get(digest, await owner()),
  };
}

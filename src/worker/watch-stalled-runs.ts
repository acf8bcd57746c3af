import type { Client } from '@temporalio/client';
import { startRounds } from '@holdpoint/process';
import { readDeployment, stalled, stalledText } from '../adapters/temporal/deployments.ts';
import type { SurfaceLog } from '../adapters/openai/surface-log.ts';
import type { WorkerVersion } from '../domain/deployment.ts';

const everyMs = 60_000;
const longestMs = 30_000;

/** Warns once a minute of pinned runs whose build has no worker: Temporal reports no error for them. */
export function watchStalledRuns(
  client: Client,
  { taskQueue, version: { deployment: name }, log }: { taskQueue: string; version: WorkerVersion; log: SurfaceLog },
): { stop(): Promise<void> } {
  return startRounds({
    everyMs,
    longestMs,
    async round() {
      const found = await readDeployment(client, { ...(name !== undefined && { name }), taskQueue });
      for (const version of found === undefined ? [] : stalled(found))
        log.warn({ buildId: version.buildId, pinnedRuns: version.pinnedRuns }, stalledText(version));
    },
    onFailure: (error) => log.warn({ err: error }, 'The builds of the workers could not be read from Temporal.'),
  });
}

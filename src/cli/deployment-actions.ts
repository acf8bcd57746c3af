import { Connection, Client } from '@temporalio/client';
import {
  movePinnedRuns,
  promoteBuild,
  readDeployment,
  stalled,
  stalledText,
  type Deployment,
} from '../adapters/temporal/deployments.ts';
import { ConfigError } from '../config/config-error.ts';
import { processEnvironment } from '../config/environment.ts';
import { deploymentSchema } from '../config/process-schemas.ts';
import { readConfig } from '../config/read-config.ts';
import { defaultDeployment } from '../domain/deployment.ts';
import { defaultTaskQueue } from '../domain/wire-names.ts';
import { plain } from './plain.ts';
import type { RunIo } from './run-io.ts';
import { table } from './table.ts';
import { usageExitCode } from '@holdpoint/process';

const connectMs = 5_000;
const patienceMs = 60_000;

type Printed = { json?: true | undefined };

type Connected = {
  client: Client;
  name: string;
  taskQueue: string;
  print: (document: unknown, text: () => string) => void;
};

/** `holdpoint deployment show`. The exit code is 1 when pinned runs can't go on. */
export function showDeployment(io: RunIo, { json }: Printed): Promise<void> {
  return withTemporal(io, json, async ({ client, name, taskQueue, print }) => {
    const found = await readDeployment(client, { name, taskQueue });
    print(found ?? { name, current: null, versions: [] }, () => deploymentText(name, found));
    if (found !== undefined && stalled(found).length > 0) io.setExitCode(1);
  });
}

/** `holdpoint deployment promote`. */
export function promote(io: RunIo, { buildId, json }: Printed & { buildId: string }): Promise<void> {
  return withTemporal(io, json, async ({ client, name, print }) => {
    await promoteBuild(client, { name, buildId, patienceMs });
    print({ name, current: buildId }, () => `New runs of ${plain(name)} go to the build ${plain(buildId)}.`);
  });
}

/** `holdpoint deployment move`. */
export function movePinned(io: RunIo, { from, json }: Printed & { from: string }): Promise<void> {
  return withTemporal(io, json, async ({ client, name, print }) => {
    const runs: string[] = [];
    for await (const id of movePinnedRuns(client, { name, from })) runs.push(id);
    print(
      { name, from, runs },
      () => `${runs.length} pinned runs of the build ${plain(from)} go on with the current one.`,
    );
  });
}

async function withTemporal(
  io: RunIo,
  json: true | undefined,
  act: (tools: Connected) => Promise<void>,
): Promise<void> {
  try {
    const config = readConfig(processEnvironment(), deploymentSchema);
    const connection = await Connection.connect({ ...config.temporalConnection.reveal(), connectTimeout: connectMs });
    try {
      await act({
        client: new Client({ connection, namespace: config.temporalNamespace }),
        name: config.deployment ?? defaultDeployment,
        taskQueue: config.taskQueue ?? defaultTaskQueue,
        print: (document, text) => void io.stdout.write(json ? `${JSON.stringify(document)}\n` : `${text()}\n`),
      });
    } finally {
      await connection.close();
    }
  } catch (error) {
    io.stderr.write(`holdpoint: ${error instanceof Error ? error.message : String(error)}\n`);
    io.setExitCode(error instanceof ConfigError ? usageExitCode : 1);
  }
}

function deploymentText(name: string, found: Deployment | undefined): string {
  if (found === undefined)
    return `No worker of the deployment ${plain(name)} has a build id. Set HOLDPOINT_BUILD_ID at the workers: docs/deployments.md.`;
  const rows = found.versions.map(({ buildId, current, hasWorker, openRuns, pinnedRuns }) => [
    `${plain(buildId)}${current ? ' (current)' : ''}`,
    hasWorker ? 'yes' : 'no',
    String(openRuns),
    String(pinnedRuns),
  ]);
  return [
    table(['build', 'has a worker', 'open runs', 'pinned'], rows),
    ...(found.current === null
      ? [
          `No build is current, so new runs wait. Choose one: holdpoint deployment promote ${plain(found.versions[0]?.buildId ?? 'BUILD')}`,
        ]
      : []),
    ...stalled(found).map((version) => plain(stalledText(version))),
  ].join('\n');
}

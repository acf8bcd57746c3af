import { machinePaths, processEnvironment } from '../config/environment.ts';
import { findTemporalCli } from '../embedded/temporal-cli.ts';
import { startTemporalServer } from '../embedded/temporal-server.ts';

/** The Temporal dev server of this process. */
export type TestTemporal = { address: string; namespace: string };

let shared: Promise<TestTemporal> | undefined;

/**
 * Temporal's dev server, which all stacks of this process share: in memory, on a free port. It ends with the process.
 * The program is fetched on first use, with a line on standard error.
 */
export function sharedTemporal(): Promise<TestTemporal> {
  shared ??= start();
  return shared;
}

async function start(): Promise<TestTemporal> {
  const environment = processEnvironment();
  const program = await findTemporalCli({
    override: environment['HOLDPOINT_TEMPORAL_CLI'],
    ...machinePaths(environment),
    environment,
    log: (line) => process.stderr.write(`${line}\n`),
  });
  const server = await startTemporalServer({ program });
  // node:test and jest wait for the end of everything that a test file began.
  server.unref();
  return { address: server.address, namespace: server.namespace };
}

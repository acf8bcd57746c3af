import { Client, Connection } from '@temporalio/client';
import { machinePaths, processEnvironment } from '../../src/config/environment.ts';
import { findTemporalCli } from '../../src/embedded/temporal-cli.ts';
import {
  startTemporalServer,
  type TemporalServer,
  type TemporalServerOptions,
} from '../../src/embedded/temporal-server.ts';
import { sharedPart } from './shared-part.ts';

/** The real `temporal` program of this machine; fetched on first use. */
export async function temporalProgram(): Promise<string> {
  const environment = processEnvironment();
  return await findTemporalCli({
    override: environment['HOLDPOINT_TEMPORAL_CLI'],
    ...machinePaths(environment),
    environment,
    log: (line) => process.stderr.write(`${line}\n`),
  });
}

/** A Temporal dev server of one's own: in memory unless `dbFilename` says otherwise, on free ports. The caller stops it. */
export async function startOwnTemporal(options: Omit<TemporalServerOptions, 'program'> = {}): Promise<TemporalServer> {
  return await startTemporalServer({ program: await temporalProgram(), ...options });
}

export type TestTemporal = {
  /** For child processes: TEMPORAL_ADDRESS. */
  address: string;
  namespace: string;
  connection: Connection;
  client: Client;
  server: TemporalServer;
};

/**
 * The real Temporal dev server that the test files of one process share: in memory, on a free port, with Holdpoint's
 * search attributes. It ends with the process. Use workflow ids and Task Queues of your own.
 */
export const startTestTemporal: () => Promise<TestTemporal> = sharedPart(start, ({ hasEnded }) => !hasEnded());

async function start(): Promise<TestTemporal & { hasEnded: () => boolean }> {
  const server = await startOwnTemporal();
  let hasEnded = false;
  const noteEnd = async (): Promise<void> => {
    await server.exited;
    hasEnded = true;
    process.stderr.write(`The shared Temporal server has ended. Its last output:\n${server.lastLines.join('\n')}\n`);
  };
  void noteEnd();
  const connection = await Connection.connect({ address: server.address });
  return {
    address: server.address,
    namespace: server.namespace,
    connection,
    client: new Client({ connection, namespace: server.namespace }),
    server,
    hasEnded: () => hasEnded,
  };
}

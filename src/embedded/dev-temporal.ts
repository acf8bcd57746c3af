import { join } from 'node:path';
import { machinePaths } from '../config/environment.ts';
import { createLogFile } from './log-file.ts';
import type { DevStackOptions } from './dev-options.ts';
import type { DevPorts } from './dev-ports.ts';
import { supervise, type Supervised } from './supervise.ts';
import { findTemporalCli } from './temporal-cli.ts';
import { startTemporalServer } from './temporal-server.ts';

/** The path of the `temporal` program of a stack, downloaded if need be. @throws TemporalCliMissing */
export function findDevTemporalCli({ environment, temporalCli, log }: DevStackOptions): Promise<string> {
  return findTemporalCli({ override: temporalCli, ...machinePaths(environment), environment, log });
}

/** The embedded Temporal server of a stack, with its state on disk, restarted whenever it ends. */
export async function startDevTemporal(
  { log }: Pick<DevStackOptions, 'log'>,
  { program, dataDir, ports, flags }: { program: string; dataDir: string; ports: DevPorts; flags: readonly string[] },
): Promise<Supervised & { address: string; uiUrl: string }> {
  // Its warnings concern the server only, so they go to the log file and not to the user.
  const { write } = createLogFile(join(dataDir, 'logs', 'temporal.log'), log);
  const supervised = await supervise({
    name: 'Temporal',
    log,
    start: async () => {
      const server = await startTemporalServer({
        program,
        dbFilename: join(dataDir, 'temporal.db'),
        port: ports.temporal,
        uiPort: ports.temporalUi,
        log: write,
        flags,
        // The worker and the gateway ask until it serves.
        until: 'listening',
      });
      return {
        pid: server.pid,
        ready: { address: server.address, uiUrl: server.uiUrl },
        exited: server.exited.then(() => 'its process is gone'),
        stop: () => server.stop(),
        kill: (signal) => void process.kill(server.pid, signal),
      };
    },
  });
  return Object.assign(supervised, {
    address: `127.0.0.1:${ports.temporal}`,
    uiUrl: `http://127.0.0.1:${ports.temporalUi}`,
  });
}

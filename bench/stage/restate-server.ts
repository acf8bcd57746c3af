import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../src/embedded/free-port.ts';

/** Starts Restate's server, which suspends runs after a second. @throws Error if it is not ready within a minute. */
export async function startRestateServer(
  peersFolder: string,
  folder: string,
  environment: Record<string, string>,
): Promise<{ ingress: string; admin: string; stop(): Promise<void> }> {
  const program = createRequire(join(peersFolder, 'package.json')).resolve(
    `@restatedev/restate-server-${process.platform}-${process.arch}/bin/restate-server`,
  );
  const [ingressPort, adminPort, nodePort] = [await freePort(), await freePort(), await freePort()];
  const child = spawn(program, [], {
    env: {
      ...environment,
      RESTATE_BASE_DIR: join(folder, 'restate'),
      RESTATE_BIND_IP: '127.0.0.1',
      RESTATE_LISTEN_MODE: 'tcp',
      RESTATE_BIND_PORT: String(nodePort),
      RESTATE_INGRESS__BIND_PORT: String(ingressPort),
      RESTATE_ADMIN__BIND_PORT: String(adminPort),
      RESTATE_DISABLE_TELEMETRY: 'true',
      RESTATE_LOG_FILTER: 'warn',
      RESTATE_WORKER__INVOKER__INACTIVITY_TIMEOUT: '1s',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log = createWriteStream(join(folder, 'restate-server.log'));
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  const exited = once(child, 'exit').finally(() => log.end());
  const server = { ingress: `http://127.0.0.1:${ingressPort}`, admin: `http://127.0.0.1:${adminPort}` };
  const deadline = Date.now() + 60_000;
  for (;;) {
    const healthy = await Promise.all([
      fetch(`${server.admin}/health`),
      fetch(`${server.ingress}/restate/health`),
    ]).then(
      (answers) => answers.every(({ ok }) => ok),
      () => false,
    );
    if (healthy) break;
    if (Date.now() > deadline || child.exitCode !== null)
      throw new Error(`Restate's server did not come up. Its log: ${folder}/restate-server.log`);
    await sleep(100);
  }
  return {
    ...server,
    async stop() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { OpenAPIHono } from '@hono/zod-openapi';
import type { ReviewServerOptions } from '../src/options.ts';
import { callsTo, type TestServer } from './test-server.ts';

const program = fileURLToPath(new URL('server-process.ts', import.meta.url));

/** Starts a review server in a process of its own. `close` kills it with SIGKILL. */
export async function startServerProcess(options: ReviewServerOptions): Promise<TestServer> {
  const child = spawn(process.execPath, ['--conditions=holdpoint-source', program, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [url] = (await once(createInterface(child.stdout), 'line')) as [string];
  return callsTo({ url, app: new OpenAPIHono(), close: () => kill(child) });
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { isMainThread } from 'node:worker_threads';
import { keepPrivate, makePrivateFolder } from '@holdpoint/database/private-files';
import { searchAttributes } from '../domain/wire-names.ts';
import { freePort } from './free-port.ts';
import { guard } from './guardian.ts';

export type TemporalServerOptions = {
  /** The `temporal` program (`findTemporalCli`). */
  program: string;
  /** File for state. @default in memory, lost with the process */
  dbFilename?: string | undefined;
  /** @default any free port */
  port?: number | undefined;
  /** 0 takes any free port. Null starts no web UI. @default null */
  uiPort?: number | null | undefined;
  /** Created if it does not exist. @default 'default' */
  namespace?: string | undefined;
  /** Takes the server's warnings and errors. */
  log?: (line: string) => void;
  /** Further flags of `temporal server start-dev`. */
  flags?: readonly string[];
  /**
   * `listening` resolves some 100 ms earlier: the first calls of a client may fail.
   * @default 'serving', with the search attributes
   */
  until?: 'serving' | 'listening';
};

export type TemporalServer = {
  address: string;
  namespace: string;
  uiUrl: string | null;
  pid: number;
  /** Its newest lines on standard error, at most 20. */
  lastLines: readonly string[];
  /** Settles when the process has ended. */
  exited: Promise<void>;
  /** SIGTERM, then SIGKILL after ten seconds. */
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** From now on the server does not keep this process running. It ends with the process. */
  unref(): void;
};

const host = '127.0.0.1';
const attributeTypes = { KEYWORD: 'Keyword', KEYWORD_LIST: 'KeywordList', DATETIME: 'Datetime' } as const;

/**
 * Starts Temporal's dev server with Holdpoint's search attributes and waits until it serves. It ends with this process,
 * even after SIGKILL.
 * @throws Error with the server's last output when it does not serve within 30 seconds.
 */
export async function startTemporalServer(options: TemporalServerOptions): Promise<TemporalServer> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await startOnce(options);
    } catch (error) {
      // Another program can take a free port, also one of the server's inner ports, before the server binds it.
      const isRetried =
        error instanceof Error &&
        /address already in use|can't bind|can't set/i.test(error.message) &&
        (options.port === undefined || !error.message.includes("can't listen on"));
      if (tries === 3 || !isRetried) throw error;
    }
  }
}

async function startOnce({
  program,
  dbFilename,
  port,
  uiPort = null,
  namespace = 'default',
  log = () => {},
  flags = [],
  until = 'serving',
}: TemporalServerOptions): Promise<TemporalServer> {
  if (dbFilename !== undefined) keepDatabasePrivate(dbFilename);
  const grpcPort = port ?? (await freePort());
  const webPort = uiPort === 0 ? await freePort() : uiPort;
  const address = `${host}:${grpcPort}`;
  // Another Temporal server on this port would answer the health check below.
  if (port !== undefined) await refuseTaken(port);
  const child = spawnPrivately(
    program,
    [
      'server',
      'start-dev',
      '--ip',
      host,
      '--port',
      String(grpcPort),
      '--namespace',
      namespace,
      '--log-level',
      'warn',
      // The HTTP API has no authentication: any web page could start and signal Workflows. It can't be turned off, so it
      // gets a host name that no browser can send.
      '--dynamic-config-value',
      `frontend.httpAllowedHosts=["${randomBytes(16).toString('hex')}.invalid"]`,
      ...(webPort === null ? ['--headless'] : ['--ui-port', String(webPort)]),
      ...(dbFilename === undefined ? [] : ['--db-filename', dbFilename]),
      ...Object.entries(searchAttributes).flatMap(([name, type]) => [
        '--search-attribute',
        `${name}=${attributeTypes[type]}`,
      ]),
      ...flags,
    ],
    // Its own process group: Ctrl-C does not reach it, so that it ends after the processes that use it.
    { stdio: ['ignore', 'ignore', 'pipe'], detached: true },
  );
  const lastLines: string[] = [];
  createInterface({ input: child.stderr! }).on('line', (line) => {
    lastLines.push(line);
    if (lastLines.length > 20) lastLines.shift();
    log(line);
  });
  await once(child, 'spawn').catch((cause: unknown) => {
    throw new Error(`${program} can't be started: ${String(cause)}`, { cause });
  });
  const pid = child.pid as number;
  const guardian = guard(pid);
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve(guardian.dismiss())));
  const server = {
    address,
    namespace,
    uiUrl: webPort === null ? null : `http://${host}:${webPort}`,
    pid,
    lastLines,
    exited,
    stop: () => end(child, exited, 'SIGTERM'),
    kill: () => end(child, exited, 'SIGKILL'),
    unref() {
      child.unref();
      (child.stderr as Socket).unref();
    },
  };
  const isUp = () => (until === 'serving' ? serves(address, namespace) : listens(address));
  const healthy = await Promise.race([untilTrue(isUp), exited.then(() => false)]);
  if (healthy) return server;
  await server.kill();
  throw new Error(
    `Temporal's dev server did not start on ${address}.${lastLines.length > 0 ? ` Its last output:\n${lastLines.join('\n')}` : ''}`,
  );
}

function keepDatabasePrivate(file: string): void {
  makePrivateFolder(dirname(file));
  for (const suffix of ['', '-wal', '-shm', '-journal']) keepPrivate(`${file}${suffix}`);
}

// The server has no setting for the mode of its files.
function spawnPrivately(program: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  // A worker thread can't change the umask of the process.
  if (!isMainThread) return spawn(program, args, options);
  const before = process.umask(0o077);
  try {
    return spawn(program, args, options);
  } finally {
    process.umask(before);
  }
}

async function refuseTaken(port: number): Promise<void> {
  const probe = createServer().listen(port, host);
  await once(probe, 'listening').catch((cause: unknown) => {
    throw new Error(
      `Temporal's dev server can't listen on ${host}:${port}: ${cause instanceof Error ? cause.message : String(cause)}.`,
      { cause },
    );
  });
  await new Promise((resolve) => probe.close(resolve));
}

async function untilTrue(ask: () => Promise<boolean>): Promise<boolean> {
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline) {
    if (await ask()) return true;
    await sleep(50);
  }
  return false;
}

async function listens(address: string): Promise<boolean> {
  const { hostname, port } = new URL(`http://${address}`);
  const socket = connect(Number(port), hostname);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** Asks for the search attributes. Temporal's client is loaded here only: `holdpoint dev` starts without it. */
async function serves(address: string, namespace: string): Promise<boolean> {
  const { Connection } = await import('@temporalio/client');
  try {
    const connection = await Connection.connect({ address, connectTimeout: 1000 });
    try {
      const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
      return Object.keys(searchAttributes).every((name) => name in customAttributes);
    } finally {
      await connection.close();
    }
  } catch {
    return false;
  }
}

async function end(child: ChildProcess, exited: Promise<void>, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return await exited;
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await exited;
  clearTimeout(timer);
}

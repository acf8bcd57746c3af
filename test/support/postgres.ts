import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { freePort } from '../../src/embedded/free-port.ts';
import { sharedPart } from './shared-part.ts';

/** A PostgreSQL server of the test's own. */
export interface TestPostgres {
  /** Address of its first database. */
  url: string;
  /** Makes an empty database and returns its address. `owner`: a new role that owns it and is not a superuser. */
  createDatabase(options?: { owner?: string }): Promise<string>;
  /** Executes a statement as superuser. */
  execute(sql: string): Promise<void>;
  /** Ends the server without a shutdown, as a crash does. */
  crash(): Promise<void>;
  /** Starts it again at the same address after its end. Resolves when it has recovered. A live server stays. */
  restart(): Promise<void>;
  /** False once its process has ended. */
  isAlive(): boolean;
  /** Stops all of its processes with SIGSTOP. Their connections stay open and silent. */
  freeze(): void;
  /** Ends `freeze`. */
  wake(): void;
  stop(): Promise<void>;
}

/** True if `startPostgres` can start one here. For `describe.skipIf`. */
export const postgresIsInstalled = findPrograms() !== undefined;

/**
 * Starts a throw-away server on a free port; nothing where PostgreSQL is not installed. `waitsForDisk`: as in
 * production, commits do. `parent`: the folder that its data is written in. `endsWithProcess`: needs no `stop`, and never crashes.
 */
export async function startPostgres({ waitsForDisk = false, parent = tmpdir(), endsWithProcess = false } = {}): Promise<
  TestPostgres | undefined
> {
  const found = findPrograms();
  if (found === undefined) return undefined;
  const { folder, account } = found;
  const directory = mkdtempSync(join(parent, 'holdpoint-postgres-'));
  if (account !== undefined) chownSync(directory, account.uid, account.gid);
  const data = join(directory, 'data');
  await promisify(execFile)(
    join(folder, 'initdb'),
    ['-D', data, '-U', 'holdpoint', '-A', 'trust', '-E', 'UTF8', '--no-sync'],
    { ...account, cwd: directory },
  );
  const port = await freePort();
  const address = (database: string, role = 'holdpoint') => `postgres://${role}@127.0.0.1:${port}/${database}`;
  const start = async (): Promise<ChildProcess> => {
    const started = spawn(
      join(folder, 'postgres'),
      [
        '-D',
        data,
        '-p',
        String(port),
        '-h',
        '127.0.0.1',
        '-k',
        directory,
        ...(waitsForDisk ? [] : ['-F']),
        ...(endsWithProcess ? ['-c', 'full_page_writes=off'] : []),
        '-c',
        'max_connections=200',
      ],
      { ...account, cwd: directory, stdio: 'ignore' },
    );
    await untilReady(address('postgres'), started);
    return started;
  };
  let server = await start();
  if (endsWithProcess) {
    endWithProcess(server.pid as number, directory);
    server.unref();
  }
  const onExit = () => server.kill('SIGKILL');
  if (!endsWithProcess) process.once('exit', onExit);
  const execute = (sql: string) => query(address('postgres'), sql);
  // "Immediate shutdown": no checkpoint, so the next start recovers.
  const crash = async () => {
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGQUIT');
    await ended;
  };
  const hasEnded = () => server.exitCode !== null || server.signalCode !== null;
  const signalAll = (signal: NodeJS.Signals) => {
    const id = server.pid as number;
    for (const each of [id, ...childrenOf(id)]) process.kill(each, signal);
  };
  let databases = 0;
  return {
    url: address('postgres'),
    execute,
    async createDatabase({ owner } = {}) {
      const name = `test_${process.pid}_${(databases += 1)}`;
      if (owner !== undefined) await execute(`create role ${owner} login`);
      await execute(`create database ${name}${owner === undefined ? '' : ` owner ${owner}`}`);
      return address(name, owner);
    },
    crash,
    async restart() {
      if (hasEnded()) server = await start();
    },
    isAlive: () => !hasEnded(),
    freeze: () => signalAll('SIGSTOP'),
    wake: () => signalAll('SIGCONT'),
    async stop() {
      process.off('exit', onExit);
      if (!hasEnded()) await crash();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Databases on a server that others use too. */
export type SharedPostgres = Pick<TestPostgres, 'createDatabase' | 'execute'> & {
  /** Drops the caller's databases. */
  stop(): Promise<void>;
};

const sharedServer = sharedPart(
  () => startPostgres({ endsWithProcess: true }),
  (server) => server?.isAlive() ?? true,
);

/**
 * Databases on the one server that the test files of this process share; nothing where PostgreSQL is not installed. The
 * server ends with the process. Tests that stop it or change its settings start one with `startPostgres`.
 */
export async function sharedPostgres(): Promise<SharedPostgres | undefined> {
  const server = await sharedServer();
  if (server === undefined) return undefined;
  const urls: string[] = [];
  return {
    execute: (sql) => server.execute(sql),
    async createDatabase(options) {
      const url = await server.createDatabase(options);
      urls.push(url);
      return url;
    },
    async stop() {
      for (const url of urls.splice(0))
        await server.execute(`drop database if exists "${new URL(url).pathname.slice(1)}" with (force)`);
    },
  };
}

// `read` ends when the pipe closes, which happens however the parent ends.
const cleanUp =
  'read -r line; kill -QUIT "$1"; n=0; while kill -0 "$1" && [ $n -lt 50 ]; do sleep 0.1; n=$((n+1)); done; rm -rf "$2"';

/** Ends the server and removes its folder when this process is gone, even by a signal. */
function endWithProcess(pid: number, directory: string): void {
  const guardian = spawn('/bin/sh', ['-c', cleanUp, 'end-with-process', String(pid), directory], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  guardian.unref();
  (guardian.stdin as typeof guardian.stdin & { unref?: () => void }).unref?.();
}

function childrenOf(id: number): number[] {
  return readFileSync(`/proc/${id}/task/${id}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}

interface Programs {
  folder: string;
  /** PostgreSQL refuses to run as root, so root lends it the account that its package made. */
  account: { uid: number; gid: number } | undefined;
}

function findPrograms(): Programs | undefined {
  const packaged = existsSync('/usr/lib/postgresql')
    ? readdirSync('/usr/lib/postgresql')
        .sort()
        .toReversed()
        .map((version) => `/usr/lib/postgresql/${version}/bin`)
    : [];
  const folder = [...packaged, ...(process.env['PATH'] ?? '').split(delimiter)].find(
    (candidate) => existsSync(join(candidate, 'initdb')) && existsSync(join(candidate, 'postgres')),
  );
  if (folder === undefined) return undefined;
  if (process.getuid?.() !== 0) return { folder, account: undefined };
  try {
    const id = (flag: string) =>
      Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
    return { folder, account: { uid: id('-u'), gid: id('-g') } };
  } catch {
    return undefined;
  }
}

async function untilReady(url: string, server: ChildProcess): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    try {
      await query(url, 'select 1');
      return;
    } catch (error) {
      if (Date.now() > deadline || server.exitCode !== null)
        throw new Error('PostgreSQL did not start.', { cause: error });
      await pause(50);
    }
  }
}

async function query(url: string, text: string): Promise<void> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(text);
  } finally {
    await client.end().catch(() => undefined);
  }
}

import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import getPort from 'get-port';
import { Client } from 'pg';

export type TestPostgres = {
  /** Of the database `postgres`. */
  url: string;
  /** Makes an empty database and answers with its URL. */
  createDatabase(): Promise<string>;
  stop(): Promise<void>;
};

/** Starts a PostgreSQL server of its own in a temporary folder; `undefined` where PostgreSQL is not installed. */
export async function startPostgres(): Promise<TestPostgres | undefined> {
  const binaries = await findBinaries();
  const user = serverUser();
  if (!binaries || !user) return undefined;

  const folder = await mkdtemp(join(tmpdir(), 'holdpoint-postgres-'));
  if ('uid' in user) await chown(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  const options = { ...user, cwd: folder, env: { PATH: process.env['PATH'], LC_ALL: 'C' } };
  await promisify(execFile)(join(binaries, 'initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'], options);

  const port = await getPort({ host: '127.0.0.1' });
  // The server's crash is not what these tests are about, so it need not wait for the disk.
  const settings = ['listen_addresses=127.0.0.1', `unix_socket_directories=${folder}`, 'fsync=off', 'max_connections=200'];
  const server = spawn(join(binaries, 'postgres'), ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])], { ...options, stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  server.stderr.on('data', (chunk: Buffer) => (log = (log + chunk.toString()).slice(-10_000)));
  const kill = () => server.kill('SIGQUIT');
  process.once('exit', kill);

  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  await untilReady(url, () => server.exitCode !== null, () => log);
  let databases = 0;
  return {
    url,
    async createDatabase() {
      const name = `test_${++databases}`;
      await query(url, `create database ${name}`);
      return url.replace(/postgres$/, name);
    },
    async stop() {
      process.off('exit', kill);
      if (server.exitCode === null && server.signalCode === null) {
        const ended = once(server, 'exit');
        server.kill('SIGINT');
        await ended;
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The folder of the newest installed version's programs. */
async function findBinaries(): Promise<string | undefined> {
  const root = '/usr/lib/postgresql';
  const versions = await readdir(root).catch(() => []);
  const newest = versions.map(Number).filter((version) => version > 0).sort((a, b) => b - a)[0];
  return newest === undefined ? undefined : join(root, String(newest), 'bin');
}

/** PostgreSQL refuses to run as root, so root lends the server the user `postgres`. */
function serverUser(): { uid: number; gid: number } | object | undefined {
  if (process.getuid?.() !== 0) return {};
  try {
    const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8', stdio: 'pipe' }));
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return undefined;
  }
}

async function untilReady(url: string, ended: () => boolean, log: () => string): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    try {
      return await query(url, 'select 1');
    } catch (cause) {
      if (ended() || Date.now() > deadline) throw new Error(`PostgreSQL did not start:\n${log()}`, { cause });
      await delay(50);
    }
  }
}

async function query(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url });
  try {
    await client.connect();
    await client.query(sql);
  } finally {
    await client.end().catch(() => undefined);
  }
}

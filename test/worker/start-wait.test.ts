import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../src/embedded/free-port.ts';
import { sqliteUrl } from '@holdpoint/database/url';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { startHoldpoint, type Command } from '../support/holdpoint-command.ts';
import { postgresIsInstalled, startPostgres } from '../support/postgres.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { startTestTemporal } from '../support/temporal.ts';
import { until } from '../support/until.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdpoint-start-wait-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const config = fileURLToPath(new URL('../../examples/email-blast/holdpoint.config.ts', import.meta.url));
const long = 'a secret of the tests with more than 32 characters';

const worker = (temporalPort: number, databaseUrl = sqliteUrl(join(folder, `${temporalPort}.db`))) => ({
  TEMPORAL_ADDRESS: `127.0.0.1:${temporalPort}`,
  TEMPORAL_CONFIG_FILE: join(folder, 'none.toml'),
  HOLDPOINT_DATABASE_URL: databaseUrl,
  HOLDPOINT_SECRET: long,
  HOLDPOINT_CONFIG: config,
  HOLDPOINT_TASK_QUEUE: `start-wait-${temporalPort}`,
  OPENAI_API_KEY: 'sk-none',
  CHEQPOINT_CONNECTION_KEY: 'cq_none',
  CHEQPOINT_BASE_URL: 'http://127.0.0.1:9',
});
const gateway = (databaseUrl: string) => ({
  TEMPORAL_ADDRESS: '127.0.0.1:9',
  TEMPORAL_CONFIG_FILE: join(folder, 'none.toml'),
  HOLDPOINT_DATABASE_URL: databaseUrl,
  HOLDPOINT_SECRET: long,
  HOLDPOINT_API_KEY: long,
  HOLDPOINT_GATEWAY_LISTEN: '127.0.0.1:0',
});
const reviewServer = (databaseUrl: string) => ({
  HOLDPOINT_REVIEW_DATABASE_URL: databaseUrl,
  HOLDPOINT_REVIEW_LISTEN: '127.0.0.1:0',
  HOLDPOINT_REVIEW_SESSION_SECRET: long,
  HOLDPOINT_REVIEWER_NAME: 'ana',
  HOLDPOINT_REVIEWER_PASSWORD: 'a good password of ana',
});

function start(name: string, environment: Record<string, string>): Command {
  const command = startHoldpoint([name], { environment });
  onTestFinished(async () => {
    command.process.kill('SIGKILL');
    await command.ended;
  });
  return command;
}
const says = (command: Command, text: string) =>
  until(
    `"${text}"`,
    () => {
      if (command.process.exitCode !== null) throw new Error(`It ended: ${command.stderr()}`);
      return command.stderr().includes(text);
    },
    60_000,
  );
const isReady = (command: Command) => until('it is ready', () => command.stdout().includes('"ready":true'), 60_000);

describe('a process at its start', { timeout: 180_000 }, () => {
  it('worker, Temporal away → says what it waits for, and is ready when Temporal is up', async () => {
    const { address } = await startTestTemporal();
    const port = await freePort();
    const command = start('worker', worker(port));
    await says(
      command,
      `Waiting for Temporal at 127.0.0.1:${port} (TEMPORAL_ADDRESS), 60 s at most: Connection refused.`,
    );
    const proxy = await startTcpProxy(`http://${address}`, port);
    onTestFinished(() => proxy.close());
    expect(await isReady(command)).toBe(true);
  });

  it('worker, Temporal stays away → ends with exit code 1 and the words', async () => {
    const port = await freePort();
    const command = start('worker', { ...worker(port), HOLDPOINT_START_WAIT_SECONDS: '1' });
    expect(await command.ended).toBe(1);
    expect(command.stderr()).toContain(`Temporal at 127.0.0.1:${port} (TEMPORAL_ADDRESS) can't be reached`);
    expect(command.stderr()).toContain('It did not answer for 1 s (HOLDPOINT_START_WAIT_SECONDS).');
  });

  it('worker, TLS where Temporal has none → ends at once, with its cause', async () => {
    const { address } = await startTestTemporal();
    const command = start('worker', { ...worker(Number(address.split(':')[1])), TEMPORAL_TLS: 'true' });
    expect(await command.ended).toBe(1);
    expect(command.stderr()).toContain(`Temporal at ${address} (TEMPORAL_ADDRESS) can't be reached`);
    expect(command.stderr()).not.toContain('Waiting for');
  });

  it('SIGTERM during the wait → ends at once', async () => {
    const command = start('worker', worker(await freePort()));
    await says(command, 'Waiting for Temporal');
    const began = performance.now();
    command.process.kill('SIGTERM');
    await command.ended;
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});

describe.skipIf(!postgresIsInstalled)('a process at its start, PostgreSQL', { timeout: 180_000 }, () => {
  it('gateway and review server, database away → say so, and are ready when it is up', async () => {
    const postgres = (await startPostgres())!;
    onTestFinished(() => postgres.stop());
    const [one, other] = [new URL(await postgres.createDatabase()), new URL(await postgres.createDatabase())];
    const target = one.href;
    const port = await freePort();
    for (const url of [one, other]) url.port = String(port);
    const commands = [start('gateway', gateway(one.href)), start('review-server', reviewServer(other.href))];
    const place = `PostgreSQL at ${one.hostname}:${port}`;
    await says(commands[0]!, `Waiting for ${place} (HOLDPOINT_DATABASE_URL), 60 s at most: `);
    await says(commands[1]!, `Waiting for ${place} (HOLDPOINT_REVIEW_DATABASE_URL), 60 s at most: `);
    const proxy = await startTcpProxy(target, port);
    onTestFinished(() => proxy.close());
    expect(await Promise.all(commands.map(isReady))).toEqual([true, true]);
  });

  it('database that does not exist, or a wrong password → ends at once, with its cause', async () => {
    const postgres = (await startPostgres())!;
    onTestFinished(() => postgres.stop());
    const url = new URL(await postgres.createDatabase());
    const endsWith = async (command: Command, cause: string) => {
      expect(await command.ended).toBe(1);
      expect(command.stderr()).toContain(cause);
      expect(command.stderr()).not.toContain('Waiting for');
      expect(command.stderr()).not.toContain('canary-password');
    };
    const elsewhere = Object.assign(new URL(url), { pathname: '/no_such_database' });
    await endsWith(start('review-server', reviewServer(elsewhere.href)), 'database "no_such_database" does not exist');
    await postgres.execute(`alter role holdpoint password 'the right one'`);
    await postgres.execute(
      `do $$ begin execute format('copy (select %L) to %L', 'host all all all scram-sha-256', current_setting('hba_file')); end $$`,
    );
    await postgres.execute('select pg_reload_conf()');
    url.password = 'canary-password';
    const cause = 'password authentication failed for user "holdpoint"';
    await Promise.all([
      endsWith(start('review-server', reviewServer(url.href)), cause),
      endsWith(start('gateway', gateway(url.href)), cause),
    ]);
  });
});

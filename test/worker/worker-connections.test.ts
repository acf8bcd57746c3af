import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sqliteUrl } from '@holdpoint/database/url';
import { afterAll, expect, it } from 'vitest';
import { openDatabase } from '../../src/adapters/database/open-database.ts';
import { createTemporalRuns } from '../../src/adapters/temporal/temporal-runs.ts';
import { defineAssistant, defineConfig } from '../../src/index.ts';
import { createWorker, type WorkerOptions } from '../../src/worker/create-worker.ts';
import { testGateway } from '../gateway/test-gateway.ts';
import { secret } from '../support/keys.ts';
import { startTestTemporal } from '../support/temporal.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdpoint-worker-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const options = (address: string, file: string): WorkerOptions => ({
  connection: { address },
  config: defineConfig({
    taskQueue: `worker-${file}`,
    assistants: [defineAssistant({ name: 'comms', model: 'none', tools: [] })],
  }),
  databaseUrl: sqliteUrl(join(folder, file)),
  secrets: [secret],
  openai: { apiKey: 'sk-none' },
  cheqpoint: { connectionKey: 'cq_none', baseUrl: 'http://127.0.0.1:9' },
});

/** Open files of this process in the test's folder. */
const openFiles = () =>
  readdirSync('/proc/self/fd').flatMap((descriptor) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${descriptor}`);
      return target.startsWith(folder) ? [target] : [];
    } catch {
      return [];
    }
  });

it('Temporal not reachable → rejects, and the database is closed', async () => {
  const closed = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => closed.once('listening', resolve));
  const { port } = closed.address() as { port: number };
  await new Promise((resolve) => closed.close(resolve));
  await expect(createWorker(options(`127.0.0.1:${port}`, 'unreachable.db'))).rejects.toThrow('TEMPORAL_ADDRESS');
  expect(openFiles()).toEqual([]);
});

it('second connection to Temporal refused → rejects, and the first connection and the database are closed', async () => {
  const { address } = await startTestTemporal();
  const [host, port] = address.split(':');
  const through = new Set<Socket>();
  let connections = 0;
  const proxy = createServer((socket) => {
    connections += 1;
    if (connections > 1) return void socket.destroy();
    const server = connect(Number(port), host);
    through.add(socket);
    socket.on('close', () => through.delete(socket)).on('error', () => undefined);
    server.on('error', () => undefined);
    socket.pipe(server).pipe(socket);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => proxy.once('listening', resolve));
  const proxied = `127.0.0.1:${(proxy.address() as { port: number }).port}`;
  await expect(createWorker(options(proxied, 'half.db'))).rejects.toThrow('TEMPORAL_ADDRESS');
  expect(connections).toBeGreaterThan(1);
  expect(openFiles()).toEqual([]);
  await expect.poll(() => through.size).toBe(0);
  proxy.close();
});

it('running worker → the gateway refuses an unknown assistant and suggests one; after its stop it accepts', async () => {
  const { address, client } = await startTestTemporal();
  const given = options(address, 'published.db');
  const { taskQueue } = given.config;
  const database = await openDatabase(given.databaseUrl);
  const { call } = testGateway({
    runs: createTemporalRuns({ client, taskQueue }),
    assistants: () => database.assistantRegistry.known({ namespace: 'default', taskQueue }, Date.now()),
  });
  const start = async () => await call('POST', '/v1/runs', { assistant: 'coms', input: 'Hello.' });

  const worker = await createWorker(given);
  const running = worker.run();
  const refused = await start();
  expect({ status: refused.status, ...refused.json().error }).toMatchObject({
    status: 400,
    code: 'unknown-assistant',
    path: 'body.assistant',
    message: expect.stringContaining('Did you mean "comms"?'),
  });
  const queue = { namespace: 'default', taskQueue };
  expect(await database.assistantRegistry.requestsLocally(queue, Date.now())).toBe(true);
  worker.shutdown();
  await running;
  expect(await database.assistantRegistry.requestsLocally(queue, Date.now())).toBe(false);
  const accepted = await start();
  expect(accepted.status).toBe(201);
  await client.workflow.getHandle(accepted.json().id).terminate();
  await database.close();
});

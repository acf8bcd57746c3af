import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Readiness } from '@holdpoint/process';
import { createReviewServer, type ReviewServer } from '@holdpoint/review-server';
import { freePort } from '../../src/embedded/free-port.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runWorkflowType } from '../../src/domain/wire-names.ts';
import { startHoldpoint, type Command } from '../support/holdpoint-command.ts';
import { connectionKey, secret } from '../support/keys.ts';
import { postgresIsInstalled, startPostgres, type TestPostgres } from '../support/postgres.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { startTestTemporal, type TestTemporal } from '../support/temporal.ts';
import { until } from '../support/until.ts';

const config = fileURLToPath(new URL('../../examples/email-blast/holdpoint.config.ts', import.meta.url));
const clockWarning =
  'The clock of the review service is 60 min ahead of the clock of this machine. Set both by a time server (NTP).';

/** A worker as a process, with each of its servers behind a proxy. The clock of the review server is an hour ahead. */
describe.skipIf(!postgresIsInstalled)('worker, /readyz over HTTP', { timeout: 240_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-worker-readiness-'));
  let temporal: TestTemporal;
  let postgres: TestPostgres;
  let review: ReviewServer;
  let worker: Command;
  let url: string;
  let taskQueue: string;
  const proxies: { [setting: string]: TcpProxy } = {};

  beforeAll(async () => {
    temporal = await startTestTemporal();
    postgres = (await startPostgres())!;
    review = await createReviewServer({
      databaseUrl: 'sqlite::memory:',
      connectionKeys: [{ assistant: 'tester', key: connectionKey }],
      reviewers: [{ name: 'rita', password: 'a good password' }],
      sessionSecret: secret,
      passwordCost: { ln: 8, r: 8, p: 1 },
      port: 0,
      callbackHosts: 'any',
      clock: () => new Date(Date.now() + 3_600_000),
    });
    proxies['TEMPORAL_ADDRESS'] = await startTcpProxy(`http://${temporal.address}`);
    proxies['HOLDPOINT_DATABASE_URL'] = await startTcpProxy(await postgres.createDatabase());
    proxies['CHEQPOINT_BASE_URL'] = await startTcpProxy(review.url);
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    taskQueue = `readiness-${port}`;
    worker = startHoldpoint(['worker'], {
      environment: {
        TEMPORAL_ADDRESS: new URL(proxies['TEMPORAL_ADDRESS'].url).host,
        TEMPORAL_CONFIG_FILE: join(folder, 'none.toml'),
        HOLDPOINT_DATABASE_URL: `${proxies['HOLDPOINT_DATABASE_URL'].url}?query_timeout=1000`,
        // Without a comma, which separates two secrets.
        HOLDPOINT_SECRET: 'a secret of the tests with more than 32 characters',
        HOLDPOINT_CONFIG: config,
        HOLDPOINT_TASK_QUEUE: taskQueue,
        HOLDPOINT_WORKER_LISTEN: `127.0.0.1:${port}`,
        OPENAI_API_KEY: 'sk-none',
        CHEQPOINT_CONNECTION_KEY: connectionKey,
        CHEQPOINT_BASE_URL: proxies['CHEQPOINT_BASE_URL'].url,
      },
    });
    const isReady = () => {
      if (worker.process.exitCode !== null) throw new Error(`It ended: ${worker.stderr()}`);
      return worker.stdout().includes('"ready":true');
    };
    await until('it is ready', isReady, 90_000);
  }, 120_000);
  afterAll(async () => {
    worker.process.kill('SIGKILL');
    await worker.ended;
    await Promise.all(Object.values(proxies).map((proxy) => proxy.close()));
    await review.close();
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const readyz = async () => {
    const answer = await fetch(`${url}/readyz`);
    return { status: answer.status, body: (await answer.json()) as Readiness };
  };
  const answersReady = () => until('it answers 200', async () => (await readyz()).status === 200, 90_000);

  it.each<[string, string, string, (proxy: TcpProxy) => unknown]>([
    ['Temporal', 'refuses', 'TEMPORAL_ADDRESS', (proxy) => proxy.refuse()],
    ['The database', 'refuses', 'HOLDPOINT_DATABASE_URL', (proxy) => proxy.refuse()],
    ['The review service', 'refuses', 'CHEQPOINT_BASE_URL', (proxy) => proxy.refuse()],
    ['Temporal', 'is silent', 'TEMPORAL_ADDRESS', (proxy) => proxy.blackHole()],
    ['The database', 'is silent', 'HOLDPOINT_DATABASE_URL', (proxy) => proxy.blackHole()],
    ['The review service', 'is silent', 'CHEQPOINT_BASE_URL', (proxy) => proxy.blackHole()],
  ])('%s %s → 503 which names it alone, healthz 200; back → 200', async (name, _how, setting, breakIt) => {
    await answersReady();
    await breakIt(proxies[setting]!);
    const began = performance.now();
    const { status, body } = await readyz();
    expect(performance.now() - began).toBeLessThan(10_000);
    expect([status, body.status]).toEqual([503, 'not-ready']);
    expect(body.dependencies.filter(({ ok }) => !ok)).toEqual([
      {
        name,
        setting,
        ok: false,
        problem: `${name} does not answer. Check it, and ${setting}. The log has the cause.`,
      },
    ]);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    await proxies[setting]!.heal();
    await answersReady();
  });

  it('review service with another clock → ready, with a warning; its first call → the warning in the log, once', async () => {
    await answersReady();
    expect((await readyz()).body.dependencies).toEqual([
      { name: 'Temporal', setting: 'TEMPORAL_ADDRESS', ok: true },
      { name: 'The database', setting: 'HOLDPOINT_DATABASE_URL', ok: true },
      { name: 'The review service', setting: 'CHEQPOINT_BASE_URL', ok: true, warning: clockWarning },
      { name: 'Payload keys', setting: 'HOLDPOINT_PAYLOAD_KEYS', ok: true },
    ]);
    const ids = ['first', 'second'].map((name) => `${taskQueue}-${name}`);
    for (const workflowId of ids)
      await temporal.client.workflow.start(runWorkflowType, {
        taskQueue,
        workflowId,
        args: [
          {
            assistant: '(none)',
            input: { type: 'inline', value: { to: 'all' } },
            approval: { action: 'send_mail', summary: 'Mail everybody', riskLevel: 'high' },
          },
        ],
      });
    const warnings = () => worker.stderr().split(clockWarning).length - 1;
    await until('the warning', () => warnings() > 0, 60_000);
    await Promise.all(ids.map((id) => temporal.client.workflow.getHandle(id).cancel()));
    await Promise.allSettled(ids.map((id) => temporal.client.workflow.getHandle(id).result()));
    expect(warnings()).toBe(1);
  });
});

import { randomBytes, randomUUID } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sqliteUrl } from '@holdpoint/database/url';
import { startOpenAIStandIn, type OpenAIStandIn } from '@holdpoint/openai-stand-in';
import { createReviewServer, type ReviewServer } from '@holdpoint/review-server';
import { signInReviewer } from '@holdpoint/review-server/contract';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { promoteBuild } from '../../src/adapters/temporal/deployments.ts';
import { createClient, type Client } from '../../src/client.ts';
import { environmentWithoutOurs, processEnvironment } from '../../src/config/environment.ts';
import type { Versioning } from '../../src/domain/deployment.ts';
import { processFile, startNodeProcess } from '../../src/embedded/node-process.ts';
import type { StartedProcess } from '../../src/embedded/started-process.ts';
import { connectionKey } from '../support/keys.ts';
import { checkOutPreviousCommit } from '../support/previous-commit.ts';
import { startTestTemporal, type TestTemporal } from '../support/temporal.ts';
import { until } from '../support/until.ts';

const runCount = 100;
const config = fileURLToPath(new URL('acting.config.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'holdpoint-builds-'));
const secret = randomBytes(24).toString('hex');
const taskQueue = `builds-${randomUUID()}`;
/** In a copy without a history the build of this commit stands for the one before. */
const previous = checkOutPreviousCommit();
const started: StartedProcess[] = [];
let temporal: TestTemporal;
let reviewServer: ReviewServer;
let model: OpenAIStandIn;
let shared: Record<string, string>;
let gateway: Client;
let decide: (id: string) => Promise<unknown>;

beforeAll(async () => {
  temporal = await startTestTemporal();
  model = await startOpenAIStandIn();
  model.control.script({
    when: 'Mail',
    steps: [{ calls: [{ name: 'send_mail', arguments: { to: 'all' } }] }, { text: 'Sent.' }],
  });
  reviewServer = await createReviewServer({
    databaseUrl: 'sqlite::memory:',
    connectionKeys: [{ assistant: 'mailer', key: connectionKey }],
    reviewers: [{ name: 'rita', password: 'a good password' }],
    sessionSecret: secret,
    port: 0,
    callbackHosts: 'any',
  });
  const { client } = await signInReviewer(reviewServer.url, 'rita', 'a good password');
  decide = (id) => client.call('POST /approvals/{id}/decide', { path: { id }, body: { decision: 'approve' } });
  shared = {
    ...environmentWithoutOurs(processEnvironment()),
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_CONFIG_FILE: join(folder, 'none.toml'),
    HOLDPOINT_DATABASE_URL: sqliteUrl(join(folder, 'holdpoint.db')),
    HOLDPOINT_SECRET: secret,
    HOLDPOINT_TASK_QUEUE: taskQueue,
  };
  const { ready } = await start(processFile('gateway'), {
    HOLDPOINT_API_KEY: secret,
    HOLDPOINT_GATEWAY_LISTEN: '127.0.0.1:0',
  });
  shared = {
    ...shared,
    HOLDPOINT_PUBLIC_URL: ready['url'] as string,
    HOLDPOINT_DEPLOYMENT: taskQueue,
    OPENAI_API_KEY: 'sk-test',
    OPENAI_BASE_URL: model.url,
    CHEQPOINT_BASE_URL: reviewServer.url,
    CHEQPOINT_CONNECTION_KEY: connectionKey,
    ACTS_FILE: join(folder, 'acts'),
  };
  gateway = createClient({ url: ready['url'] as string, apiKey: secret });
}, 120_000);
afterAll(async () => {
  for (const process of started.toReversed()) await process.stop();
  await reviewServer?.close();
  await model?.close();
  previous?.remove();
  rmSync(folder, { recursive: true, force: true });
});

async function start(file: string, environment: Record<string, string>): Promise<StartedProcess> {
  const process = await startNodeProcess({
    file,
    environment: { ...shared, ...environment },
    onLine: () => {},
    stopWithinMs: 30_000,
  });
  started.push(process);
  return process;
}

/** Starts a worker process and makes its build the current one. */
async function deploy(buildId: string, versioning: Versioning, commit: 'previous' | 'present') {
  let [file, configFile] = [processFile('worker'), config];
  if (commit === 'previous' && previous !== undefined) {
    [file, configFile] = [join(previous.folder, 'src/worker.ts'), join(previous.folder, 'acting.config.ts')];
    // Its own `holdpoint` is imported from there.
    cpSync(config, configFile);
  }
  const worker = await start(file, {
    HOLDPOINT_BUILD_ID: buildId,
    HOLDPOINT_VERSIONING: versioning,
    HOLDPOINT_CONFIG: configFile,
  });
  await promoteBuild(temporal.client, { name: taskQueue, buildId, patienceMs: 30_000 });
  return worker;
}

type Act = { to: string; key: string; build: string };
/** The acts of workers of these builds. */
function actsOf(builds: string): Act[] {
  const file = shared['ACTS_FILE']!;
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  return lines.map((line) => JSON.parse(line) as Act).filter(({ build }) => build.startsWith(builds));
}

/** Runs that wait for a decision, with the ids of their requests. */
async function pauseRuns(prefix: string) {
  const runs = [];
  for (let number = 0; number < runCount; number += 1)
    runs.push(await gateway.runs.create({ assistant: 'mailer', input: 'Mail everybody.', id: `${prefix}-${number}` }));
  const approvals: string[] = [];
  for (const run of runs)
    approvals.push(
      await until(
        `${run.id} waits`,
        async () => (await run.get()).detail?.calls.find(({ state }) => state === 'waiting')?.approval?.id ?? undefined,
      ),
    );
  return { runs, approvals };
}

it('100 runs wait, this build replaces the one of the commit before → each goes on with it at its decision', async () => {
  const before = await deploy('upgraded-a', 'auto-upgrade', 'previous');
  const { runs, approvals } = await pauseRuns('upgraded');
  await before.stop();
  const after = await deploy('upgraded-b', 'auto-upgrade', 'present');
  for (const id of approvals) await decide(id);
  for (const run of runs) expect(await run.result()).toBe('Sent.');
  const acts = actsOf('upgraded');
  expect(acts.map(({ build }) => build)).toEqual(Array.from({ length: runCount }, () => 'upgraded-b'));
  expect(new Set(acts.map(({ key }) => key)).size).toBe(runCount);
  await after.stop();
}, 400_000);

it('100 pinned runs wait, this build takes the new runs → each ends with the build of the commit before', async () => {
  const before = await deploy('pinned-a', 'pinned', 'previous');
  const { runs, approvals } = await pauseRuns('pinned');
  const after = await deploy('pinned-b', 'pinned', 'present');
  for (const id of approvals) await decide(id);
  for (const run of runs) expect(await run.result()).toBe('Sent.');
  const acts = actsOf('pinned');
  expect(acts.map(({ build }) => build)).toEqual(Array.from({ length: runCount }, () => 'pinned-a'));
  expect(new Set(acts.map(({ key }) => key)).size).toBe(runCount);
  await Promise.all([before.stop(), after.stop()]);
}, 400_000);

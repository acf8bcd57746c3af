import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, type WorkflowFailedError } from '@temporalio/client';
import { sqliteUrl } from '@holdpoint/database/url';
import { startOpenAIStandIn, type OpenAIStandIn } from '@holdpoint/openai-stand-in';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runQuery, runWorkflowType } from '../../src/domain/wire-names.ts';
import type { RunView } from '../../src/domain/run.ts';
import { defineAssistant, defineConfig } from '../../src/index.ts';
import { HoldpointPlugin, type HoldpointOptions } from '../../src/temporal.ts';
import { connectionKey, secret } from '../support/keys.ts';
import { reversingCodec } from '../support/reversing-codec.ts';
import { startRunStack, type RunStack } from '../support/run-stack.ts';
import { startTestTemporal, type TestTemporal } from '../support/temporal.ts';
import { mailTool } from '../support/tools.ts';
import { until } from '../support/until.ts';

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const workflowsPath = file('../support/plugin-workflows.ts');
const logger = new DefaultLogger('ERROR');

describe('HoldpointPlugin in a Worker of the user', { timeout: 120_000 }, () => {
  const { tool, ran } = mailTool();
  // Inside of the repository, so that Temporal's packages are found.
  mkdirSync(file('../../node_modules/.cache'), { recursive: true });
  const folder = mkdtempSync(file('../../node_modules/.cache/holdpoint-plugin-'));
  const databaseUrl = sqliteUrl(join(folder, 'holdpoint.db'));
  let temporal: TestTemporal;
  let connection: NativeConnection;
  let stack: RunStack;
  let standIn: OpenAIStandIn;
  let options: HoldpointOptions;
  beforeAll(async () => {
    temporal = await startTestTemporal();
    connection = await NativeConnection.connect({ address: temporal.address });
    stack = await startRunStack([tool], { worker: false, databaseUrl });
    standIn = await startOpenAIStandIn();
    options = {
      config: defineConfig({ assistants: [defineAssistant({ name: 'tester', model: 'gpt-5', tools: [tool] })] }),
      databaseUrl,
      secrets: [secret],
      openai: { apiKey: 'sk-none', baseURL: standIn.url },
      cheqpoint: { connectionKey, baseUrl: stack.reviewServer.url },
      // The stack's gateway takes the callbacks.
      publicUrl: new URL(stack.dependencies.callbackUrl({ workflowId: 'w', callKey: 'c', request: 1 }) as string)
        .origin,
      log: { info: () => undefined, warn: () => undefined },
    };
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
    await standIn.close();
    await connection.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const workerOptions = (more: Partial<WorkerOptions> = {}): WorkerOptions => ({
    connection,
    taskQueue: `plugin-${randomUUID()}`,
    plugins: [new HoldpointPlugin(options)],
    ...more,
  });
  const creating = (more: Partial<WorkerOptions>) => Worker.create(workerOptions(more));

  it('own Workflow, Activity, interceptor, codec and webpack hook → all work, around a run that a person decides', async () => {
    const dataConverter = { payloadCodecs: [reversingCodec] };
    const client = new Client({ connection: temporal.connection, dataConverter });
    const [intercepted, hooked] = [new Set<string>(), { count: 0 }];
    const worker = await creating({
      workflowsPath,
      dataConverter,
      activities: { shout: async (text: string) => text.toUpperCase() },
      interceptors: {
        activity: [
          ({ info }) => ({
            inbound: { execute: (input, next) => (intercepted.add(info.activityType), next(input)) },
          }),
        ],
      },
      bundlerOptions: { webpackConfigHook: (config) => ((hooked.count += 1), config) },
    });
    const { taskQueue } = worker.options;
    const id = `plugin-${randomUUID()}`;
    const histories = await worker.runUntil(async () => {
      const parent = await client.workflow.start('refundAndShout', {
        args: [{ assistant: 'tester', input: 'call send_mail {"to": "all", "count": 500}', id }],
        taskQueue,
        workflowId: `parent-${id}`,
      });
      const run = client.workflow.getHandle(id);
      const approval = await until(
        'the run waits',
        async () =>
          (await run.query<RunView>(runQuery).catch(() => undefined))?.calls.find(({ state }) => state === 'waiting')
            ?.approval?.id,
      );
      await stack.attach(id).decide(approval, { decision: 'approve' });
      expect(await parent.result()).toContain('"SENT":500');
      return await Promise.all([run, parent].map((each) => each.fetchHistory()));
    });
    expect(ran).toHaveLength(1);
    expect([...intercepted].toSorted()).toEqual(
      expect.arrayContaining(['settleToolCall', 'shout', 'takeTurn']) as string[],
    );
    expect(hooked.count).toBe(1);
    expect(JSON.stringify(histories)).not.toContain('send_mail {');
    const replayed = { workflowsPath, dataConverter, plugins: [new HoldpointPlugin(options)] };
    for (const history of histories) await Worker.runReplayHistory(replayed, history);
  });

  it('plugin of the connection, no Workflow of the user → a run is answered; a second run of it too', async () => {
    const plugged = await NativeConnection.connect({
      address: temporal.address,
      plugins: [new HoldpointPlugin(options)],
    });
    for (const text of ['Hello.', 'Hello again.']) {
      const taskQueue = `plugin-${randomUUID()}`;
      const worker = await Worker.create({ connection: plugged, taskQueue });
      const result = await worker.runUntil(
        temporal.client.workflow.execute(runWorkflowType, {
          args: [{ assistant: 'tester', input: { type: 'inline', value: text } }],
          taskQueue,
          workflowId: `run-${randomUUID()}`,
        }),
      );
      expect(result).toMatchObject({ turns: 1, output: { type: 'inline' } });
    }
    await plugged.close();
  });

  it.each([
    ['an ES module', 'workflows.mjs', 'export async function mine() { return 1; }'],
    ['CommonJS, as tsc writes it', 'workflows.js', 'exports.mine = mine;\nasync function mine() { return 1; }'],
    ['a folder with an index', 'all/index.js', 'module.exports = { mine: async () => 1 };'],
    [
      'ours exported by the user',
      'own.mjs',
      `export * from ${JSON.stringify(file('../../src/workflows/index.ts'))};\nexport async function mine() { return 1; }`,
    ],
  ])('Workflow file: %s → the bundle has its Workflows and ours', async (_what, name, text) => {
    const path = join(folder, name);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{"type":"commonjs"}');
    writeFileSync(path, text);
    const given = name.startsWith('all/') ? join(path, '..') : path;
    const workflowBundle = await bundleWorkflowCode({
      workflowsPath: given,
      logger,
      plugins: name === 'own.mjs' ? [] : [new HoldpointPlugin(options)],
    });
    const { taskQueue } = workerOptions();
    const prebuilt = await creating({ workflowBundle, taskQueue });
    await prebuilt.runUntil(async () => {
      const execute = (type: string) =>
        temporal.client.workflow.execute(type, { args: [{}], taskQueue, workflowId: `${type}-${randomUUID()}` });
      expect(await execute('mine')).toBe(1);
      const failed = await execute(runWorkflowType).then(undefined, (error: unknown) => error);
      expect((failed as WorkflowFailedError).cause).toMatchObject({ type: 'InvalidRunInput' });
    });
  });

  it.each<[string, () => Promise<Partial<WorkerOptions>> | Partial<WorkerOptions>, RegExp]>([
    [
      'bundle without our Workflows',
      async () => ({ workflowBundle: await bundleWorkflowCode({ workflowsPath, logger }) }),
      /the workflowBundle has no Workflows of Holdpoint.*bundleWorkflowCode\(\{ plugins \}\)/,
    ],
    [
      'Activity of the same name',
      () => ({ activities: { takeTurn: async () => 1, shout: async () => 1 } }),
      /Activities of its own with names of Holdpoint's: takeTurn\. Rename yours/,
    ],
    [
      'sink of the same name',
      () => ({ sinks: { holdpoint: {} } }),
      /the Worker has a sink named "holdpoint" already\. Rename yours/,
    ],
    [
      'plugin given twice',
      () => ({ plugins: [new HoldpointPlugin(options), new HoldpointPlugin(options)] }),
      /HoldpointPlugin is given twice\. Give it to the connection or to the Worker/,
    ],
    ['no such Workflow file', () => ({ workflowsPath: join(folder, 'none') }), /there is no file .*none/],
    ['folder without an index', () => ({ workflowsPath: file('..') }), /has no index file/],
  ])('%s → Worker.create refuses', async (_what, more, says) => {
    await expect(creating(await more())).rejects.toThrow(says);
  });

  it('plugin on the connection and on the Worker → Worker.create refuses', async () => {
    const plugin = new HoldpointPlugin(options);
    const plugged = await NativeConnection.connect({ address: temporal.address, plugins: [plugin] });
    await expect(creating({ connection: plugged, plugins: [plugin] })).rejects.toThrow(/is given twice/);
    await plugged.close();
  });

  it.each<[Partial<HoldpointOptions>, RegExp]>([
    [{ secrets: ['short'] }, /HoldpointPlugin needs `secrets`/],
    [{ taskQueue: 'x' } as Partial<HoldpointOptions>, /HoldpointPlugin: the options has no option "taskQueue"/],
    [{ cheqpoint: {} }, /The assistant "tester" has no Cheqpoint Connection Key/],
  ])('malformed options %# → the constructor refuses', (more, says) => {
    expect(() => new HoldpointPlugin({ ...options, ...more })).toThrow(says);
  });
});

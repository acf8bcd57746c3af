import { rm, writeFile } from 'node:fs/promises';
import { Client, Connection } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { createDataConverter } from '../../src/adapters/temporal/data-converter.ts';
import { decidedSignal } from '../../src/domain/wire-names.ts';
import { startRunStack, type RunStack } from '../support/run-stack.ts';
import { oldKey } from '../support/payload-keys.ts';
import { answering, call, calling } from '../support/scripted-model.ts';
import { startStandInStack } from '../support/stand-in-stack.ts';
import { startOwnTemporal, type TestTemporal } from '../support/temporal.ts';
import { until } from '../support/until.ts';
import { assistantsScenarios, playKilledAssistantsWorker } from './assistants-scenarios.ts';
import { historyFile, historyNames } from './read-histories.ts';
import { playKilledWorker } from './killed-worker.ts';
import { recordedRules, recordedTools, say, scenarios } from './scenarios.ts';

/**
 * Records the histories in test/replay/histories from real runs on a real server. Use it before a first release, or to
 * add a scenario. A released history is never recorded again, since later versions must replay it.
 * `npm run record` records all, `npm run record -- NAME…` the named ones.
 */
const wanted = new Set(process.argv.slice(2));
/** Also pauses the assistant. */
const administrator = {
  name: 'rita',
  password: 'a good password',
  roles: ['reviewer' as const, 'admin' as const],
};
const records = (name: string): boolean => wanted.size === 0 || wanted.has(name);

async function temporalWith(flags: string[]): Promise<TestTemporal> {
  const server = await startOwnTemporal({ flags });
  const connection = await Connection.connect({ address: server.address });
  return {
    address: server.address,
    namespace: server.namespace,
    connection,
    client: new Client({ connection, namespace: server.namespace }),
    server,
  };
}

async function write(name: string, stack: Pick<RunStack, 'client'>, workflowId: string, runId?: string): Promise<void> {
  const history = await stack.client.workflow.getHandle(workflowId, runId).fetchHistory();
  await writeFile(historyFile(name), `${impersonal(historyToJSON(history))}\n`);
  process.stdout.write(`${name}: ${history.events?.length} events\n`);
}

/** Removes stack traces and identities, which name the recording machine. A replay needs neither. */
function impersonal(json: string): string {
  return JSON.stringify(
    JSON.parse(json, (key, value: unknown) => {
      if (key === 'stackTrace') return '';
      return key === 'identity' && typeof value === 'string' && value.includes('@') ? 'client' : value;
    }),
    null,
    1,
  );
}

async function recordAll(): Promise<void> {
  // A history named after a version shows behaviour of that version only, so it can't be recorded again.
  const ofNow = (await historyNames()).filter((name) => !/-\d+\.\d+\.\d+$/.test(name));
  if (wanted.size === 0) for (const name of ofNow) await rm(historyFile(name));
  const temporal = await temporalWith([]);
  const stack = await startRunStack(recordedTools(), {
    temporal,
    review: { rules: recordedRules, reviewers: [administrator] },
  });
  for (const { name, play } of scenarios) {
    if (records(name)) await write(name, stack, (await play(stack)).id);
  }
  await stack.stop();
  await recordEncrypted(temporal);
  await recordAssistants(temporal);
  await stopTemporal(temporal);
  if (records('continue-as-new')) await recordContinueAsNew();
  if (records('killed-worker'))
    await playKilledWorker(async (client, workflowId) => {
      await write('killed-worker', { client }, workflowId);
    });
}

/** Scenarios whose histories have no failure: a stack inside ciphertext would name the recording machine. */
const encryptedScenarios = ['approved', 'edited', 'rejected', 'still-waiting'];

async function recordEncrypted(temporal: TestTemporal): Promise<void> {
  const { namespace } = temporal;
  const stack = await startRunStack(recordedTools(), {
    temporal,
    review: { rules: recordedRules, reviewers: [administrator] },
    dataConverter: createDataConverter({ namespace, encryption: { keys: [oldKey] } }),
  });
  for (const { name, play } of scenarios)
    if (encryptedScenarios.includes(name) && records(`encrypted/${name}`))
      await write(`encrypted/${name}`, stack, (await play(stack)).id);
  await stack.stop();
}

async function recordAssistants(temporal: TestTemporal): Promise<void> {
  const stack = await startStandInStack(recordedTools(), { api: 'assistants', temporal });
  for (const { name, play } of assistantsScenarios) {
    if (records(name)) await write(name, stack, (await play(stack)).id);
  }
  await stack.stop();
  if (records('assistants-killed-worker'))
    await playKilledAssistantsWorker(temporal, (own, workflowId) => write('assistants-killed-worker', own, workflowId));
}

async function recordContinueAsNew(): Promise<void> {
  const temporal = await temporalWith(['--dynamic-config-value', 'limit.historyCount.suggestContinueAsNew=40']);
  const stack = await startRunStack(recordedTools(), { temporal });
  const run = await stack.start([calling(call('send_mail', { to: 'all', count: 500 }, 'call_1')), answering('sent')]);
  const id = await run.approval();
  const handle = stack.client.workflow.getHandle(run.id);
  await say(run, 'Please hurry.');
  const { runId } = await handle.describe();
  const next = await until('it continues as new', async () => {
    await run.signal(decidedSignal, { approvalId: id });
    const now = await handle.describe();
    return now.runId !== runId && now.runId;
  });
  await run.decide(id, { decision: 'approve' });
  await run.result();
  await write('continue-as-new-1', stack, run.id, runId);
  await write('continue-as-new-2', stack, run.id, next);
  await stack.stop();
  await stopTemporal(temporal);
}

async function stopTemporal(temporal: TestTemporal): Promise<void> {
  await temporal.connection.close();
  await temporal.server.stop();
}

await recordAll();
process.exit(0);

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDataConverter } from '../../src/adapters/temporal/data-converter.ts';
import { readPayloadKeyUse } from '../../src/adapters/temporal/payload-key-use.ts';
import { createTemporalRuns } from '../../src/adapters/temporal/temporal-runs.ts';
import { Client } from '@temporalio/client';
import { payloadKeysFinding } from '../../src/cli/doctor-payload-keys.ts';
import { ModelFailure } from '../../src/domain/model-failure.ts';
import { newKey, oldKey, otherValueOf } from '../support/payload-keys.ts';
import { startRunStack, type RunStack } from '../support/run-stack.ts';
import { answering, call, calling } from '../support/scripted-model.ts';
import { storedBytes } from '../support/stored-bytes.ts';
import { mailTool } from '../support/tools.ts';
import { until } from '../support/until.ts';

/* On a real Temporal server. Every text that a person or a program writes into a run begins with "marker-". */

const namespace = 'default';
const keys = (...each: Array<typeof oldKey>) => createDataConverter({ namespace, encryption: { keys: each } });
const answer = { to: 'marker-argument', count: 500 };
const { tool: mail } = mailTool({
  execute: ({ count }, { attempt }) => {
    if (attempt === 1) throw new Error('marker-error');
    return { sent: count, receipt: 'marker-output' };
  },
});

async function startStack(encrypted: boolean): Promise<RunStack> {
  return await startRunStack([mail], encrypted ? { dataConverter: keys(oldKey) } : {});
}

/** Starts a run through the gateway, up to its wait. */
async function startWaiting(stack: RunStack) {
  const id = `marked-${randomUUID()}`;
  stack.script(id, [calling(call('send_mail', answer)), answering('marker-answer')]);
  await stack.holdpoint.runs.create({
    id,
    assistant: 'tester',
    input: 'marker-input',
    context: { ticket: 'marker-context' },
  });
  const run = stack.attach(id);
  return { run, approval: await run.approval() };
}

async function playReviewed(stack: RunStack) {
  const { run, approval } = await startWaiting(stack);
  await run.decide(approval, {
    decision: 'approve',
    note: 'marker-note',
    modifiedDetails: { ...answer, to: 'marker-edit' },
  });
  const whileRetrying = await until('the tool failed once', async () => {
    const { raw } = await stack.client.workflow.getHandle(run.id).describe();
    return raw.pendingActivities?.some(({ lastFailure }) => lastFailure) && (await storedBytes(stack.client, run.id));
  });
  await run.result();
  return { run, stored: whileRetrying + (await storedBytes(stack.client, run.id)) };
}

/** A run that the model refuses, so that a failure is in its history. */
async function playRefused(stack: RunStack) {
  const id = `refused-${randomUUID()}`;
  stack.script(id, [
    () => {
      throw new ModelFailure('ModelBlocked', 'marker-refusal');
    },
  ]);
  await stack.holdpoint.runs.create({ id, assistant: 'tester', input: 'marker-input' });
  const run = stack.attach(id);
  await expect(run.result()).rejects.toThrow('Workflow execution failed');
  return { run, stored: await storedBytes(stack.client, id) };
}

const written = (stored: string) => [...new Set(stored.match(/marker-\w+/g) ?? [])].toSorted();

describe('stored runs', { timeout: 120_000 }, () => {
  const stacks: { plain?: RunStack; encrypted?: RunStack } = {};
  let plain: RunStack;
  let encrypted: RunStack;
  beforeAll(async () => {
    stacks.plain = plain = await startStack(false);
    stacks.encrypted = encrypted = await startStack(true);
  }, 180_000);
  afterAll(async () => {
    await stacks.plain?.stop();
    await stacks.encrypted?.stop();
  });
  /** The same runs, as a gateway with other keys sees them. */
  const seenWith = (...each: Array<typeof oldKey>) =>
    createTemporalRuns({
      client: new Client({
        connection: encrypted.client.connection,
        namespace,
        dataConverter: each.length === 0 ? createDataConverter({ namespace }) : keys(...each),
      }),
      taskQueue: encrypted.taskQueue,
      values: encrypted.database.values,
    });

  it('without keys → every text is stored in clear, so the search below finds what there is', async () => {
    const reviewed = await playReviewed(plain);
    expect(written(reviewed.stored)).toEqual([
      'marker-answer',
      'marker-argument',
      'marker-context',
      'marker-edit',
      'marker-error',
      'marker-input',
      'marker-note',
      'marker-output',
    ]);
    expect(written((await playRefused(plain)).stored)).toContain('marker-refusal');
  });

  it('with a key → no text is stored in clear, and the gateway shows all of them', async () => {
    const reviewed = await playReviewed(encrypted);
    expect(written(reviewed.stored)).toEqual([]);
    expect(reviewed.stored).toContain('holdpoint-key-id');
    expect(await encrypted.holdpoint.runs.get(reviewed.run.id)).toMatchObject({
      state: 'completed',
      summary: 'marker-input',
      output: 'marker-answer',
    });
    const refused = await playRefused(encrypted);
    expect(written(refused.stored)).toEqual([]);
    // Temporal never encrypts the type of a failure.
    expect(refused.stored).toContain('ModelBlocked');
    expect(await encrypted.holdpoint.runs.get(refused.run.id)).toMatchObject({
      failure: { type: 'ModelBlocked', message: expect.stringContaining('marker-refusal') },
    });
  });

  it('worker with rotated keys → a waiting run goes on, and its history has both keys', async () => {
    const { run, approval } = await startWaiting(encrypted);
    await encrypted.stopWorkers();
    const worker = await encrypted.startWorker({}, { dataConverter: keys(newKey, oldKey) });
    await run.decide(approval, { decision: 'approve' });
    const rotated = seenWith(newKey, oldKey);
    await until('it is completed', async () => (await rotated.get(run.id))?.state === 'completed');
    expect(await rotated.get(run.id)).toMatchObject({ state: 'completed', output: 'marker-answer' });
    const stored = await storedBytes(encrypted.client, run.id);
    expect(written(stored)).toEqual([]);
    expect(stored).toContain('holdpoint-key-id\u0012\u0003old');
    expect(stored).toContain('holdpoint-key-id\u0012\u0003new');
    const use = await readPayloadKeyUse(encrypted.client, { most: 1000 });
    expect(use.byKey.get('new')?.closed).toBeGreaterThanOrEqual(1);
    expect(payloadKeysFinding({ keys: [newKey, oldKey] }, use)).toMatchObject({ state: 'ok' });
    for (const known of [undefined, { keys: [newKey] }])
      expect(payloadKeysFinding(known, use)).toMatchObject({
        state: 'failed',
        found: expect.stringMatching(/"old": \d+ open and \d+ closed/),
      });
    await worker.stop();
    await encrypted.startWorker();
  });

  it.each([
    ['without keys', undefined, 'which this process lacks|has no payload keys'],
    ['with another key', [newKey], 'which this process lacks \\(it has "new"\\)'],
    ['with another value of the key', [otherValueOf(oldKey)], 'has another key of this id'],
  ] as const)('worker %s → says so and waits; with the key the run goes on', async (_what, wrong, says) => {
    const { run, approval } = await startWaiting(encrypted);
    await encrypted.stopWorkers();
    const said: string[] = [];
    const worker = await encrypted.startWorker(
      {},
      {
        dataConverter: createDataConverter({
          namespace,
          ...(wrong && { encryption: { keys: wrong } }),
          onUnreadable: ({ message }) => said.push(message),
        }),
      },
    );
    await run.decide(approval, { decision: 'approve' });
    await until('the worker says why', () => said.some((message) => new RegExp(says).test(message)));
    await worker.stop();
    await encrypted.startWorker();
    expect(await run.result()).toMatchObject({ output: { value: 'marker-answer' } });
  });

  it('gateway without the key → lists the runs, and says why it does not show one', async () => {
    const { run, approval } = await startWaiting(encrypted);
    const [without, other] = [seenWith(), seenWith(newKey)];
    for (const runs of [without, other]) {
      expect(await runs.get(run.id)).toMatchObject({
        state: 'waiting',
        caller: null,
        detail: null,
        detailMissing: expect.stringContaining('encrypted with the payload key "old"'),
      });
      await expect.poll(async () => (await runs.list({ limit: 200 })).runs.map(({ id }) => id)).toContain(run.id);
    }
    await run.decide(approval, { decision: 'approve' });
    await run.result();
    expect(await without.get(run.id)).toMatchObject({
      state: 'completed',
      output: null,
      detailMissing: expect.stringContaining('encrypted with the payload key "old"'),
    });
    const refused = await playRefused(encrypted);
    expect(await without.get(refused.run.id)).toMatchObject({
      failure: { type: 'ModelBlocked', message: expect.stringContaining('The message is encrypted') },
    });
  });

  it('plain run on a worker with keys → goes on', async () => {
    const { run, approval } = await startWaiting(plain);
    await plain.stopWorkers();
    const worker = await plain.startWorker({}, { dataConverter: keys(oldKey) });
    await run.decide(approval, { decision: 'approve' });
    await until('it is completed', async () => (await seenWith(oldKey).get(run.id))?.state === 'completed');
    expect(await seenWith(oldKey).get(run.id)).toMatchObject({ output: 'marker-answer', summary: 'marker-input' });
    await worker.stop();
    await plain.startWorker();
  });
});

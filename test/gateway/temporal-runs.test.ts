import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { bundleWorkflowCode, NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LargeValues } from '../../src/adapters/temporal/large-values.ts';
import { createTemporalRuns } from '../../src/adapters/temporal/temporal-runs.ts';
import type { RunsPort } from '../../src/gateway/ports.ts';
import { startTestTemporal, type TestTemporal } from '../support/temporal.ts';

const taskQueue = 'temporal-runs-test';
let temporal: TestTemporal;
let runs: RunsPort;
let worker: { connection: NativeConnection; running: Promise<void>; stop: () => void };
/** The same, with a database. */
let withValues: RunsPort;
let next = 0;

const kept = new Map<string, string>();
/** Refuses, as PostgreSQL does, what is no text to it. */
const values: LargeValues = {
  put: async (json) => {
    const digest = createHash('sha256').update(json).digest('hex');
    kept.set(digest, json);
    return { digest, bytes: json.length };
  },
  get: async (digest) => {
    if (digest.includes('\0')) throw new Error('invalid byte sequence for encoding "UTF8": 0x00');
    return kept.get(digest);
  },
};

/** A run of its own for each test; its context names its approval. */
function request(changed: { id?: string; input?: string } = {}) {
  const id = changed.id ?? `probe-${process.pid}-${(next += 1)}`;
  return {
    id,
    assistant: 'comms',
    input: changed.input ?? 'Tell *all* customers.',
    context: { tag: id },
    inputDigest: `digest of ${changed.input ?? 'default'}`,
  };
}

async function started(changed: { id?: string; input?: string } = {}): Promise<string> {
  const asked = request(changed);
  expect(await runs.create(asked)).toBe('started');
  return asked.id;
}

beforeAll(async () => {
  temporal = await startTestTemporal();
  const connection = await NativeConnection.connect({ address: temporal.address });
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('./probe-workflow.ts', import.meta.url)),
  });
  const running = await Worker.create({ connection, namespace: temporal.namespace, taskQueue, workflowBundle });
  worker = { connection, running: running.run(), stop: () => running.shutdown() };
  runs = createTemporalRuns({ client: temporal.client, taskQueue });
  withValues = createTemporalRuns({ client: temporal.client, taskQueue, values });
});
afterAll(async () => {
  worker.stop();
  await worker.running;
  await worker.connection.close();
});

describe('a run in Temporal', () => {
  it('waits with its detail from the worker and what lists need from its start', async () => {
    const id = await started();
    await expect.poll(async () => (await runs.get(id))?.state).toBe('waiting');
    expect(await runs.get(id)).toMatchObject({
      id,
      state: 'waiting',
      assistant: 'comms',
      summary: 'Tell *all* customers.',
      closedAt: null,
      detailMissing: null,
      output: null,
      failure: null,
      detail: {
        state: 'waiting',
        turn: 1,
        calls: [
          { tool: 'probe', approval: { id: `req-${id}`, waitingSince: '1970-01-01T00:00:00.000Z', deadlineAt: null } },
        ],
      },
    });
    const description = await temporal.client.workflow.getHandle(id).describe();
    expect(await description.staticSummary()).toBe(String.raw`Tell \*all\* customers.`);
    expect(await description.staticDetails()).toContain('Context: tag');
    expect(description.type).toBe('holdpointRun');
  });

  it('hears news, durable at once, and completes', async () => {
    const id = await started();
    expect(await runs.signalDecided(id, { callKey: 'k', request: 1, approvalId: 'stay' })).toBe('delivered');
    await expect
      .poll(async () => (await runs.get(id))?.detail?.calls[0]?.arguments)
      .toEqual([{ callKey: 'k', request: 1, approvalId: 'stay' }]);
    await runs.signalDecided(id, { callKey: 'k', request: 1 });
    await expect
      .poll(async () => await runs.get(id))
      .toMatchObject({
        state: 'completed',
        output: 'Tell *all* customers.',
        turns: 2,
        toolCalls: 1,
        detail: null,
        closedAt: expect.any(String),
      });
    expect(await runs.signalDecided(id, { callKey: 'k', request: 1 })).toBe('closed');
    expect(await runs.retry(id)).toBe('closed');
  });

  it('says how it failed', async () => {
    const id = await started();
    await runs.signalDecided(id, { approvalId: 'fail' });
    await expect
      .poll(async () => await runs.get(id))
      .toMatchObject({ state: 'failed', failure: { type: 'MaxTurnsExceeded', message: 'After 50 turns.' } });
  });

  const stored = (digest: unknown) => JSON.stringify({ type: 'stored', digest, bytes: 1 });
  const ended = (output: string, turns: unknown = 1) =>
    `{"output":${output},"turns":${JSON.stringify(turns)},"toolCalls":0}`;
  it.each([
    'null',
    '"done"',
    '{}',
    ended('{"type":"inline"}'),
    ended(stored(7)),
    ended(stored('\0')),
    ended(stored('A'.repeat(64))),
    ended('{"type":"inline","value":"x"}', 'many'),
  ])('with a result that no Run makes (%s) is shown without it, and says so', async (result) => {
    const id = await started();
    await runs.signalDecided(id, { approvalId: `ends as:${result}` });
    await expect
      .poll(async () => await withValues.get(id))
      .toMatchObject({
        state: 'completed',
        output: null,
        turns: null,
        toolCalls: null,
        decision: null,
        detailMissing: expect.stringContaining('not one that Holdpoint makes'),
      });
  });

  const open = {
    state: 'parked',
    assistant: 'comms',
    turn: 1,
    calls: [] as unknown[],
    parked: [] as unknown[],
    queuedMessages: 0,
  };
  const parked = (since: unknown) => JSON.stringify({ ...open, parked: [{ type: 'TurnFailed', message: '', since }] });
  const calling = (changed: object) =>
    JSON.stringify({
      ...open,
      calls: [
        {
          key: 'k',
          callId: 'c',
          tool: 'probe',
          arguments: { type: 'inline', value: {} },
          state: 'waiting',
          ...changed,
        },
      ],
    });
  it.each([
    'null',
    '"waiting"',
    '{}',
    parked('now'),
    parked(1e300),
    JSON.stringify({ ...open, calls: [null] }),
    calling({ arguments: JSON.parse(stored('\0')) }),
    calling({ arguments: JSON.parse(stored('')) }),
    calling({ decision: 'approved' }),
    calling({ approval: 1 }),
  ])('of which is said what no Run says (%s) is shown without it, and can still be cancelled', async (answer) => {
    const id = await started();
    await runs.signalDecided(id, { approvalId: `says:${answer}` });
    await expect
      .poll(async () => await withValues.get(id))
      .toMatchObject({
        state: 'waiting',
        detail: null,
        detailMissing: expect.stringContaining('what Holdpoint never says'),
      });
    expect(await runs.cancel(id)).toBe('ordered');
  });

  it.each(['"x"', '5', '[]', '{}', '{"waiting":"many","known":null}', '{"waiting":0}', '{"waiting":0,"known":7}'])(
    'that says of its messages what no Run says (%s) is told the next one all the same',
    async (answer) => {
      const id = await started();
      await runs.signalDecided(id, { approvalId: `says of messages:${answer}` });
      expect(await runs.send(id, { id: 'm', digest: 'd', text: 'Hurry.', whenWaiting: 'queue' })).toBe('sent');
      const { events } = await temporal.client.workflow.getHandle(id).fetchHistory();
      expect(
        events?.filter(({ workflowExecutionSignaledEventAttributes: signaled }) => signaled?.signalName === 'message'),
      ).toHaveLength(1);
      await runs.cancel(id);
    },
  );

  it('is cancelled on order, and says so', async () => {
    const id = await started();
    expect(await runs.cancel(id)).toBe('ordered');
    await expect
      .poll(async () => await runs.get(id))
      .toMatchObject({ state: 'cancelled', failure: { type: 'Cancelled' } });
  });

  it('that was terminated has failed, with the reason', async () => {
    const id = await started();
    await temporal.client.workflow.getHandle(id).terminate('operator said so');
    expect(await runs.get(id)).toMatchObject({
      state: 'failed',
      failure: { type: 'Terminated', message: 'operator said so' },
    });
  });

  it('hears a retry', async () => {
    const id = await started();
    expect(await runs.retry(id)).toBe('ordered');
    await expect.poll(async () => (await runs.get(id))?.detail?.state).toBe('running');
  });

  it('of one id starts once; the digest tells the same request from another, also after its end', async () => {
    const id = await started();
    expect(await runs.create(request({ id }))).toBe('exists');
    expect(await runs.create(request({ id, input: 'Another.' }))).toBe('taken');
    await runs.signalDecided(id, {});
    await expect.poll(async () => (await runs.get(id))?.state).toBe('completed');
    expect(await runs.create(request({ id }))).toBe('exists');
  });

  it("is not another team's Workflow", async () => {
    const id = `foreign-${process.pid}`;
    await temporal.client.workflow.start('somethingElse', { workflowId: id, taskQueue: 'nobody', args: [] });
    expect(await runs.get(id)).toBeUndefined();
    expect(await runs.create(request({ id }))).toBe('taken');
    await temporal.client.workflow.getHandle(id).terminate();
  });

  it('that nobody started is unknown', async () => {
    expect(await runs.get('none')).toBeUndefined();
    expect([await runs.signalDecided('none', {}), await runs.cancel('none'), await runs.retry('none')]).toEqual([
      'closed',
      'closed',
      'closed',
    ]);
  });

  it('without a worker is shown all the same, and says why there is no detail', async () => {
    const nobody = createTemporalRuns({ client: temporal.client, taskQueue: 'nobody', queryDeadlineMs: 300 });
    const asked = request();
    await nobody.create(asked);
    expect(await nobody.get(asked.id)).toMatchObject({
      state: 'running',
      assistant: 'comms',
      detail: null,
      detailMissing: expect.stringContaining('No worker answered'),
    });
    await expect
      .poll(async () => (await nobody.list({ state: 'running', limit: 200 })).runs.map(({ id }) => id))
      .toContain(asked.id);
    expect((await nobody.list({ state: 'waiting', limit: 200 })).runs.map(({ id }) => id)).not.toContain(asked.id);
    expect(await nobody.signalDecided(asked.id, {})).toBe('delivered');
    await temporal.client.workflow.getHandle(asked.id).terminate();
  });
});

describe('lists', () => {
  it('filter by state, assistant, waiting and approval, and go on by page token', async () => {
    const ids = [await started(), await started(), await started()];
    const listed = async (filter: Omit<Parameters<RunsPort['list']>[0], 'limit'>) =>
      (await runs.list({ ...filter, limit: 200 })).runs.map(({ id }) => id);
    await expect.poll(() => listed({ state: 'waiting', assistant: 'comms' })).toEqual(expect.arrayContaining(ids));
    await expect.poll(() => listed({ waiting: true })).toEqual(expect.arrayContaining(ids));
    expect(await listed({ approvalId: `req-${ids[1]}` })).toEqual([ids[1]]);
    expect(await listed({ assistant: "it's \\ nobody" })).toEqual([]);
    await runs.cancel(ids[0]!);
    await expect.poll(() => listed({ state: 'cancelled' })).toContain(ids[0]);
    await expect.poll(() => listed({ waiting: true })).not.toContain(ids[0]);

    const first = await runs.list({ limit: 1 });
    const second = await runs.list({ limit: 1, pageToken: first.nextPageToken! });
    expect(first.runs[0]).toMatchObject({ assistant: 'comms', summary: expect.stringContaining('Tell') });
    expect(second.runs[0]!.id).not.toBe(first.runs[0]!.id);
  });

  it('refuse a page token that is none', async () => {
    for (const pageToken of ['bm8', 'bm8-bm8-bm8-', '!'])
      await expect(runs.list({ limit: 1, pageToken })).rejects.toMatchObject({ name: 'RunsFailure', kind: 'refused' });
  });
});

describe('large values', () => {
  it('keep an input above 64 KB in the database, and read an output from there', async () => {
    const asked = request({ input: 'x'.repeat(70_000) });
    expect(await runs.create(asked)).toBe('too-large');
    expect(await withValues.create(asked)).toBe('started');
    await withValues.signalDecided(asked.id, {});
    await expect.poll(async () => (await withValues.get(asked.id))?.output === asked.input).toBe(true);
    expect(await runs.get(asked.id)).toMatchObject({
      output: null,
      detailMissing: expect.stringContaining('HOLDPOINT_DATABASE_URL'),
    });
  });
});

describe('following a run', () => {
  it('tells that something happened, over continue-as-new, until the end', async () => {
    const id = await started();
    const states: string[] = [];
    for await (const _change of runs.changes(id, new AbortController().signal)) {
      const run = await runs.get(id);
      states.push(run!.state);
      if (states.filter((state) => state === 'waiting').length === 1)
        await runs.signalDecided(id, { approvalId: 'again' });
      if (states.filter((state) => state === 'waiting').length === 3) await runs.signalDecided(id, {});
      else if (states.length > 3) await runs.signalDecided(id, { approvalId: 'stay' });
    }
    expect((await runs.get(id))?.state).toBe('completed');
    expect(states.length).toBeGreaterThan(2);
  });

  it('ends when nobody listens any more, and for a run that nobody started', async () => {
    const id = await started();
    const stop = new AbortController();
    const follow = async () => {
      let seen = 0;
      for await (const _change of runs.changes(id, stop.signal)) seen += 1;
      return seen;
    };
    const following = follow();
    await expect.poll(async () => (await runs.get(id))?.state).toBe('waiting');
    stop.abort();
    expect(await following).toBeGreaterThan(0);
    for await (const _change of runs.changes('none', new AbortController().signal))
      throw new Error('There is nothing to follow.');
  });
});

describe('without a good Temporal', () => {
  it('every call fails as unavailable within its deadline, and says so', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    const connection = Connection.lazy({ address: `127.0.0.1:${(silent.address() as { port: number }).port}` });
    const away = createTemporalRuns({ client: new Client({ connection }), taskQueue, deadlineMs: 200 });
    const stop = new AbortController();
    for (const call of [
      () => away.health(),
      () => away.get('a'),
      () => away.create(request()),
      () => away.signalDecided('a', {}),
      () => away.cancel('a'),
      () => away.retry('a'),
      () => away.list({ limit: 1 }),
    ]) {
      await expect(call()).rejects.toMatchObject({ name: 'RunsFailure', kind: 'unavailable' });
    }
    stop.abort();
    await connection.close();
    silent.close();
  });

  it('a namespace that is not there is told as a matter of set-up', async () => {
    const lost = createTemporalRuns({
      client: new Client({ connection: temporal.connection, namespace: 'nowhere' }),
      taskQueue,
      deadlineMs: 2000,
    });
    await expect(lost.create(request())).rejects.toMatchObject({
      kind: 'not-set-up',
      message: expect.stringContaining('namespace create -n nowhere'),
    });
  });

  it('health is an answer of the server', async () => {
    await expect(runs.health()).resolves.toBeUndefined();
  });
});

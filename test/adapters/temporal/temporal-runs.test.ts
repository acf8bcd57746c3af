import { createServer } from 'node:net';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256Bytes } from '@holdpoint/json/digest';
import { createTemporalRuns } from '../../../src/adapters/temporal/temporal-runs.ts';
import type { RunsPort } from '../../../src/gateway/ports.ts';
import { probeRequest, startProbeRuns, type ProbeRuns } from './probe-runs.ts';

let probe: ProbeRuns;
let runs: RunsPort;
let withValues: RunsPort;
beforeAll(async () => {
  probe = await startProbeRuns('probes');
  ({ runs, withValues } = probe);
});
afterAll(() => probe.stop());

describe('run in Temporal', () => {
  it('open run: shows the detail from its worker, and the summary from its start', async () => {
    const id = await probe.started();
    await expect.poll(async () => (await runs.get(id))?.state).toBe('waiting');
    expect(await runs.get(id)).toMatchObject({
      id,
      state: 'waiting',
      assistant: 'comms',
      summary: 'Tell *all* customers.',
      closedAt: null,
      retrying: [],
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
    const description = await probe.temporal.client.workflow.getHandle(id).describe();
    expect(await description.staticSummary()).toBe(String.raw`Tell \*all\* customers.`);
    expect(await description.staticDetails()).toMatch(/Context:\n\n- tag/);
    expect(description.type).toBe('holdpointRun');
  });

  it('signalDecided: durable at once; closed once the run has completed', async () => {
    const id = await probe.started();
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

  it('failed run: shows type and message of the failure', async () => {
    const id = await probe.started();
    await runs.signalDecided(id, { approvalId: 'fail' });
    await expect
      .poll(async () => await runs.get(id))
      .toMatchObject({ state: 'failed', failure: { type: 'MaxTurnsExceeded', message: 'After 50 turns.' } });
  });

  it('cancel: the run ends as cancelled', async () => {
    const id = await probe.started();
    expect(await runs.cancel(id)).toBe('ordered');
    await expect
      .poll(async () => await runs.get(id))
      .toMatchObject({ state: 'cancelled', failure: { type: 'Cancelled' } });
  });

  it('terminated run: failed, with the reason', async () => {
    const id = await probe.started();
    await probe.temporal.client.workflow.getHandle(id).terminate('operator said so');
    expect(await runs.get(id)).toMatchObject({
      state: 'failed',
      failure: { type: 'Terminated', message: 'operator said so' },
    });
    expect(await runs.stopped(id)).toBe('terminated');
  });

  it('stopped: timed out; undefined for an open, a cancelled and an unknown run', async () => {
    const { client } = probe.temporal;
    const id = `timed-out-${process.pid}`;
    await client.workflow.start('holdpointRun', {
      workflowId: id,
      taskQueue: 'unserved',
      args: [],
      workflowExecutionTimeout: '1 s',
    });
    await expect.poll(() => runs.stopped(id), { timeout: 10_000 }).toBe('timed out');
    const open = await probe.started();
    expect([await runs.stopped(open), await runs.stopped('none')]).toEqual([undefined, undefined]);
    await runs.cancel(open);
    await expect.poll(async () => (await runs.get(open))?.state).toBe('cancelled');
    expect(await runs.stopped(open)).toBeUndefined();
  });

  it('retry: reaches the run', async () => {
    const id = await probe.started();
    expect(await runs.retry(id)).toBe('ordered');
    await expect.poll(async () => (await runs.get(id))?.detail?.state).toBe('running');
  });

  it('create with a used id: the same digest exists, another is taken, also after the end', async () => {
    const id = await probe.started();
    expect(await runs.create(probeRequest({ id }))).toBe('exists');
    expect(await runs.create(probeRequest({ id, input: 'Another.' }))).toBe('taken');
    await runs.signalDecided(id, {});
    await expect.poll(async () => (await runs.get(id))?.state).toBe('completed');
    expect(await runs.create(probeRequest({ id }))).toBe('exists');
  });

  it('caller of a run: shown, in lists, and another caller does not find its run under the id', async () => {
    const asked = { ...probeRequest(), caller: 'billing' };
    expect(await runs.create(asked)).toBe('started');
    expect(await runs.callerOf(asked.id)).toBe('billing');
    expect(await runs.get(asked.id)).toMatchObject({ caller: 'billing' });
    expect(await runs.create(asked)).toBe('exists');
    expect(await runs.create({ ...asked, caller: 'support' })).toBe('taken');
    const listed = async (caller: string) => (await runs.list({ caller, limit: 200 })).runs.map(({ id }) => id);
    await expect.poll(() => listed('billing'), { timeout: 10_000 }).toEqual([asked.id]);
    expect(await listed('support')).toEqual([]);
    await runs.cancel(asked.id);
  });

  it('run of an earlier version, without a caller: HOLDPOINT_API_KEY finds it, others do not', async () => {
    const asked = probeRequest();
    await probe.temporal.client.workflow.start('holdpointRun', {
      workflowId: asked.id,
      taskQueue: 'unserved',
      args: [],
      memo: { assistant: 'comms', summary: 'x', inputDigest: asked.inputDigest },
    });
    expect(await runs.callerOf(asked.id)).toBeNull();
    expect(await runs.create(asked)).toBe('exists');
    expect(await runs.create({ ...asked, caller: 'billing' })).toBe('taken');
    expect(await runs.callerOf('none')).toBeUndefined();
    await probe.temporal.client.workflow.getHandle(asked.id).terminate();
  });

  it('Workflow of another type: not a run, and its id is taken', async () => {
    const id = `foreign-${process.pid}`;
    await probe.temporal.client.workflow.start('somethingElse', { workflowId: id, taskQueue: 'unserved', args: [] });
    expect(await runs.get(id)).toBeUndefined();
    expect(await runs.create(probeRequest({ id }))).toBe('taken');
    await probe.temporal.client.workflow.getHandle(id).terminate();
  });

  it('unknown id: get finds nothing, orders answer closed', async () => {
    expect(await runs.get('none')).toBeUndefined();
    expect([await runs.signalDecided('none', {}), await runs.cancel('none'), await runs.retry('none')]).toEqual([
      'closed',
      'closed',
      'closed',
    ]);
  });

  it('run without a worker: shown without detail, with the reason', async () => {
    const unserved = createTemporalRuns({ client: probe.temporal.client, taskQueue: 'unserved', queryDeadlineMs: 300 });
    const asked = probeRequest();
    await unserved.create(asked);
    expect(await unserved.get(asked.id)).toMatchObject({
      state: 'running',
      assistant: 'comms',
      detail: null,
      detailMissing: expect.stringContaining('No worker answered'),
    });
    await expect
      .poll(async () => (await unserved.list({ state: 'running', limit: 200 })).runs.map(({ id }) => id))
      .toContain(asked.id);
    expect((await unserved.list({ state: 'waiting', limit: 200 })).runs.map(({ id }) => id)).not.toContain(asked.id);
    expect(await unserved.signalDecided(asked.id, {})).toBe('delivered');
    await probe.temporal.client.workflow.getHandle(asked.id).terminate();
  });
});

describe('lists', () => {
  it('list: filters by state, assistant, waiting and approval; pages by token', async () => {
    const ids = [await probe.started(), await probe.started(), await probe.started()];
    const listed = async (filter: Omit<Parameters<RunsPort['list']>[0], 'limit'>) =>
      (await runs.list({ ...filter, limit: 200 })).runs.map(({ id }) => id);
    await expect.poll(() => listed({ state: 'waiting', assistant: 'comms' })).toEqual(expect.arrayContaining(ids));
    await expect.poll(() => listed({ waiting: true })).toEqual(expect.arrayContaining(ids));
    expect(await listed({ approvalId: `req-${ids[1]}` })).toEqual([ids[1]]);
    await runs.cancel(ids[0]!);
    await expect.poll(() => listed({ state: 'cancelled' })).toContain(ids[0]);
    await expect.poll(() => listed({ waiting: true })).not.toContain(ids[0]);

    const first = await runs.list({ limit: 1 });
    const second = await runs.list({ limit: 1, pageToken: first.nextPageToken! });
    expect(first.runs[0]).toMatchObject({ assistant: 'comms', summary: expect.stringContaining('Tell') });
    expect(second.runs[0]!.id).not.toBe(first.runs[0]!.id);
  });

  it.each(['%_', '(nil)', 'ä – 名', ' edge ', 'a OR b', 'a=b;--'])(
    'list: an assistant named %j is found, and no other one',
    async (assistant) => {
      const id = await probe.started({ assistant });
      await probe.started({ assistant: `${assistant}.` });
      await expect
        .poll(async () => (await runs.list({ assistant, limit: 200 })).runs.map((run) => run.id))
        .toEqual([id]);
    },
  );

  it.each([`it's`, `t'`, `''`, `a"b`, `back\\slash`, `end\\`, 'a`b', `a' OR 'a' = 'a`])(
    'list: an assistant named %j → refused, since the filter has no escape for it',
    async (assistant) => {
      await expect(runs.list({ assistant, limit: 200 })).rejects.toMatchObject({ kind: 'refused' });
    },
  );

  it('list with a forged page token, or one of another list: refused at once', async () => {
    await Promise.all([probe.started(), probe.started()]);
    await expect.poll(async () => (await runs.list({ limit: 1 })).nextPageToken).not.toBeNull();
    const pageToken = (await runs.list({ limit: 1 })).nextPageToken!;
    const forged = Buffer.from('{"CloseTime":"x"}');
    for (const [filter, token] of [
      [{ state: 'waiting' }, pageToken],
      [{}, `${pageToken}AAAA`],
      // A mark that anybody can compute.
      [{}, Buffer.concat([sha256Bytes(forged).subarray(0, 6), forged]).toString('base64url')],
      [{}, Buffer.concat([sha256Bytes(forged).subarray(0, 16), forged]).toString('base64url')],
    ] as const)
      await expect(runs.list({ ...filter, limit: 1, pageToken: token })).rejects.toMatchObject({ kind: 'refused' });
    expect((await runs.list({ limit: 1, pageToken })).runs).toHaveLength(1);
  });

  it('page token of another gateway with the same secrets, the older one included: accepted', async () => {
    const gateway = (...pageTokenSecrets: string[]) =>
      createTemporalRuns({ client: probe.temporal.client, taskQueue: 'probes', pageTokenSecrets });
    const pageToken = (await gateway('old').list({ limit: 1 })).nextPageToken!;
    expect((await gateway('new', 'old').list({ limit: 1, pageToken })).runs).toHaveLength(1);
    await expect(gateway('new').list({ limit: 1, pageToken })).rejects.toMatchObject({ kind: 'refused' });
  });

  it('list with a malformed page token: refused', async () => {
    for (const pageToken of ['bm8', 'bm8-bm8-bm8-', '!'])
      await expect(runs.list({ limit: 1, pageToken })).rejects.toMatchObject({ name: 'RunsFailure', kind: 'refused' });
  });
});

describe('large values', () => {
  it('input above 64 KB: stored in the database, too-large without one', async () => {
    const asked = probeRequest({ input: 'x'.repeat(70_000) });
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
  it('changes: yields across continue-as-new until the run is closed', async () => {
    const id = await probe.started();
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

  it('changes: ends on abort, and at once for an unknown run', async () => {
    const id = await probe.started();
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

describe('Temporal unavailable or not set up', () => {
  it('silent server: every call fails as unavailable within its deadline', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    const connection = Connection.lazy({ address: `127.0.0.1:${(silent.address() as { port: number }).port}` });
    const away = createTemporalRuns({ client: new Client({ connection }), taskQueue: 'probes', deadlineMs: 200 });
    const stop = new AbortController();
    for (const call of [
      () => away.health(),
      () => away.get('a'),
      () => away.create(probeRequest()),
      () => away.signalDecided('a', {}),
      () => away.cancel('a'),
      () => away.retry('a'),
      () => away.list({ limit: 1 }),
    ]) {
      await expect(call()).rejects.toMatchObject({
        name: 'RunsFailure',
        kind: 'unavailable',
        message: expect.stringMatching(
          /^Temporal at 127\.0\.0\.1:\d+ \(TEMPORAL_ADDRESS\) can't be reached: .+ Try again\.$/,
        ),
      });
    }
    stop.abort();
    await connection.close();
    silent.close();
  });

  it('missing namespace: not-set-up, with the command that creates it', async () => {
    const lost = createTemporalRuns({
      client: new Client({ connection: probe.temporal.connection, namespace: 'nowhere' }),
      taskQueue: 'probes',
      deadlineMs: 2000,
    });
    for (const call of [() => lost.create(probeRequest()), () => lost.get('a'), () => lost.list({ limit: 1 })])
      await expect(call()).rejects.toMatchObject({
        kind: 'not-set-up',
        message: expect.stringContaining('namespace create -n nowhere'),
      });
  });

  it('health: resolves when the server answers', async () => {
    await expect(runs.health()).resolves.toBeUndefined();
  });
});

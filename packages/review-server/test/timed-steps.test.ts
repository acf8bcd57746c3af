import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createApprovalFeed, type ApprovalFeed } from '../src/approval-feed.ts';
import { startStepLoop } from '../src/step-loop.ts';
import { announceChange } from '../src/store/approval-changes.ts';
import { openReviewDatabase } from '../src/store/database.ts';
import { lockApproval } from '../src/store/open-approval.ts';
import type { StepKinds } from '../src/store/execute-step.ts';
import { passwordCost } from '../src/store/password.ts';
import type { ReviewStore } from '../src/store/review-store.ts';
import { addStep } from '../src/store/steps.ts';
import { countingStep } from './counting-step.ts';
import { eventually } from './eventually.ts';
import { onBothDatabases } from './on-both-databases.ts';
import { startTestServer, type TestServer } from './test-server.ts';

const log = pino({ enabled: false });
const kinds: StepKinds = {
  count: countingStep,
  fail: async (due) => {
    await countingStep(due);
    throw new Error('it can’t be done');
  },
};

onBothDatabases((newDatabase, kind) => {
  let databaseUrl: string;
  /** Makes and decides approvals. It knows none of the kinds of these tests. */
  let server: TestServer;
  let shiftMs = 0;
  const clock = () => new Date(Date.now() + shiftMs);
  const stores: { store: ReviewStore; feed: ApprovalFeed }[] = [];
  const loops: { stop(): Promise<void> }[] = [];
  beforeAll(async () => {
    databaseUrl = await newDatabase();
    server = await startTestServer(databaseUrl, { clock });
    for (let each = 0; each < 2; each += 1) {
      const feed = createApprovalFeed(kind === 'postgres' ? databaseUrl : undefined, log);
      const database = await openReviewDatabase(databaseUrl, () => undefined);
      stores.push({ store: { database, clock, passwordCost, onChange: (change) => feed.publish(change) }, feed });
    }
  });
  afterEach(() => Promise.all(loops.splice(0).map((loop) => loop.stop())));
  afterAll(async () => {
    for (const { store, feed } of stores) {
      await feed.stop();
      await store.database.close();
    }
    await server.close();
  });

  const begin = (which: number) => {
    const { store, feed } = stores[which]!;
    loops.push(startStepLoop(store, { kinds, feed }, log));
  };
  const ask = async (more: object = {}) => (await server.ask(more)).body.id;
  const add = async (approvalId: string, step: { kind?: string; inMs?: number } = {}) => {
    const { store } = stores[0]!;
    const added = await store.database.kysely.transaction().execute(async (transaction) => {
      await lockApproval(store, transaction, approvalId);
      const now = clock();
      const { kind: name = 'count', inMs = 0 } = step;
      await announceChange(transaction, store.database.kind, { id: approvalId, change: 'changed' });
      return addStep(
        transaction,
        { approvalId, kind: name, dueAt: new Date(now.getTime() + inMs), facts: { some: 'fact' } },
        now,
      );
    });
    store.onChange({ id: approvalId, change: 'changed' });
    return added.id;
  };
  const read = (id: string) =>
    stores[0]!.store.database.reads.selectFrom('steps').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  const done = (id: string) =>
    eventually('the step', async () => {
      const step = await read(id);
      return step.done_at !== null && step;
    });
  const executions = async (id: string) =>
    (
      await stores[0]!.store.database.reads
        .selectFrom('approvals')
        .select('run_url')
        .where('id', '=', id)
        .executeTakeFirstOrThrow()
    ).run_url?.length ?? 0;

  it('step in 700 ms → executed then, within a second, also when another server added it', async () => {
    begin(1);
    const id = await ask();
    const { due_at, done_at, result } = await done(await add(id, { inMs: 700 }));
    const lateMs = Date.parse(done_at!) - Date.parse(due_at);
    expect(lateMs).toBeGreaterThanOrEqual(0);
    expect(lateMs).toBeLessThan(1000);
    expect([result, await executions(id)]).toEqual(['executed', 1]);
  });

  it('step in an hour → waits, also for a loop that starts after it was due', async () => {
    const id = await ask();
    const step = await add(id, { inMs: 3_600_000 });
    begin(0);
    const other = await ask();
    await done(await add(other));
    expect((await read(step)).done_at).toBeNull();
    await Promise.all(loops.splice(0).map((loop) => loop.stop()));
    shiftMs += 3_600_001;
    begin(1);
    await done(step);
    expect(await executions(id)).toBe(1);
  });

  it('two servers, many steps due at once → each executed once', async () => {
    begin(0);
    begin(1);
    const ids = await Promise.all(Array.from({ length: 12 }, () => ask()));
    const steps = await Promise.all(ids.flatMap((id) => [add(id, { inMs: 300 }), add(id, { inMs: 300 })]));
    for (const step of steps) expect((await done(step)).result).toBe('executed');
    for (const id of ids) expect(await executions(id)).toBe(2);
  });

  it('failing step → leaves nothing, is tried again, and others go on', async () => {
    const [failing, other] = [await ask(), await ask()];
    const fails = await add(failing, { kind: 'fail' });
    const works = await add(other);
    const same = await add(failing);
    begin(0);
    await done(works);
    await done(same);
    const { attempts } = await eventually('a second attempt', async () => {
      const step = await read(fails);
      return step.attempts > 1 && step;
    });
    expect(attempts).toBeGreaterThan(1);
    expect(await read(fails)).toMatchObject({ done_at: null, last_problem: 'it can’t be done' });
    expect(await executions(failing)).toBe(1);
    await server.decide(failing, { decision: 'reject' });
    expect(await read(fails)).toMatchObject({ result: 'dropped' });
  });

  it.each(['decide', 'withdraw', 'expire'] as const)(
    'approval closed by %s → its open steps are dropped',
    async (act) => {
      const id = await ask({ expiresAt: new Date(clock().getTime() + 1_800_000).toISOString() });
      const step = await add(id, { inMs: 3_600_000 });
      if (act === 'decide') await server.decide(id, { decision: 'approve' });
      if (act === 'withdraw') await server.post(`/api/approvals/${id}/withdraw`, { reason: 'withdrawn' });
      if (act === 'expire') shiftMs += 1_800_001;
      await server.get(`/api/approvals/${id}`);
      expect((await read(step)).result).toBe('dropped');
      shiftMs += 3_600_001;
      begin(0);
      const other = await ask();
      await done(await add(other));
      expect(await executions(id)).toBe(0);
    },
  );

  it('step of an approval past its expiry → the expiry comes first', async () => {
    const id = await ask({ expiresAt: new Date(clock().getTime() + 60_000).toISOString() });
    const step = await add(id, { inMs: 60_001 });
    begin(0);
    shiftMs += 60_002;
    expect((await done(step)).result).toBe('dropped');
    expect(await executions(id)).toBe(0);
    expect((await server.get(`/api/approvals/${id}`)).body.decisionReasonCode).toBe('expired');
  });

  it('kind of a newer version → left to it', async () => {
    begin(0);
    const unknown = await add(await ask(), { kind: 'from the future' });
    await done(await add(await ask()));
    expect((await read(unknown)).done_at).toBeNull();
  });

  describe('kill -9 of the server that executes a step', () => {
    it.each(['before', 'after'] as const)('%s the commit → executed once', async (when) => {
      const id = await ask();
      const step = await add(id);
      const script = fileURLToPath(new URL('execute-and-die.ts', import.meta.url));
      const child = spawn(process.execPath, [
        '--conditions=holdpoint-source',
        script,
        databaseUrl,
        step,
        id,
        when,
        String(shiftMs),
      ]);
      expect((await once(child, 'exit'))[1]).toBe('SIGKILL');
      expect((await read(step)).result).toBe(when === 'before' ? null : 'executed');
      begin(0);
      begin(1);
      await done(step);
      expect(await executions(id)).toBe(1);
    });
  });
});

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { sqliteUrl } from '@holdpoint/database/url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRunStack, type RunStack } from '../support/run-stack.ts';
import { answering, call, calling } from '../support/scripted-model.ts';
import { mailTool } from '../support/tools.ts';

const canary = 'quagga-canary';
const folder = mkdtempSync(join(tmpdir(), 'holdpoint-removed-'));
const file = join(folder, 'holdpoint.db');
const { tool: mail } = mailTool();

let stack: RunStack;
beforeAll(async () => {
  stack = await startRunStack([mail], { databaseUrl: sqliteUrl(file) });
});
afterAll(async () => {
  await stack.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** All rows of the workers' database. */
function everything(): string {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const tables = database.prepare("select name from sqlite_master where type = 'table'").all() as { name: string }[];
    return tables.map(({ name }) => JSON.stringify(database.prepare(`select * from "${name}"`).all())).join('\n');
  } finally {
    database.close();
  }
}

const about = (customer: string) => ({ type: 'inline', value: { customer: { id: customer }, note: canary } }) as const;
const sending = (to: string) => [calling(call('send_mail', { to, count: 500 })), answering(`${canary} is done`)];

async function decidedRun(customer: string) {
  const run = await stack.start(sending(`${canary}@example.com`), { context: about(customer) });
  await run.decide(await run.approval(), { decision: 'approve', note: canary });
  await run.result();
  return run;
}

const existsInTemporal = async (id: string) =>
  await stack.client.workflow
    .getHandle(id)
    .describe()
    .then(
      () => true,
      () => false,
    );

describe('erasure of runs', () => {
  it('closed run about the customer → gone from Temporal and from every table; others stay', async () => {
    const [erased, kept] = [await decidedRun('c_17'), await decidedRun('c_18')];
    expect(await stack.holdpoint.remove({ field: 'customer.id', value: 'c_17', dryRun: true })).toEqual({
      dryRun: true,
      runs: 1,
      rows: {},
      open: [],
      more: false,
    });
    const { firstExecutionRunId } = await firstRun(erased.id);
    expect(everything()).toContain(firstExecutionRunId);

    const report = await stack.holdpoint.remove({ field: 'customer.id', value: 'c_17' });
    expect(report).toMatchObject({
      runs: 1,
      open: [],
      more: false,
      rows: { holdpoint_runs: 1, holdpoint_transcripts: 2, holdpoint_requests: 1, holdpoint_effects: 1 },
    });
    expect(await existsInTemporal(erased.id)).toBe(false);
    expect(everything()).not.toContain(firstExecutionRunId);
    await expect(stack.holdpoint.runs.get(erased.id)).rejects.toMatchObject({ code: 'run-not-found' });
    expect(await stack.holdpoint.runs.get(kept.id)).toMatchObject({ state: 'completed', record: { missing: null } });

    await stack.holdpoint.remove({ field: 'customer.id', value: 'c_18' });
    expect(everything()).not.toContain(canary);
    expect(readFileSync(file).length).toBeGreaterThan(0);
  });

  it('open run about the customer → named, and it stays until it is closed', async () => {
    const run = await stack.start(sending('all'), { context: about('c_19') });
    await run.approval();
    expect(await stack.holdpoint.remove({ field: 'customer.id', value: 'c_19' })).toMatchObject({
      runs: 0,
      open: [run.id],
    });
    expect(await existsInTemporal(run.id)).toBe(true);
    await run.cancel();
    await run.result().catch(() => undefined);
    expect(await stack.holdpoint.remove({ field: 'customer.id', value: 'c_19' })).toMatchObject({ runs: 1, open: [] });
  });

  it('run that another one continues → both go, or neither while one is open', async () => {
    const first = await decidedRun('c_20');
    const next = 'continues-c-20';
    stack.script(next, sending('more'));
    await stack.holdpoint.runs.create({ continueFrom: first.id, input: 'And more?', idempotencyKey: next });
    const { id } = await stack.holdpoint.runs.create({
      continueFrom: first.id,
      input: 'And more?',
      idempotencyKey: next,
    });
    stack.script(id, sending('more'));
    const continued = stack.attach(id);
    await continued.approval();
    expect(await stack.holdpoint.remove({ field: 'customer.id', value: 'c_20' })).toMatchObject({
      runs: 0,
      open: [id],
    });
    await continued.cancel();
    await continued.result().catch(() => undefined);
    expect(await stack.holdpoint.remove({ field: 'customer.id', value: 'c_20' })).toMatchObject({ runs: 2 });
    expect([await existsInTemporal(first.id), await existsInTemporal(id)]).toEqual([false, false]);
  });
});

describe('retention of runs', () => {
  it('a time less than a day ago → refused; runs of today stay', async () => {
    const run = await decidedRun('c_21');
    const quietSince = (ms: number) => ({ quietSince: new Date(Date.now() - ms).toISOString() });
    await expect(stack.holdpoint.remove(quietSince(3_600_000))).rejects.toMatchObject({ code: 'invalid-request' });
    expect(await stack.holdpoint.remove(quietSince(90_000_000))).toMatchObject({ runs: 0 });
    expect(await existsInTemporal(run.id)).toBe(true);
  });
});

async function firstRun(id: string): Promise<{ firstExecutionRunId: string }> {
  const { events } = await stack.client.workflow.getHandle(id).fetchHistory();
  const started = events?.[0]?.workflowExecutionStartedEventAttributes;
  return { firstExecutionRunId: started?.firstExecutionRunId ?? '' };
}

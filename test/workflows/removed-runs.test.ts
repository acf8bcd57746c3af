import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { sqliteUrl } from '@holdpoint/database/url';
import { afterAll, beforeAll, expect, it } from 'vitest';
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

const about = (customer: string) => ({ customer: { id: customer }, note: `${customer}${canary}` });
const sending = (to: string) => [calling(call('send_mail', { to, count: 500 })), answering(`${canary} is done`)];

async function decidedRun(customer: string) {
  const run = await stack.start(sending(`${canary}@example.com`), { context: about(customer) });
  await run.decide(await run.approval(), { decision: 'approve', note: `${customer}${canary}` });
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

/* Temporal's dev server takes 35 s to remove an execution, so one removal shows several facts. */
it('erasure: closed run about the customer, with the run that continues it → gone everywhere; others stay', async () => {
  const first = await decidedRun('c_17');
  const kept = await decidedRun('c_18');
  await stack.stopWorkers();
  const { id } = await stack.holdpoint.runs.create({ continueFrom: first.id, input: 'And more?' });
  stack.script(id, sending('more'));
  await stack.startWorker();
  const continued = stack.attach(id);
  await continued.approval();
  const subject = { field: 'customer.id', value: 'c_17' };
  // The open run holds the first one.
  expect(await stack.holdpoint.remove(subject)).toMatchObject({ runs: 0, rows: {}, open: [id] });
  expect(await existsInTemporal(first.id)).toBe(true);
  await continued.cancel();
  await continued.result().catch(() => undefined);

  expect(await stack.holdpoint.remove({ ...subject, dryRun: true })).toEqual({
    dryRun: true,
    runs: 2,
    rows: {},
    open: [],
    more: false,
  });
  const removed = [await firstRunIdOf(first.id), await firstRunIdOf(id)];
  for (const each of removed) expect(everything()).toContain(each);

  let report = await stack.holdpoint.remove(subject);
  while (report.more) report = await stack.holdpoint.remove(subject);
  expect(report).toMatchObject({
    runs: 2,
    open: [],
    rows: { holdpoint_runs: 2, holdpoint_transcripts: 3, holdpoint_requests: 2, holdpoint_effects: 1 },
  });
  expect([await existsInTemporal(first.id), await existsInTemporal(id)]).toEqual([false, false]);
  for (const each of [...removed, `c_17${canary}`]) expect(everything()).not.toContain(each);
  await expect(stack.holdpoint.runs.get(first.id)).rejects.toMatchObject({ code: 'run-not-found' });
  expect(await stack.holdpoint.runs.get(kept.id)).toMatchObject({ state: 'completed', record: { missing: null } });
}, 180_000);

it('retention: a time less than a day ago → refused; runs of today stay', async () => {
  const run = await decidedRun('c_21');
  const quietSince = (ms: number) => ({ quietSince: new Date(Date.now() - ms).toISOString() });
  await expect(stack.holdpoint.remove(quietSince(3_600_000))).rejects.toMatchObject({ code: 'invalid-request' });
  expect(await stack.holdpoint.remove(quietSince(90_000_000))).toMatchObject({ runs: 0 });
  expect(await existsInTemporal(run.id)).toBe(true);
});

async function firstRunIdOf(id: string): Promise<string> {
  const { events } = await stack.client.workflow.getHandle(id).fetchHistory();
  return events?.[0]?.workflowExecutionStartedEventAttributes?.firstExecutionRunId ?? '';
}

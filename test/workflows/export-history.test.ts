import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { holdpoint } from '../support/holdpoint-command.ts';
import { startRunStack, type RunStack } from '../support/run-stack.ts';
import { call, calling } from '../support/scripted-model.ts';
import { mailTool } from '../support/tools.ts';

let stack: RunStack;
const folder = mkdtempSync(join(tmpdir(), 'holdpoint-history-'));
beforeAll(async () => {
  stack = await startRunStack([mailTool().tool]);
});
afterAll(async () => {
  await stack.stop();
  rmSync(folder, { recursive: true, force: true });
});

it('runs.history of an open and of a closed run → `holdpoint replay` takes both', { timeout: 60_000 }, async () => {
  const run = await stack.start([calling(call('send_mail', { to: 'all', count: 500 }))]);
  const id = await run.approval();
  const files = ['open', 'closed'].map((name) => join(folder, `${name}.json`)) as [string, string];
  writeFileSync(files[0], JSON.stringify(await stack.holdpoint.runs.history(run.id)));
  await run.decide(id, { decision: 'approve' });
  await run.result();
  writeFileSync(files[1], JSON.stringify(await stack.holdpoint.runs.history(run.id)));
  const { stdout } = await holdpoint(['replay', '--json', ...files]);
  expect(JSON.parse(stdout)).toMatchObject({
    ok: true,
    histories: [{ ok: true }, { ok: true, events: (await run.events()).length }],
  });
});

it('runs.history of an unknown run → run-not-found', async () => {
  await expect(stack.holdpoint.runs.history('none')).rejects.toMatchObject({ code: 'run-not-found' });
});

import { mkdtempSync, writeFileSync } from 'node:fs';
import { copyFile, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { replayAll, replayHistory, ReplayMismatch } from '../../src/testing.ts';
import { historyFile } from '../replay/read-histories.ts';

const recorded = fileURLToPath(historyFile('approved'));
let good: string;
let mixed: string;

beforeAll(async () => {
  [good, mixed] = [0, 0].map(() => mkdtempSync(join(tmpdir(), 'holdpoint-histories-'))) as [string, string];
  for (const folder of [good, mixed]) {
    await copyFile(recorded, join(folder, 'b.json'));
    await copyFile(fileURLToPath(historyFile('still-waiting')), join(folder, 'a.json'));
    writeFileSync(join(folder, 'README.md'), 'No history.');
  }
  const text = await readFile(recorded, 'utf8');
  writeFileSync(join(mixed, 'c.json'), text.replace('"name": "requestApproval"', '"name": "somethingElse"'));
});

describe('replayHistory and replayAll', { timeout: 60_000 }, () => {
  it('one history → its result', async () => {
    expect(await replayHistory(recorded)).toMatchObject({ file: recorded, ok: true, problem: null });
  });

  it('folder → each of its histories, in the order of their names', async () => {
    expect((await replayAll(good)).map(({ file, ok }) => ({ file, ok }))).toEqual([
      { file: join(good, 'a.json'), ok: true },
      { file: join(good, 'b.json'), ok: true },
    ]);
  });

  it.each(['refund', 'email-blast'])('example %s: its waiting run replays', async (example) => {
    const folder = fileURLToPath(new URL(`../../examples/${example}/test/histories`, import.meta.url));
    expect(await replayAll(folder)).toHaveLength(1);
  });

  it('history that does not match → error with the file, the event and the reason; all results', async () => {
    const error = (await replayAll(mixed).catch((thrown: unknown) => thrown)) as ReplayMismatch;
    expect(error).toBeInstanceOf(ReplayMismatch);
    expect(error.message).toMatch(
      /^1 of 3 histories do not match the present Workflow code:\n {2}✗ .*c\.json, event \d+ \(EVENT_TYPE_ACTIVITY_TASK_SCHEDULED\): \[TMPRL1100\]/,
    );
    expect(error.results.map(({ ok }) => ok)).toEqual([true, true, false]);
    await expect(replayHistory(join(mixed, 'c.json'))).rejects.toBeInstanceOf(ReplayMismatch);
  });

  it.each([
    ['empty folder', () => mkdtempSync(join(tmpdir(), 'holdpoint-histories-')), /has no histories.*runs history RUN/],
    ['missing folder', () => '/nowhere/histories', /\/nowhere\/histories can't be read: ENOENT/],
  ])('%s → error that says what to do', async (_name, folder, problem) => {
    await expect(replayAll(folder())).rejects.toThrow(problem);
  });
});

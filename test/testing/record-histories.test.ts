import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { TestRun, TestStack } from '../../src/testing/test-stack.ts';
import { recordHistories } from '../../src/testing/record-histories.ts';

const runs: TestRun[] = [
  { id: 'run-1', input: 'Was p0 paid?', hasRandomId: true },
  { id: 'run-2', input: 'Was p0 paid?', hasRandomId: true },
  { id: 'refund/waiting', input: 'Refund p1', hasRandomId: false },
];
const event = { eventId: '1', identity: '4711@machine', failure: { stackTrace: 'at refund.ts:7' } };
const stack = {
  runs: () => runs,
  client: { runs: { history: async () => ({ events: [event] }) } },
} as unknown as Pick<TestStack, 'client' | 'runs'>;
const newFolder = () => join(mkdtempSync(join(tmpdir(), 'holdpoint-histories-')), 'histories');
const outcomes = async (folder: string, options = {}) =>
  (await recordHistories(stack, folder, options)).map(({ outcome }) => outcome);

it('recordHistories: all runs → files named after their id, or else their input, without names of the machine', async () => {
  const folder = newFolder();
  expect(await outcomes(folder)).toEqual(['recorded', 'recorded', 'recorded']);
  expect(readdirSync(folder).toSorted()).toEqual(['refund-waiting.json', 'was-p0-paid-2.json', 'was-p0-paid.json']);
  expect(JSON.parse(readFileSync(join(folder, 'was-p0-paid.json'), 'utf8'))).toEqual({
    events: [{ eventId: '1', identity: 'test', failure: { stackTrace: '' } }],
  });
});

it('recordHistories: existing file → kept, and replaced if wanted', async () => {
  const folder = newFolder();
  await outcomes(folder, { runs: ['run-1'] });
  const file = join(folder, 'was-p0-paid.json');
  writeFileSync(file, 'of an older version');
  expect(await outcomes(folder, { runs: [{ id: 'run-1' }] })).toEqual(['kept']);
  expect(readFileSync(file, 'utf8')).toBe('of an older version');
  expect(await outcomes(folder, { runs: ['run-1'], replace: true })).toEqual(['replaced']);
  expect(readFileSync(file, 'utf8')).toContain('"eventId"');
});

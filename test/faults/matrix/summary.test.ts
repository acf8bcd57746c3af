import { describe, expect, it } from 'vitest';
import { matrixOptions } from './options.ts';
import type { CellRow } from './play-cell.ts';
import { isClean, summaryOf } from './summary.ts';
import { matrixTable } from './table.ts';

const row: CellRow = {
  id: 'worker: SIGKILL, before tool, idempotent',
  step: 'tool',
  side: 'before',
  on: 'worker',
  fault: 'SIGKILL',
  effect: 'idempotent',
  calls: 'together',
  edited: false,
  expires: false,
  lane: 'shared',
  verdict: {},
  recoveryMs: 2100,
  retries: 0,
};

describe('result of the fault matrix', () => {
  it('good cells → counts of 0, the slowest recovery, clean', () => {
    const summary = summaryOf([row, { ...row, recoveryMs: 4000 }, { ...row, recoveryMs: undefined }]);
    expect(summary).toEqual({
      cells: 3,
      lost: 0,
      doubled: 0,
      wrongArguments: 0,
      unapproved: 0,
      stuck: 0,
      invalid: 0,
      worstRecoveryMs: 4000,
    });
    expect(isClean(summary)).toBe(true);
  });

  it.each<[string, readonly CellRow[]]>([
    ['a harmed cell', [row, { ...row, verdict: { stuck: 'no end' } }]],
    ['a cell that was not struck', [row, { ...row, invalid: 'its step did not come' }]],
    ['no cell', []],
  ])('%s → not clean', (_name, rows) => {
    expect(isClean(summaryOf(rows))).toBe(false);
  });

  it('table: one line for each struck part and fault, with its steps', () => {
    const [, , ...lines] = matrixTable([row, { ...row, step: 'record' }, { ...row, lane: 'sqlite' }]).split('\n');
    expect(
      lines.map((line) =>
        line
          .split('|')
          .map((cell) => cell.trim())
          .slice(1, 5),
      ),
    ).toEqual([
      ['worker', 'SIGKILL', 'tool, record', '2'],
      ['worker (SQLite)', 'SIGKILL', 'tool', '1'],
    ]);
  });
});

describe('options of npm run test:faults', () => {
  it('--sample and --seed → whole numbers', () => {
    expect(matrixOptions(['--sample', '20', '--seed', '7'])).toMatchObject({ sample: 20, seed: 7, lanes: 6 });
  });

  it.each([
    [['--seed', 'x'], '--seed x must be a whole number from 1 to 999999999.'],
    [['--write', '--sample', '3'], '--write is for the whole matrix, not with --only or --sample'],
    [['--wrong'], "Unknown option '--wrong'"],
  ])('%j → refused with the reason', (args, reason) => {
    expect(() => matrixOptions(args)).toThrow(reason);
  });
});

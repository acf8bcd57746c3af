import { rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { postgresIsInstalled } from '../../support/postgres.ts';
import { cells, sampleOf } from './cells.ts';
import { runMatrix } from './run-matrix.ts';
import { isClean, summaryOf } from './summary.ts';

/** A sample of `npm run test:faults`, which has the cells on SQLite and those that kill servers, too. */
const seed = 13;
const sample = sampleOf(
  cells.filter(({ lane }) => lane === 'shared'),
  12,
  seed,
);

describe.skipIf(!postgresIsInstalled)('fault matrix', () => {
  it(`sample of ${sample.length} cells, seed ${seed} → nothing lost, doubled, altered, unapproved or stuck`, async () => {
    const { rows, folder } = await runMatrix({ cells: sample, lanes: 2, onProgress: () => undefined });
    const summary = summaryOf(rows);
    const bad = rows.filter(({ verdict, invalid }) => invalid !== undefined || Object.keys(verdict).length > 0);
    expect(bad.map(({ id, verdict, invalid }) => ({ id, verdict, invalid }))).toEqual([]);
    expect(isClean(summary)).toBe(true);
    expect(summary.cells).toBe(sample.length);
    rmSync(folder, { recursive: true, force: true });
  }, 300_000);
});

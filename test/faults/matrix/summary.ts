import { kindsOfHarm, type Harm } from './judge.ts';
import type { CellRow } from './play-cell.ts';

/** The result of the matrix: numbers of cells, and the slowest recovery. */
export type MatrixSummary = { cells: number } & Record<Harm, number> & {
    /** Cells whose step did not come, or whose harness failed. They show nothing. */
    invalid: number;
    worstRecoveryMs: number;
  };

export function summaryOf(rows: readonly CellRow[]): MatrixSummary {
  const harmed = Object.fromEntries(
    kindsOfHarm.map((harm) => [harm, rows.filter(({ verdict }) => verdict[harm] !== undefined).length]),
  ) as Record<Harm, number>;
  return {
    cells: rows.length,
    ...harmed,
    invalid: rows.filter(({ invalid }) => invalid !== undefined).length,
    worstRecoveryMs: Math.max(0, ...rows.map(({ recoveryMs }) => recoveryMs ?? 0)),
  };
}

/** True if every cell was played and none was harmed. */
export function isClean(summary: MatrixSummary): boolean {
  return summary.cells > 0 && summary.invalid === 0 && kindsOfHarm.every((harm) => summary[harm] === 0);
}

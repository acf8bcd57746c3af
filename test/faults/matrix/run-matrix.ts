import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorText } from '@holdpoint/process';
import { startOpenAIStandIn } from '@holdpoint/openai-stand-in';
import { startMailService } from '../../../demo/mail-service.ts';
import { environmentWithoutOurs, processEnvironment } from '../../../src/config/environment.ts';
import { startPostgres } from '../../support/postgres.ts';
import { startOwnTemporal } from '../../support/temporal.ts';
import type { Cell, LaneKind } from './cell.ts';
import { startLane, type Lane, type SharedServers } from './lane.ts';
import { playCell, type CellRow } from './play-cell.ts';

export type MatrixRun = {
  cells: readonly Cell[];
  /** Cells played at once on shared servers. Cells that kill servers, and those on SQLite, have lanes of their own. */
  lanes: number;
  /** Called before and after each cell. */
  onProgress: (progress: Progress) => void;
  /** Ends the run early: no further cell is begun. */
  signal?: AbortSignal;
};

export type Progress = { done: number; total: number; elapsedMs: number; cell: Cell; row?: CellRow };

export type MatrixOutcome = {
  /** In the order of `cells`. */
  rows: CellRow[];
  seconds: number;
  /** State and logs. */
  folder: string;
};

/** Plays the cells on real processes. A failed cell is a row, and the others are still played. */
export async function runMatrix({ cells, lanes, onProgress, signal }: MatrixRun): Promise<MatrixOutcome> {
  const began = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-faults-'));
  const environment = environmentWithoutOurs(processEnvironment());
  const endings: Array<() => Promise<unknown>> = [];
  const rows = new Map<Cell, CellRow>();
  try {
    const postgres = await startPostgres();
    if (!postgres) throw new Error('PostgreSQL is not installed. On Debian: apt-get install postgresql.');
    endings.push(() => postgres.stop());
    const temporal = await startOwnTemporal();
    endings.push(() => temporal.stop());
    const effects = await startMailService(folder, environment);
    endings.push(() => effects.stop());
    const model = await startOpenAIStandIn();
    endings.push(() => model.close());
    const shared: SharedServers = { temporal, postgres, effects, modelUrl: model.url, environment };

    const play = async (kind: LaneKind, number: number, waiting: Iterable<Cell>) => {
      let lane: Lane | undefined;
      try {
        for (const cell of waiting) {
          if (signal?.aborted) break;
          const progress = { total: cells.length, elapsedMs: performance.now() - began, cell };
          onProgress({ ...progress, done: rows.size });
          let row: CellRow;
          try {
            lane ??= await startLane(kind, join(folder, `${kind}-${number}-${rows.size}`), shared);
            row = await playCell({ lane, cell, control: model.control, shared });
          } catch (error) {
            row = { ...cell, verdict: {}, recoveryMs: undefined, retries: 0, invalid: errorText(error) };
          }
          rows.set(cell, row);
          onProgress({ ...progress, elapsedMs: performance.now() - began, done: rows.size, row });
          if (row.invalid !== undefined || row.verdict.stuck !== undefined) {
            // The next cell gets processes that this one did not meet.
            await lane?.stop();
            lane = undefined;
          }
        }
      } finally {
        await lane?.stop();
      }
    };
    const work = (['shared', 'own', 'sqlite'] as const).flatMap((kind) => {
      const own = cells.filter(({ lane }) => lane === kind);
      const waiting = own.values();
      const width = Math.min(own.length, kind === 'shared' ? lanes : 1);
      return Array.from({ length: width }, (_, number) => play(kind, number, waiting));
    });
    const ended = await Promise.allSettled(work);
    const failed = ended.find((end) => end.status === 'rejected');
    if (failed) throw failed.reason;
  } finally {
    for (const ending of endings.toReversed()) await ending();
  }
  return {
    rows: cells.flatMap((cell) => rows.get(cell) ?? []),
    seconds: (performance.now() - began) / 1000,
    folder,
  };
}

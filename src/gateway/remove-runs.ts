import type { RecordedRun, RemovableRuns, RemovedRows, RunExecutions } from './ports.ts';

/** Runs about a field of the context, or without activity since a time (milliseconds since the epoch). */
export type RemovalSearch = { before: number } | { name: string; value: string };

export type RemovalDeps = { removable: RemovableRuns; executions: RunExecutions };

export type RunRemovalReport = {
  dryRun: boolean;
  runs: number;
  rows: RemovedRows;
  /** Open runs about the subject, or that continue a run about it: they stay, and so does the run. 100 at most. */
  open: string[];
  more: boolean;
};

const pageSize = 100;
/** One call removes this many. The caller calls again while there are more. */
const mostInCall = 500;
const mostNamed = 100;

/**
 * Removes closed runs from Temporal and from the database, in this order: a run that could still be reset has its effect
 * ledger. A run goes together with the runs that continue it, if all of them are closed, and old enough.
 */
export async function removeRuns(
  { removable, executions }: RemovalDeps,
  search: RemovalSearch,
  dryRun: boolean,
): Promise<RunRemovalReport> {
  const report: RunRemovalReport = { dryRun, runs: 0, rows: {}, open: [], more: false };
  const done = new Set<string>();
  const isStaying = async (run: RecordedRun) =>
    ('before' in search && run.startedAt >= search.before) || (await executions.isOpen(run));
  for (let last: RecordedRun | undefined; ;) {
    const page =
      'before' in search
        ? await removable.quietSince(search.before, { last, limit: pageSize })
        : await removable.about(search, { last, limit: pageSize });
    last = page.at(-1);
    if (last === undefined) return report;
    const families: RecordedRun[][] = [];
    for (const run of page) {
      if (done.has(run.firstRunId)) continue;
      const family = [run, ...(await removable.continuing(run))].filter(({ firstRunId }) => !done.has(firstRunId));
      const staying = [];
      for (const each of family) if (await isStaying(each)) staying.push(each);
      if (staying.length === 0) {
        for (const { firstRunId } of family) done.add(firstRunId);
        families.push(family);
      } else if ('name' in search)
        for (const { runId } of staying)
          if (report.open.length < mostNamed && !report.open.includes(runId)) report.open.push(runId);
    }
    if (dryRun) report.runs += families.flat().length;
    else await Promise.all(families.map(removeFamily));
    if (!dryRun && report.runs >= mostInCall) return { ...report, more: true };
  }

  // Side by side: Temporal takes half a minute for a removal.
  async function removeFamily(family: readonly RecordedRun[]): Promise<void> {
    const gone = await Promise.all(family.map((run) => executions.remove(run)));
    if (gone.includes('pending')) report.more = true;
    if (gone.some((state) => state !== 'removed')) return;
    addTo(report.rows, await removable.remove(family.map(({ firstRunId }) => firstRunId)));
    report.runs += family.length;
  }
}

function addTo(rows: RemovedRows, more: RemovedRows): void {
  for (const [table, count] of Object.entries(more)) if (count > 0) rows[table] = (rows[table] ?? 0) + count;
}

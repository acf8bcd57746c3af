import { expect, it } from 'vitest';
import { listRecorded } from '../../../src/adapters/temporal/list-recorded.ts';
import { createPageTokens } from '../../../src/adapters/temporal/page-token.ts';
import type { RecordedRuns, RunPosition, RunSearch } from '../../../src/gateway/ports.ts';
import { run } from '../../gateway/fake-runs.ts';

/** Ten recorded runs, r9 the newest. Temporal has those of `standing`. */
function world(standing: readonly string[]) {
  const all: RunPosition[] = Array.from({ length: 10 }, (_, index) => ({
    runId: `r${9 - index}`,
    firstRunId: `f${9 - index}`,
    startedAt: 1000 - index,
  }));
  const searches: RunSearch[] = [];
  const queries: string[] = [];
  const find = async (search: RunSearch) => {
    searches.push(search);
    const rest = all.filter(({ startedAt }) => search.after === null || startedAt < search.after.startedAt);
    return rest.slice(0, search.limit);
  };
  const list = async (query: string) => {
    queries.push(query);
    const asked = standing.filter((id) => query.includes(`'${id}'`));
    return { runs: asked.map((id) => run(id)), next: new Uint8Array() };
  };
  const recorded = { find } as unknown as RecordedRuns;
  return { all, searches, queries, parts: { recorded, list, pageTokens: createPageTokens(['secret']) } };
}

const context = [{ name: 'user', value: 'ana' }];

it('pages → every run once, newest first, though a run starts between two pages', async () => {
  const { all, parts } = world(['r9', 'r8', 'r7', 'r6', 'r5', 'r4', 'r3', 'r2', 'r1', 'r0', 'r10']);
  const seen: string[] = [];
  let pageToken: string | undefined;
  do {
    const page = await listRecorded(parts, { context, limit: 4, ...(pageToken && { pageToken }) });
    seen.push(...page.runs.map(({ id }) => id));
    pageToken = page.nextPageToken ?? undefined;
    all.unshift({ runId: 'r10', firstRunId: 'f10', startedAt: 2000 });
  } while (pageToken !== undefined);
  expect(seen).toEqual(['r9', 'r8', 'r7', 'r6', 'r5', 'r4', 'r3', 'r2', 'r1', 'r0']);
});

it('runs that Temporal lacks or that do not fit → left out, and the page is filled', async () => {
  const { parts, queries, searches } = world(['r8', 'r3', 'r1']);
  const page = await listRecorded(parts, { context, text: 'x', state: 'parked', caller: 'billing', limit: 2 });
  expect(page.runs.map(({ id }) => id)).toEqual(['r8', 'r3']);
  expect(queries[0]).toContain("HoldpointState = 'parked'");
  expect(queries[0]).toContain("WorkflowId IN ('r9', 'r8')");
  expect(searches[0]).toMatchObject({ context, text: 'x', caller: 'billing', after: null });
  const last = await listRecorded(parts, {
    context,
    text: 'x',
    state: 'parked',
    caller: 'billing',
    limit: 2,
    ...(page.nextPageToken && { pageToken: page.nextPageToken }),
  });
  expect([last.runs.map(({ id }) => id), last.nextPageToken]).toEqual([['r1'], null]);
});

it('token of a list with other fields, or no database → refused', async () => {
  const { parts } = world(['r9', 'r8', 'r7']);
  const { nextPageToken } = await listRecorded(parts, { context, limit: 2 });
  const other = listRecorded(parts, { text: 'x', limit: 2, pageToken: nextPageToken as string });
  await expect(other).rejects.toMatchObject({ kind: 'refused', message: expect.stringContaining('page token') });
  const without = listRecorded({ ...parts, recorded: undefined }, { context, limit: 2 });
  await expect(without).rejects.toMatchObject({ message: expect.stringContaining('HOLDPOINT_DATABASE_URL') });
});

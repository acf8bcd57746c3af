import { isJsonObject } from '@holdpoint/json';
import { RunsFailure } from '../../domain/runs-failure.ts';
import type { RecordedRuns, RunFilter, RunPosition } from '../../gateway/ports.ts';
import type { RunSummary } from '../../schemas/rest.ts';
import type { PageTokens } from './page-token.ts';
import { visibilityQuery } from './visibility.ts';

/** Reads one page of Temporal's list. */
export type ListPage = (
  query: string,
  pageSize: number,
  token?: Uint8Array,
) => Promise<{ runs: RunSummary[]; next: Uint8Array }>;

/** Reads of the database for one page. After these the page may be shorter than asked. */
const mostRounds = 10;
const mostExecutions = 1_000;

/**
 * A page of runs found by context or text. The database finds and orders them. Temporal says how each stands, and
 * leaves out those that do not fit the other filters or that it has deleted. Pages are by start, so runs that start or
 * end meanwhile move no other run.
 * @throws RunsFailure `refused` without a database, and for a page token of another list.
 */
export async function listRecorded(
  { recorded, list, pageTokens }: { recorded: RecordedRuns | undefined; list: ListPage; pageTokens: PageTokens },
  {
    limit,
    pageToken,
    context = [],
    text,
    ...filter
  }: { [Name in keyof RunFilter]: RunFilter[Name] | undefined } & {
    limit: number;
  },
): Promise<{ runs: RunSummary[]; nextPageToken: string | null }> {
  if (recorded === undefined)
    throw new RunsFailure(
      'refused',
      'Lists can be filtered by context or text only where the gateway has the database of the workers. Set HOLDPOINT_DATABASE_URL.',
    );
  const known = withoutUndefined(filter);
  const ofList = `${visibilityQuery(known)} ${JSON.stringify([context, text])}`;
  let after = pageToken === undefined ? null : positionIn(pageTokens.read(pageToken, ofList));
  const runs: RunSummary[] = [];
  for (let round = 0; round < mostRounds; round += 1) {
    const wanted = limit - runs.length;
    const found: RunPosition[] = await recorded.find({
      context,
      text,
      assistant: filter.assistant,
      caller: filter.caller,
      since: filter.since?.getTime(),
      until: filter.until?.getTime(),
      after,
      limit: wanted,
    });
    runs.push(...(await standing(found)));
    const last = found.at(-1);
    if (last === undefined || found.length < wanted) return { runs, nextPageToken: null };
    after = { startedAt: last.startedAt, firstRunId: last.firstRunId };
    if (runs.length >= limit) break;
  }
  return { runs, nextPageToken: pageTokens.write(Buffer.from(JSON.stringify(after)), ofList) };

  /** The runs as Temporal has them, in the order of the database. */
  async function standing(found: readonly RunPosition[]): Promise<RunSummary[]> {
    const ids = [...new Set(found.map(({ runId }) => runId))].filter((id) => !/['"`\\]/.test(id));
    if (ids.length === 0) return [];
    const page = await list(visibilityQuery({ ...known, ids }), mostExecutions);
    const byId = new Map(page.runs.toReversed().map((run) => [run.id, run]));
    return ids.flatMap((id) => byId.get(id) ?? []);
  }
}

function withoutUndefined(filter: object): Parameters<typeof visibilityQuery>[0] {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
}

/** The position that `listRecorded` wrote. */
function positionIn(token: Uint8Array): { startedAt: number; firstRunId: string } {
  const position: unknown = JSON.parse(Buffer.from(token).toString());
  const { startedAt, firstRunId } = isJsonObject(position) ? position : {};
  if (typeof startedAt !== 'number' || typeof firstRunId !== 'string')
    throw new RunsFailure('refused', 'This page token is not from this list. Leave it out to get the first page.');
  return { startedAt, firstRunId };
}

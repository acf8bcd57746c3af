import type { Kysely, Selectable } from 'kysely';
import { callKey } from '../../domain/call-key.ts';
import type {
  CallEvent,
  CallRecord,
  RecordedRequest,
  RecordedStart,
  RecordedTranscript,
  RunRecordRows,
  TokenUsage,
  TurnRecord,
} from '../../domain/run-record.ts';
import { callItems } from '../../domain/transcript-items.ts';
import type { RecordedRuns } from '../../gateway/ports.ts';
import type { TranscriptEntry } from '../../activities/ports.ts';
import { findRuns } from './find-runs.ts';
import type { Tables } from './tables.ts';
import { usageByGroup, usageOfRun } from './usage.ts';

/** SQLite and PostgreSQL take many more parameters in a statement. */
const keysAtOnce = 500;

const turnColumns = [
  'id',
  'run_id',
  'first_run_id',
  'turn',
  'attempt',
  'assistant',
  'api',
  'model',
  'started_at',
  'ended_at',
  'input_tokens',
  'cached_input_tokens',
  'output_tokens',
  'reasoning_tokens',
  'currency',
  'outcome',
] as const;

/** Reads what runs did. */
export function createRecordedRuns(database: Kysely<Tables>): RecordedRuns {
  /** The numbers of the newest turns below `before`, ascending. */
  async function newestTurns(firstRunId: string, before: number | undefined, limit: number): Promise<number[]> {
    const numbers = (table: 'holdpoint_run_turns' | 'holdpoint_transcripts') =>
      database
        .selectFrom(table)
        .select('turn')
        .distinct()
        .where('first_run_id', '=', firstRunId)
        .$if(before !== undefined, (query) => query.where('turn', '<', before!))
        .orderBy('turn', 'desc')
        .limit(limit)
        .execute();
    const rows = await Promise.all([numbers('holdpoint_run_turns'), numbers('holdpoint_transcripts')]);
    return [...new Set(rows.flat().map(({ turn }) => turn))].toSorted((a, b) => a - b).slice(-limit);
  }

  async function turnsBefore(firstRunId: string, first: number): Promise<number> {
    const rows = await database
      .selectFrom('holdpoint_transcripts')
      .select((row) => row.fn.count<number | string>('turn').distinct().as('count'))
      .where('first_run_id', '=', firstRunId)
      .where('turn', '<', first)
      .executeTakeFirst();
    return Number(rows?.count ?? 0);
  }

  async function byKeys<Row>(keys: readonly string[], read: (some: string[]) => Promise<Row[]>): Promise<Row[]> {
    const rows: Row[] = [];
    for (let from = 0; from < keys.length; from += keysAtOnce)
      rows.push(...(await read(keys.slice(from, from + keysAtOnce))));
    return rows;
  }

  return {
    find: (query) => findRuns(database, query),
    usageOf: (firstRunId) => usageOfRun(database, firstRunId),
    usage: (query) => usageByGroup(database, query),

    async read(firstRunId, { limit, before }) {
      const numbers = await newestTurns(firstRunId, before, limit);
      const [first, last] = [numbers[0], numbers.at(-1)];
      if (first === undefined || last === undefined) {
        const calls = before === undefined ? await callsOf(database, firstRunId, undefined) : [];
        return await withCalls({ numbers, turns: [], transcripts: [], calls, earlierTurns: 0 });
      }
      const turns = await database
        .selectFrom('holdpoint_run_turns')
        .select(turnColumns)
        // It can be too large for a number.
        .select((row) => row.cast<string | null>('cost_pico', 'text').as('cost'))
        .where('first_run_id', '=', firstRunId)
        .where('turn', '>=', first)
        .where('turn', '<=', last)
        .orderBy('turn')
        .orderBy('ended_at')
        .execute();
      // The entry after the last turn has the outputs of its calls.
      const entries = await database
        .selectFrom('holdpoint_transcripts')
        .select('entry')
        .where('first_run_id', '=', firstRunId)
        .where('turn', '>=', first)
        .where('turn', '<=', last + 1)
        .orderBy('turn')
        .execute();
      const records = turns.map(toTurn);
      const transcripts = entries.map(({ entry }) => toTranscript(JSON.parse(entry) as TranscriptEntry));
      const keys = keysOf(firstRunId, records, transcripts);
      return await withCalls(
        {
          numbers,
          turns: records,
          transcripts,
          calls: await byKeys(keys, (some) => callsOf(database, firstRunId, some)),
          earlierTurns: await turnsBefore(firstRunId, first),
        },
        keys,
      );
    },
  };

  async function withCalls(
    rows: Omit<RunRecordRows, 'requests' | 'starts'>,
    keys: readonly string[] = [...new Set(rows.calls.map((call) => call.callKey))],
  ): Promise<RunRecordRows> {
    const requests = await byKeys(keys, (some) =>
      database
        .selectFrom('holdpoint_requests')
        .select(['call_key', 'number', 'kind', 'request', 'opened_at', 'request_id'])
        .where('call_key', 'in', some)
        .orderBy('number')
        .execute(),
    );
    const starts = await byKeys(keys, (some) =>
      database
        .selectFrom('holdpoint_effects')
        .select(['call_key', 'start_number', 'worker', 'attempt_at', 'attempts', 'state', 'closed_at'])
        .where('call_key', 'in', some)
        .orderBy('start_number')
        .execute(),
    );
    return { ...rows, requests: requests.map(toRequest), starts: starts.map(toStart) };
  }
}

/** Keys of all calls that the turns asked for. */
function keysOf(
  firstRunId: string,
  turns: readonly TurnRecord[],
  transcripts: readonly RecordedTranscript[],
): string[] {
  const recorded = turns.flatMap(({ turn, outcome }) =>
    outcome.type === 'calls' ? outcome.calls.map(({ callId }, position) => ({ turn, position, callId })) : [],
  );
  const saved = transcripts.flatMap(({ turn, received }) =>
    callItems(received).map(({ callId }, position) => ({ turn, position, callId })),
  );
  return [...new Set([...recorded, ...saved].map((parts) => callKey({ firstRunId, ...parts })))];
}

async function callsOf(
  database: Kysely<Tables>,
  firstRunId: string,
  keys: readonly string[] | undefined,
): Promise<CallRecord[]> {
  const rows = await database
    .selectFrom('holdpoint_run_calls')
    .selectAll()
    .where('first_run_id', '=', firstRunId)
    .$if(keys !== undefined, (query) => query.where('call_key', 'in', keys!))
    .orderBy('at')
    .orderBy('id')
    .limit(10_000)
    .execute();
  return rows.map(({ id, run_id, first_run_id, call_key, at, event }) => ({
    id,
    runId: run_id,
    firstRunId: first_run_id,
    callKey: call_key,
    at: Number(at),
    event: JSON.parse(event) as CallEvent,
  }));
}

function toTurn(
  row: Pick<Selectable<Tables['holdpoint_run_turns']>, (typeof turnColumns)[number]> & { cost: string | null },
): TurnRecord {
  return {
    id: row.id,
    runId: row.run_id,
    firstRunId: row.first_run_id,
    turn: row.turn,
    attempt: row.attempt,
    assistant: row.assistant,
    api: row.api,
    model: row.model,
    startedAt: Number(row.started_at),
    endedAt: Number(row.ended_at),
    usage: usageOf(row),
    cost: row.cost === null || row.currency === null ? null : { pico: BigInt(row.cost), currency: row.currency },
    outcome: JSON.parse(row.outcome) as TurnRecord['outcome'],
  };
}

type Counts = Pick<
  Selectable<Tables['holdpoint_run_turns']>,
  'input_tokens' | 'cached_input_tokens' | 'output_tokens' | 'reasoning_tokens'
>;

function usageOf(row: Counts): TokenUsage | null {
  const usage = {
    input: countOf(row.input_tokens),
    cachedInput: countOf(row.cached_input_tokens),
    output: countOf(row.output_tokens),
    reasoning: countOf(row.reasoning_tokens),
  };
  return Object.values(usage).every((count) => count === null) ? null : usage;
}

function countOf(count: number | string | null): number | null {
  return count === null ? null : Number(count);
}

function toTranscript({ id, turn, assistant, surface, sent, received, words }: TranscriptEntry): RecordedTranscript {
  return { id, turn, assistant, api: surface, sent, received, words };
}

type RequestColumns = 'call_key' | 'number' | 'kind' | 'request' | 'opened_at' | 'request_id';

function toRequest(row: Pick<Selectable<Tables['holdpoint_requests']>, RequestColumns>): RecordedRequest {
  const { summary } = JSON.parse(row.request) as { summary?: unknown };
  return {
    callKey: row.call_key,
    number: row.number,
    kind: row.kind,
    summary: typeof summary === 'string' ? summary : '',
    openedAt: Number(row.opened_at),
    id: row.request_id,
  };
}

type StartColumns = 'call_key' | 'start_number' | 'worker' | 'attempt_at' | 'attempts' | 'state' | 'closed_at';

function toStart(row: Pick<Selectable<Tables['holdpoint_effects']>, StartColumns>): RecordedStart {
  return {
    callKey: row.call_key,
    start: row.start_number,
    worker: row.worker,
    at: Number(row.attempt_at),
    attempts: row.attempts,
    state: row.state,
    closedAt: row.closed_at === null ? null : Number(row.closed_at),
  };
}

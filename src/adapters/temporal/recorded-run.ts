import type { Json } from '@holdpoint/json';
import { callKey, parseCallKey, type CallKey } from '../../domain/call-key.ts';
import { resultOutput } from '../../domain/outputs.ts';
import type { Payload } from '../../domain/payload.ts';
import type {
  CallEvent,
  RecordedDecision,
  RecordedPlan,
  RunRecordRows,
  TurnRecord,
  UsageTotals,
} from '../../domain/run-record.ts';
import { callItems, messageTexts, outputItems } from '../../domain/transcript-items.ts';
import { noUsage, toCost, toUsage } from '../../schemas/to-usage.ts';
import type { RunRecord } from '../../schemas/rest.ts';

type Turn = RunRecord['turns'][number];
type Call = Turn['calls'][number];
type Decided = Call['decisions'][number];
type Settled = Extract<CallEvent, { type: 'settled' }>;
/** A call of a turn. `plan` is null for a turn that has a transcript only. */
type Asked = { key: CallKey; callId: string; tool: string; arguments: Json; plan: RecordedPlan['plan'] | null };

type Reading = {
  /** Null without a database. */
  rows: RunRecordRows | null;
  totals: UsageTotals | null;
  temporalUrl: string | null;
  firstRunId: string;
  isApproval: boolean;
  /** Reads a stored value of the run. Undefined if it can't be read. */
  readValue: (digest: string) => Promise<string | undefined>;
};

const noDatabase =
  'The gateway has no database, so it does not know the turns of the run. Set HOLDPOINT_DATABASE_URL to the database of the workers.';
const olderTurns =
  'Times, models, tokens and decisions of some turns are missing: an older version of Holdpoint ran them.';

/** What a run did, from the rows in Holdpoint's database. */
export async function toRunRecord({
  temporalUrl,
  rows,
  totals,
  firstRunId,
  isApproval,
  readValue,
}: Reading): Promise<RunRecord> {
  const usage = toUsage(totals ?? noUsage);
  if (rows === null) return { turns: [], earlierTurns: 0, approval: null, usage, temporalUrl, missing: noDatabase };
  const { earlierTurns } = rows;
  if (isApproval) return { turns: [], earlierTurns, approval: await approvalOf(), usage, temporalUrl, missing: null };
  const turns = await Promise.all(rows.numbers.map((number) => turnOf(number, rows)));
  const missing = turns.some(({ startedAt }) => startedAt === null) ? olderTurns : null;
  return { turns, earlierTurns, approval: null, usage, temporalUrl, missing };

  async function turnOf(number: number, { turns: recorded, transcripts }: RunRecordRows): Promise<Turn> {
    const answers = recorded.filter(({ turn }) => turn === number);
    const newest = answers.at(-1);
    const entries = transcripts.filter(({ turn }) => turn === number);
    const entry = entries.find(({ id }) => id === newest?.id) ?? entries.at(-1);
    const answer = newest?.outcome.type === 'answer' ? newest.outcome : undefined;
    const asked = newest ? await planned(newest) : saved(number, entry?.received ?? []);
    const said = messageTexts(entry?.received ?? []).join('\n\n');
    return {
      turn: number,
      api: newest?.api ?? entry?.api ?? 'responses',
      model: newest?.model ?? null,
      startedAt: newest ? iso(newest.startedAt) : null,
      endedAt: newest ? iso(newest.endedAt) : null,
      attempt: newest?.attempt ?? null,
      answers: Math.max(answers.length, 1),
      usage: newest?.usage ?? null,
      cost: newest?.cost ? toCost(newest.cost) : null,
      messages: messageTexts(entry?.sent ?? []),
      words: asked.length > 0 ? (entry?.words ?? null) : null,
      answer: answer ? ((await value(answer.output)) ?? null) : newest || asked.length > 0 || said === '' ? null : said,
      refused: answer?.refused ?? false,
      calls: await Promise.all(asked.map((each) => callOf(each, outputsAfter(number)))),
    };
  }

  async function planned({ turn, outcome }: TurnRecord): Promise<Asked[]> {
    if (outcome.type === 'answer') return [];
    return await Promise.all(
      outcome.calls.map(async ({ callId, tool, arguments: payload, plan }, position) => ({
        key: callKey({ firstRunId, turn, position, callId }),
        callId,
        tool,
        arguments: (await value(payload)) ?? null,
        plan,
      })),
    );
  }

  function saved(turn: number, received: readonly Json[]): Asked[] {
    return callItems(received).map(({ callId, name, arguments: written }, position) => ({
      key: callKey({ firstRunId, turn, position, callId }),
      callId,
      tool: name,
      arguments: parsed(written),
      plan: null,
    }));
  }

  /** The outputs that the next turn gave the model, by call id. */
  function outputsAfter(turn: number): Map<string, string> {
    const next = rows?.transcripts.filter((entry) => entry.turn === turn + 1).at(-1);
    return new Map(outputItems(next?.sent ?? []).map(({ callId, output }) => [callId, output]));
  }

  async function callOf(
    { key, callId, tool, arguments: args, plan }: Asked,
    given: Map<string, string>,
  ): Promise<Call> {
    const events = rows?.calls.filter((each) => each.callKey === key) ?? [];
    const end = events.findLast(({ event }) => event.type === 'settled');
    const settled = end?.event as Settled | undefined;
    const starts = (rows?.starts ?? []).filter((start) => start.callKey === key && start.attempts > 0);
    const start = starts.at(-1);
    const output = settled
      ? await value(settled.output)
      : plan?.type === 'answer'
        ? await value(plan.output)
        : undefined;
    return {
      key,
      callId,
      tool,
      arguments: args,
      plan: plan?.type ?? null,
      requests: (rows?.requests ?? [])
        .filter((request) => request.callKey === key)
        .map(({ number, kind, id, summary, openedAt }) => ({
          request: number,
          kind,
          id,
          summary,
          requestedAt: iso(openedAt),
        })),
      decisions: events.flatMap(({ event }) => decided(event)),
      ranWith: settled?.arguments ? ((await value(settled.arguments)) ?? null) : null,
      attempts: starts.reduce((sum, { attempts }) => sum + attempts, 0),
      startedAt: start ? iso(start.at) : null,
      worker: start?.worker ?? null,
      settledAs: settled?.as ?? (plan?.type === 'answer' ? 'answered' : null),
      settledAt: settled ? iso(settled.obtainedAt) : null,
      output: output === undefined ? (given.get(callId) ?? null) : resultOutput(output),
    };
  }

  /** The one call of a standalone approval. Its output is sealed for the gateway. The decision says what it holds. */
  async function approvalOf(): Promise<Call | null> {
    const newest = rows?.calls.at(-1);
    const parts = newest && parseCallKey(newest.callKey);
    if (newest?.event.type !== 'settled' || !parts) return null;
    const asked = { key: newest.callKey, callId: parts.callId, tool: newest.event.tool, arguments: null, plan: null };
    return { ...(await callOf(asked, new Map())), output: null };
  }

  async function value(payload: Payload): Promise<Json | undefined> {
    if (payload.type === 'inline') return payload.value;
    const text = await readValue(payload.digest);
    return text === undefined ? undefined : (JSON.parse(text) as Json);
  }
}

function decided(event: CallEvent): Decided[] {
  if (event.decision === undefined) return [];
  const { request, requestId, decision, reviewer, rule, note, edit, removed }: RecordedDecision = event.decision;
  return [
    {
      request,
      requestId,
      decision,
      reviewer,
      rule,
      note,
      edit,
      removed: [...removed],
      reviewedAgain:
        event.type === 'reviewed-again' ? (event.because ?? 'The decision no longer fits the call.') : null,
    },
  ];
}

/** Arguments as the model wrote them: their JSON, else the text. */
function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

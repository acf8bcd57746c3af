import type { Json, JsonObject } from '@holdpoint/json';
import type { CallKey } from './call-key.ts';
import type { Decision } from './decision.ts';
import type { Payload } from './payload.ts';
import type { CallPlan, SettledAs } from './tool-call.ts';

/** Tokens of one turn as the model server reported them. A number that it did not report is null. */
export type TokenUsage = {
  /** All input tokens, the cached ones included. */
  input: number | null;
  cachedInput: number | null;
  /** All output tokens, those of reasoning included. */
  output: number | null;
  reasoning: number | null;
};

/** An amount of money. `pico`: in 10⁻¹² of the currency. */
export type Cost = { pico: bigint; currency: string };

/** Tokens and cost of several turns. A sum is null where no turn reported the number. */
export type UsageTotals = TokenUsage & {
  turns: number;
  turnsWithoutTokens: number;
  costs: Cost[];
  turnsWithoutCost: number;
};

/** A run as its first Activity saw it. Times are milliseconds since the epoch. */
export type RunBegin = {
  runId: string;
  firstRunId: string;
  assistant: string;
  /** Null if no gateway started the run. */
  caller: string | null;
  /** First words of the input. */
  summary: string;
  startedAt: number;
  context: Json;
};

/** One answer of the model. A turn that was taken twice has two, and the newest counts. */
export type TurnRecord = {
  /** Id of its transcript entry. */
  id: string;
  runId: string;
  firstRunId: string;
  turn: number;
  attempt: number;
  assistant: string;
  api: 'responses' | 'assistants';
  /** Null for an assistant that names none. */
  model: string | null;
  startedAt: number;
  endedAt: number;
  /** Null if the server reported no usage. */
  usage: TokenUsage | null;
  /** Null without a price for the model, and where tokens are missing. */
  cost: Cost | null;
  outcome: { type: 'answer'; output: Payload; refused?: true } | { type: 'calls'; calls: RecordedPlan[] };
};

/** A call as the turn planned it. */
export type RecordedPlan = { callId: string; tool: string; arguments: Payload; plan: CallPlan };

/** An event of one call. A call that was settled twice, after a reset, has two, and the newest counts. */
export type CallRecord = {
  id: string;
  runId: string;
  firstRunId: string;
  callKey: CallKey;
  at: number;
  event: CallEvent;
};

export type CallEvent =
  | {
      type: 'settled';
      tool: string;
      as: SettledAs;
      output: Payload;
      obtainedAt: number;
      decision?: RecordedDecision;
      /** The arguments that ran, if a reviewer changed them. */
      arguments?: Payload;
    }
  /** The decision was not acted on: a person decides again. */
  | { type: 'reviewed-again'; because: string | null; decision: RecordedDecision };

/** A decision as it was read at the review service. */
export type RecordedDecision = {
  decision: Decision;
  /** Number of the request. Null if it is not known. */
  request: number | null;
  /** Id of the request at the review service. */
  requestId: string | null;
  /** Name of the reviewer. Null if a rule or the system decided, and at hosted Cheqpoint. */
  reviewer: string | null;
  /** Name of the rule. */
  rule: string | null;
  note: string | null;
  /** The reviewer's edit. */
  edit: JsonObject | null;
  removed: readonly string[];
};

/** All rows about a part of a run, as Holdpoint's database has them. */
export type RunRecordRows = {
  /** The turns of this part, ascending. */
  numbers: number[];
  /** Ascending by turn, then by time. */
  turns: TurnRecord[];
  /** Of these turns and the next one. Runs of releases before the records have these alone. */
  transcripts: RecordedTranscript[];
  /** Ascending by time. */
  calls: CallRecord[];
  requests: RecordedRequest[];
  starts: RecordedStart[];
  /** Number of turns before these. */
  earlierTurns: number;
};

/** The part of a transcript entry that a record shows. */
export type RecordedTranscript = {
  id: string;
  turn: number;
  assistant: string;
  api: TurnRecord['api'];
  sent: Json[];
  received: Json[];
  words: string | null;
};

/** A request that was made for a call. `id` is null if its reply was lost or the decision came at once. */
export type RecordedRequest = {
  callKey: CallKey;
  number: number;
  kind: 'call' | 'outcome';
  summary: string;
  openedAt: number;
  id: string | null;
};

/** One start of a tool, with its attempts. */
export type RecordedStart = {
  callKey: CallKey;
  start: number;
  worker: string;
  at: number;
  attempts: number;
  state: string;
  closedAt: number | null;
};

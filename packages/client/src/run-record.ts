import type { CallDecision, SettledAs } from './call.ts';
import type { Json } from './json.ts';

/* What a run did, as the gateway gives it. Times are ISO 8601 in UTC. */

/** Turns and calls of a run, from Holdpoint's database. It stays after the end of the run. */
export type RunRecord = {
  /** Oldest first: the newest 50 turns, or those before `turnsBefore`. */
  turns: RecordedTurn[];
  /** Number of turns before these. */
  earlierTurns: number;
  /** The call of a standalone approval, once it has ended. */
  approval: RecordedCall | null;
  /** Tokens and cost of all turns. */
  usage: Usage;
  /** Address of the run in Temporal's Web UI. Null if the gateway does not know it. */
  temporalUrl: string | null;
  /** Why parts are missing, in a sentence. Null if none are. */
  missing: string | null;
};

/** Tokens and cost of several turns. An answer that was lost counts too. */
export type Usage = TokenUsage & {
  /** Answers of the model. */
  turns: number;
  /** Turns whose server reported no tokens. The sums lack them. */
  turnsWithoutTokens: number;
  /** By currency. Empty without prices in the config. */
  costs: Cost[];
  /** Turns without a price for their model, or without tokens. The costs lack them. */
  turnsWithoutCost: number;
};

/** An exact amount, such as `{ amount: '0.01425', currency: 'USD' }`. */
export type Cost = { amount: string; currency: string };

/** The query of `GET /v1/usage`. Times are of the model's answers. */
export type ReadUsage = {
  /**
   * One group for each of these.
   * @default 'assistant'
   */
  by?: 'run' | 'assistant' | 'caller' | 'model' | undefined;
  /** Only answers since this time. ISO 8601 with an offset. */
  since?: string | undefined;
  /** Only answers before this time. */
  until?: string | undefined;
  assistant?: string | undefined;
  caller?: string | undefined;
  /**
   * Groups at most, those with the most tokens first.
   * @default 100
   */
  limit?: number | undefined;
};

/** The answer of `GET /v1/usage`. */
export type UsageReport = {
  total: Usage;
  /** `name` is null where it is not known. */
  groups: Array<{ name: string | null; usage: Usage }>;
  /** Groups that `limit` left out. The total has them. */
  moreGroups: number;
};

/** One turn: a round trip with the model, and the calls that it asked for. */
export type RecordedTurn = {
  turn: number;
  api: 'responses' | 'assistants';
  /** The model as its server names it, else as the config does. Null if it is not known. */
  model: string | null;
  /** Null for a turn of a release before the records. */
  startedAt: string | null;
  endedAt: string | null;
  /** The attempt whose answer counts. */
  attempt: number | null;
  /** Answers of the model for this turn. More than one if an answer was lost or the run was reset. */
  answers: number;
  /** Null if the server reported no tokens, or the turn is of a release before the records. */
  usage: TokenUsage | null;
  /** Null without a price for the model, and without tokens. */
  cost: Cost | null;
  /** The user's messages that the model got. */
  messages: string[];
  /** The model's text beside its calls. */
  words: string | null;
  /** The model's answer. Null if it asked for calls. */
  answer: Json;
  /** True if the model declined to answer. */
  refused: boolean;
  calls: RecordedCall[];
};

/** Tokens of the model. A number that the server did not report is null. */
export type TokenUsage = {
  /** All input tokens, the cached ones included. */
  input: number | null;
  cachedInput: number | null;
  /** All output tokens, those of reasoning included. */
  output: number | null;
  reasoning: number | null;
};

/** One tool call, from the model's request to its output. */
export type RecordedCall = {
  key: string;
  callId: string;
  tool: string;
  /** Arguments from the model. */
  arguments: Json;
  /** `review`: a person had to decide. `answer`: the model got an output at once. Null if it is not known. */
  plan: 'execute' | 'review' | 'answer' | null;
  requests: RecordedRequest[];
  /** All decisions, oldest first. The last one counts. */
  decisions: RecordedDecision[];
  /** The arguments that ran, if a reviewer changed them. Else null. */
  ranWith: Json;
  /** Starts of the tool and repeated attempts. 0 if it was not started. */
  attempts: number;
  /** Start of the newest attempt. */
  startedAt: string | null;
  /** Worker of the newest attempt. */
  worker: string | null;
  /** Null while the call is open, and where the end is not known. */
  settledAs: SettledAs | null;
  settledAt: string | null;
  /** The output that the model got. Null while the call is open. */
  output: string | null;
};

/** A numbered request for a decision. */
export type RecordedRequest = {
  request: number;
  kind: 'call' | 'outcome';
  /** Id at the review service. */
  id: string | null;
  summary: string;
  requestedAt: string;
};

/** A decision on a request, with the person or rule that made it. */
export type RecordedDecision = {
  request: number | null;
  requestId: string | null;
  decision: CallDecision;
  /** Name of the reviewer. Null if no person decided, and at hosted Cheqpoint. */
  reviewer: string | null;
  rule: string | null;
  note: string | null;
  /** The reviewer's edit of the arguments. */
  edit: Json;
  /** Arguments that the reviewer removed. */
  removed: string[];
  /** Why the decision was not acted on, and a person had to decide again. */
  reviewedAgain: string | null;
};

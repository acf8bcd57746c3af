import type { DecisionHint } from '../domain/decision.ts';
import type { StandaloneApproval } from '../domain/standalone-approval.ts';
import type { Json, JsonObject } from '@holdpoint/json';
import type { WhenWaiting } from '../domain/user-message.ts';
import type { RunState } from '../domain/run.ts';
import type { Run, RunSummary } from '../schemas/rest.ts';

/* What the gateway needs from the world. Adapters implement these; tests pass fakes. */

/** Where runs are kept: Temporal. Every method is bounded in time. @throws RunsFailure. */
export interface RunsPort {
  /**
   * Starts a run. `exists`: the same request was started before under this id. `taken`: another one was. `too-large`:
   * the input is above what the history takes, and there is no database for it.
   */
  create(run: NewRun): Promise<'started' | 'exists' | 'taken' | 'too-large'>;
  /** The run as it is now; undefined when there is none of that id. */
  get(id: string): Promise<Run | undefined>;
  /** A page of runs, newest first; may lag by seconds. */
  list(filter: RunFilter): Promise<{ runs: RunSummary[]; nextPageToken: string | null }>;
  /**
   * Yields whenever something happened in the run, at least once; ends when it is closed or the signal aborts.
   * Holds one long poll at Temporal.
   */
  changes(id: string, signal: AbortSignal): AsyncIterable<void>;
  /** Asks the run to stop; `closed` when there is no such run. Temporal takes the order for a closed run too, without effect. */
  cancel(id: string): Promise<'ordered' | 'closed'>;
  /** Tells a parked run to go on; `closed` also when there is no such run. */
  retry(id: string): Promise<'ordered' | 'closed'>;
  /**
   * Says something to an open run; durable when `sent`. `exists`: the same was said before under this id. `taken`: something
   * else was. `too-many` wait there already. `too-large`: there is no database for it. `not-found`: no run, or one
   * without a conversation.
   */
  send(
    id: string,
    message: NewMessage,
  ): Promise<'sent' | 'exists' | 'taken' | 'too-many' | 'too-large' | 'closed' | 'not-found'>;
  /** Tells a run that a decision may be there; durable when `delivered`. `closed` also when there is no such run. */
  signalDecided(id: string, hint: DecisionHint): Promise<'delivered' | 'closed'>;
  /** Resolves when Temporal answers. */
  health(): Promise<void>;
}

export type NewRun = {
  id: string;
  assistant: string;
  input: string;
  context?: Json;
  /** The run whose conversation it goes on with. */
  continueFrom?: string;
  maxTurns?: number;
  /** A standalone approval; `input` is its summary then. */
  approval?: StandaloneApproval & { details: JsonObject };
  /** Tells two requests under one id apart. */
  inputDigest: string;
};

/** `id` names the message; `digest` tells two messages under one id apart. */
export type NewMessage = { id: string; digest: string; text: string; whenWaiting: WhenWaiting };

export type RunFilter = {
  state?: RunState;
  assistant?: string;
  /** Only open runs that wait for a person. */
  waiting?: true;
  /** Only open runs that wait for this approval. */
  approvalId?: string;
  limit: number;
  pageToken?: string;
};

/** What a callback's address says once its token is verified. */
export type CallbackAddress = { workflowId: string; callKey: string; request: number };

export interface CallbackTokens {
  /** What the token was made for; undefined for a token that was not made with one of our secrets. */
  verify(token: string): CallbackAddress | undefined;
}

/** What OpenAI's webhooks need: somebody to open them, and a place for their news. */
export interface OpenAIWebhooks {
  /** Opens a delivery by its signature over the exact body; `refused` says why not. `responseId` is null for other events. */
  open(
    body: Uint8Array,
    headers: Headers,
  ): Promise<{ webhookId: string; type: string; responseId: string | null } | { refused: string }>;
  /** Keeps, durably, that there is news of a response; `known` when this delivery was kept before. */
  record(delivery: { webhookId: string; responseId: string; at: number }): Promise<'recorded' | 'known'>;
}

/** One line per event, with names and numbers only: never a key, a token, an input or an output. */
export interface GatewayLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

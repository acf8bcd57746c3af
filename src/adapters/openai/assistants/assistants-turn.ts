import type { OpenAI } from 'openai';
import type { Transcripts, TurnRequest } from '../../../activities/ports.ts';
import type { ConversationRef } from '../../../domain/conversation.ts';
import type { JsonObject } from '@holdpoint/json';
import { ModelFailure } from '../../../domain/model-failure.ts';
import { readWithout } from '../refused-settings.ts';
import type { Droppable } from '../refused-settings.ts';
import type { PollIntervals } from '../responses/poll-intervals.ts';
import type { SurfaceLog } from '../surface-log.ts';
import type { KnownAssistants } from './known-assistants.ts';

export type AssistantRun = OpenAI.Beta.Threads.Run;

/** One round trip to the model: its request, state and dependencies. */
export type AssistantsTurn = {
  client: OpenAI;
  apiKey: string;
  transcripts: Transcripts;
  assistants: KnownAssistants;
  log: SurfaceLog;
  now: () => number;
  intervals: PollIntervals;
  request: TurnRequest;
  /** The state after the previous turn. Null at the start of a conversation. */
  state: AssistantsState | null;
  /** Fields that the server refused in this run. The turn adds to it. */
  without: Set<Droppable>;
};

/** The place of a carried outcome's output in the transcript. It answers the model's first repeat of the call. */
export type CarriedRef = {
  /** Digest of tool name and arguments. */
  digest: string;
  /** The transcript entry whose `carried_outcomes` contains it, at `position`. */
  entry: string;
  position: number;
};

/** The content of `ConversationRef.surface` for the Assistants API. */
export type AssistantsState = {
  threadId: string;
  /** The assistant's option `thread` named the thread. */
  given: boolean;
  /** The run that asked for the open calls, or gave the answer. */
  runId: string;
  /** The newest message of that run that a turn has read. */
  lastMessageId: string | null;
  carried: CarriedRef[];
  /** Fields of the request that the server refused. */
  without?: Droppable[];
};

/**
 * Reads the state after the previous turn. @throws ModelFailure `ConversationLost` for a conversation of another API.
 */
export function assistantsState(conversation: ConversationRef | null): AssistantsState | null {
  if (conversation === null) return null;
  const { threadId, given, runId, lastMessageId, carried, without } = conversation.surface;
  if (typeof threadId !== 'string' || typeof runId !== 'string') {
    throw new ModelFailure(
      'ConversationLost',
      "The conversation used another API, and the Assistants API can't continue it. Set the assistant's api back, or start a new run.",
    );
  }
  return {
    threadId,
    given: given === true,
    runId,
    lastMessageId: typeof lastMessageId === 'string' ? lastMessageId : null,
    carried: (carried ?? []) as CarriedRef[],
    ...(Array.isArray(without) && { without: [...readWithout(without)] }),
  };
}

/** Default waits between polls of a run. */
export const runIntervals: PollIntervals = { firstMs: 250, longestMs: 5_000 };

/** OpenAI's limit for a value of `metadata` (OpenAPI specification, `Metadata`). */
const longestMetadata = 512;

/** Metadata that marks the run and the message of a turn, so an attempt after a lost reply finds them. */
export function turnMetadata({ runId, firstRunId, turn }: TurnRequest): { [key: string]: string } {
  return {
    holdpoint_run: runId.slice(0, longestMetadata),
    holdpoint_first_run: firstRunId,
    holdpoint_turn: String(turn),
  };
}

/** True if a run or message was created for this turn. */
export function isOfThisTurn({ firstRunId, turn }: TurnRequest, { metadata }: { metadata: unknown }): boolean {
  const found = metadata as JsonObject | null | undefined;
  return found?.['holdpoint_first_run'] === firstRunId && found['holdpoint_turn'] === String(turn);
}

/** True if a run at OpenAI was created for any turn of this Holdpoint run. */
export function isOfThisRun({ firstRunId }: TurnRequest, { metadata }: { metadata: unknown }): boolean {
  return (metadata as JsonObject | null | undefined)?.['holdpoint_first_run'] === firstRunId;
}

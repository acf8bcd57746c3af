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

/** One round trip, with all that its steps need. */
export type AssistantsTurn = {
  client: OpenAI;
  apiKey: string;
  transcripts: Transcripts;
  assistants: KnownAssistants;
  log: SurfaceLog;
  now: () => number;
  intervals: PollIntervals;
  request: TurnRequest;
  /** What the last turn left; null at the start of a conversation. */
  state: AssistantsState | null;
  /** Fields that the server refused in this run; grows while the turn is tried. */
  without: Set<Droppable>;
};

/** An outcome that was carried into the thread and that no repeat has used yet: where its output stands. */
export type CarriedRef = {
  /** Over tool and arguments. */
  digest: string;
  /** The transcript entry whose `carried_outcomes` holds it, and its place there. */
  entry: string;
  position: number;
};

/** What `ConversationRef.surface` holds for the Assistants API. */
export type AssistantsState = {
  threadId: string;
  /** The thread is the user's, by the assistant's option `thread`. */
  given: boolean;
  /** The run that asked for the open calls, or gave the answer. */
  runId: string;
  /** The newest message of that run that a turn has read already. */
  lastMessageId: string | null;
  carried: CarriedRef[];
  /** Fields of the request that the server refused. */
  without?: Droppable[];
};

/** Reads what the last turn left. @throws ModelFailure `ConversationLost` for a conversation of another API. */
export function assistantsState(conversation: ConversationRef | null): AssistantsState | null {
  if (conversation === null) return null;
  const { threadId, given, runId, lastMessageId, carried, without } = conversation.surface;
  if (typeof threadId !== 'string' || typeof runId !== 'string') {
    throw new ModelFailure(
      'ConversationLost',
      "The conversation was held over another API, and the Assistants API can't go on with it. Set the assistant's api back, or start a new run.",
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

/** How often runs are looked at, unless told otherwise. */
export const runIntervals: PollIntervals = { firstMs: 250, longestMs: 5_000 };

/** OpenAI's limit for a value of `metadata` (OpenAPI specification, `Metadata`). */
const longestMetadata = 512;

/** What marks the run and the message of a turn as its own, so that an attempt after a lost reply finds them. */
export function turnMetadata({ runId, firstRunId, turn }: TurnRequest): { [key: string]: string } {
  return {
    holdpoint_run: runId.slice(0, longestMetadata),
    holdpoint_first_run: firstRunId,
    holdpoint_turn: String(turn),
  };
}

/** Whether a run or message was made for this very turn. */
export function isOfThisTurn({ firstRunId, turn }: TurnRequest, { metadata }: { metadata: unknown }): boolean {
  const found = metadata as JsonObject | null | undefined;
  return found?.['holdpoint_first_run'] === firstRunId && found['holdpoint_turn'] === String(turn);
}

/** Whether a run was made for any turn of this Run of ours. */
export function isOfThisRun({ firstRunId }: TurnRequest, { metadata }: { metadata: unknown }): boolean {
  return (metadata as JsonObject | null | undefined)?.['holdpoint_first_run'] === firstRunId;
}

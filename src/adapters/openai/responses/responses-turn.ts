import type { OpenAI } from 'openai';
import type { TranscriptEntry, Transcripts, TurnRequest } from '../../../activities/ports.ts';
import type { ConversationRef } from '../../../domain/conversation.ts';
import type { JsonObject } from '@holdpoint/json';
import { ModelFailure } from '../../../domain/model-failure.ts';
import type { SurfaceLog } from '../surface-log.ts';
import type { PollIntervals } from './poll-intervals.ts';
import { readWithout } from '../refused-settings.ts';
import type { Droppable } from '../refused-settings.ts';
import type { ResponseHints } from './response-hints.ts';
import type { Item, ResponseObject } from './response-object.ts';

/** One round trip to the model: its request, state and dependencies. */
export type ResponsesTurn = {
  client: OpenAI;
  apiKey: string;
  transcripts: Transcripts;
  log: SurfaceLog;
  now: () => number;
  intervals: PollIntervals;
  hints: ResponseHints;
  silenceMs: number;
  request: TurnRequest;
  /** The items that this turn adds to the conversation. */
  sent: Item[];
  /** The state after the previous turn. Null at the start of a conversation. */
  state: SurfaceState | null;
  /** Fields that the server refused in this run. The turn adds to it. */
  without: Set<Droppable>;
};

/** The response of a turn, and the state for the next turn. */
export type Answered = {
  response: ResponseObject;
  conversationId?: string;
  plainUpTo?: string;
  continuing?: Continuing;
};

/**
 * The server's support for continuing a response. `lost`: one response was missing, and a second one turns it off.
 * `off`: the server refuses or ignores `previous_response_id`, so the run sends its saved transcript from then on.
 */
export type Continuing = 'lost' | 'off';

/** The content of `ConversationRef.surface` for the Responses API. */
export type SurfaceState = {
  /** The response to continue. Null if there is none. */
  responseId: string | null;
  store: boolean;
  model: string | null;
  /** The conversation at OpenAI that contains all turns so far. */
  conversationId?: string;
  /** The entry up to which the server refused encrypted reasoning. Replays leave that reasoning out. */
  plainUpTo?: string;
  /** Unset if the server has continued every response. */
  continuing?: Continuing;
  /** Fields of the request that the server refused. */
  without?: Droppable[];
};

/**
 * Reads the state after the previous turn. Missing fields, or those of another surface, give a state to replay from.
 */
export function surfaceState(conversation: ConversationRef | null): SurfaceState | null {
  if (conversation === null) return null;
  const { responseId, store, model, conversationId, plainUpTo, continuing, without } = conversation.surface;
  return {
    responseId: typeof responseId === 'string' ? responseId : null,
    store: store === true,
    model: typeof model === 'string' ? model : null,
    ...(typeof conversationId === 'string' && { conversationId }),
    ...(typeof plainUpTo === 'string' && { plainUpTo }),
    ...((continuing === 'lost' || continuing === 'off') && { continuing }),
    ...(Array.isArray(without) && { without: [...readWithout(without)] }),
  };
}

/** Reads all earlier entries of the conversation. @throws ModelFailure `ConversationLost` if one is missing. */
export async function savedTranscript({ transcripts, request }: ResponsesTurn): Promise<TranscriptEntry[]> {
  const entry = request.conversation?.entry;
  if (entry === undefined) return [];
  const entries = await transcripts.read(entry);
  if (entries) return entries;
  throw new ModelFailure(
    'ConversationLost',
    `OpenAI no longer has this conversation, and its transcript (entry ${entry}) is not in Holdpoint's database. Restore the database, then retry the run.`,
  );
}

/** Reads a text of an earlier attempt's checkpoint. Undefined if it is missing or of another type. */
export function textIn(note: JsonObject | null, field: string): string | undefined {
  const value = note?.[field];
  return typeof value === 'string' ? value : undefined;
}

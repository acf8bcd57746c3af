import type { OpenAI } from 'openai';
import type { TranscriptEntry, Transcripts, TurnRequest } from '../../../activities/ports.ts';
import type { ConversationRef } from '../../../domain/conversation.ts';
import type { JsonObject } from '@holdpoint/json';
import { ModelFailure } from '../../../domain/model-failure.ts';
import type { SurfaceLog } from '../surface-log.ts';
import type { PollIntervals } from './poll-intervals.ts';
import { readWithout } from '../refused-settings.ts';
import type { Droppable } from '../refused-settings.ts';
import type { ResponseNews } from './response-news.ts';
import type { Item, ResponseObject } from './response-object.ts';

/** One round trip, with all that its steps need. */
export type ResponsesTurn = {
  client: OpenAI;
  apiKey: string;
  transcripts: Transcripts;
  log: SurfaceLog;
  now: () => number;
  intervals: PollIntervals;
  news: ResponseNews;
  silenceMs: number;
  request: TurnRequest;
  /** What this turn adds to the conversation. */
  sent: Item[];
  /** What the last turn left; null at the start of a conversation. */
  state: SurfaceState | null;
  /** Fields that the server refused in this run; grows while the turn is tried. */
  without: Set<Droppable>;
};

/** How a turn was answered, and how the next one goes on. */
export type Answered = {
  response: ResponseObject;
  conversationId?: string;
  plainUpTo?: string;
  continuing?: Continuing;
};

/**
 * What the server has shown about continuing a response. `lost`: one was gone, so a second time is the last. `off`: it
 * refuses to, or answers as if it had nothing to continue; the run sends its saved transcript from then on.
 */
export type Continuing = 'lost' | 'off';

/** What `ConversationRef.surface` holds for the Responses API. */
export type SurfaceState = {
  /** The response to continue; null when none is kept. */
  responseId: string | null;
  store: boolean;
  model: string | null;
  /** The conversation at OpenAI that holds all so far. */
  conversationId?: string;
  /** Entry up to which encrypted reasoning was refused: it is left out from then on. */
  plainUpTo?: string;
  /** Unset where the server has continued every response. */
  continuing?: Continuing;
  /** Fields of the request that the server refused. */
  without?: Droppable[];
};

/** Reads what the last turn left; what is missing or of another surface comes out as nothing to continue. */
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

/** All earlier entries of the conversation. @throws ModelFailure `ConversationLost` when one is missing. */
export async function savedTranscript({ transcripts, request }: ResponsesTurn): Promise<TranscriptEntry[]> {
  const entry = request.conversation?.entry;
  if (entry === undefined) return [];
  const entries = await transcripts.read(entry);
  if (entries) return entries;
  throw new ModelFailure(
    'ConversationLost',
    `OpenAI does not keep this conversation any more, and its transcript (entry ${entry}) is not in Holdpoint's database. Restore the database, then retry the run.`,
  );
}

/** The checkpoint of an earlier attempt, read with care: it comes from outside the process. */
export function textIn(note: JsonObject | null, field: string): string | undefined {
  const value = note?.[field];
  return typeof value === 'string' ? value : undefined;
}

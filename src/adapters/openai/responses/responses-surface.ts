import { randomUUID } from 'node:crypto';
import type { AsideRequest, ModelSurface, Transcripts, TurnReply, TurnRequest } from '../../../activities/ports.ts';
import { answerAside } from './answer-aside.ts';
import { defaultPollIntervals } from './background.ts';
import type { PollIntervals } from './poll-intervals.ts';
import { chainedTurn } from './chained-turn.ts';
import { checkKey } from '../check-key.ts';
import { conversationTurn } from './conversation-turn.ts';
import { newItems } from './items.ts';
import { createOpenAIClient, longestSilenceMs } from '../openai-client.ts';
import type { OpenAIConnection } from '../openai-client.ts';
import { readReply } from './read-reply.ts';
import { readWithout } from '../refused-settings.ts';
import { maxOutputTokensOf } from './request-body.ts';
import { surfaceState } from './responses-turn.ts';
import type { Answered, ResponsesTurn, SurfaceState } from './responses-turn.ts';
import type { SurfaceLog } from '../surface-log.ts';
import { createResponseHints, noHints, type FindHints } from './response-hints.ts';
import { resumedTurn } from './send-turn.ts';
import { toModelFailure } from '../to-model-failure.ts';

export type ResponsesSurfaceOptions = OpenAIConnection & {
  /** Stores every turn before it is returned. */
  transcripts: Transcripts;
  /** Gets no prompts, arguments or outputs. @default no log */
  log?: SurfaceLog | undefined;
  /** Milliseconds since the epoch. @default Date.now */
  now?: (() => number) | undefined;
  /** Waits between polls of a background response. @default 1 s, doubled up to 30 s */
  pollIntervals?: PollIntervals | undefined;
  /**
   * Finds the background responses that OpenAI's webhooks reported as ended. Called once a second while a response is
   * waited for.
   * @default polls only
   */
  findHints?: FindHints | undefined;
};

const silent: SurfaceLog = { info: () => undefined, warn: () => undefined };

/**
 * Creates a model surface for the Responses API, at OpenAI or at a compatible server. A call that waits for a decision
 * holds no connection: its response has ended, and the next one continues it when the outputs are ready.
 */
export function createResponsesSurface(options: ResponsesSurfaceOptions): ModelSurface {
  let made: ReturnType<typeof createOpenAIClient> | undefined;
  const {
    apiKey,
    transcripts,
    log = silent,
    now = Date.now,
    pollIntervals: intervals = defaultPollIntervals,
  } = options;

  const hints = options.findHints ? createResponseHints(options.findHints, { log }) : noHints;

  /** Created on first use. A worker without an API key starts, and its turns fail with `ModelAccessDenied`. */
  const parts = () => ({
    client: (made ??= createOpenAIClient(options)),
    apiKey,
    transcripts,
    log,
    now,
    intervals,
    hints,
    silenceMs: longestSilenceMs(options),
  });

  return {
    answerAside: async (aside: AsideRequest): Promise<string> => {
      checkKey(apiKey);
      try {
        return await answerAside(parts(), aside);
      } catch (error) {
        if (aside.signal.aborted) throw aside.signal.reason;
        throw toModelFailure(error, { apiKey, model: aside.assistant.model, now });
      }
    },
    takeTurn: async (request: TurnRequest): Promise<TurnReply> => {
      checkKey(apiKey);
      const state = surfaceState(request.conversation);
      const turn: ResponsesTurn = {
        ...parts(),
        request,
        sent: newItems(request.input),
        state,
        without: readWithout(state?.model === request.assistant.model ? state.without : []),
      };
      try {
        const resumed = await resumedTurn(turn);
        const answered = request.assistant.conversation
          ? (resumed ?? (await conversationTurn(turn)))
          : await chainedTurn(turn, resumed);
        return await keep(turn, answered);
      } catch (error) {
        if (request.signal.aborted) throw request.signal.reason;
        throw toModelFailure(error, { apiKey, model: request.assistant.model, now });
      }
    },
  };
}

/** Reads the response and stores the turn in the transcript before the run continues. */
async function keep(
  { transcripts, log, apiKey, request, sent, without }: ResponsesTurn,
  answered: Answered,
): Promise<TurnReply> {
  const { response, conversationId, plainUpTo, continuing } = answered;
  const { runId, firstRunId, turn, assistant } = request;
  const reply = readReply(response, { apiKey, maxOutputTokens: maxOutputTokensOf(request) });
  if (reply.doubled.length > 0)
    log.warn(
      { runId, turn, callIds: reply.doubled },
      'The model used a call id twice in one response. Each pair became one call.',
    );
  if (response.inputTransformations > 0)
    log.warn({ runId, turn, items: response.inputTransformations }, 'OpenAI dropped replayed reasoning.');
  const state: SurfaceState = {
    responseId: response.id,
    store: assistant.store !== false && !without.has('store'),
    model: assistant.model,
    ...(conversationId !== undefined && { conversationId }),
    ...(plainUpTo !== undefined && { plainUpTo }),
    ...(continuing !== undefined && { continuing }),
    ...(without.size > 0 && { without: [...without] }),
  };
  const kept = await transcripts.append({
    id: randomUUID(),
    parent: request.conversation?.entry ?? null,
    runId,
    firstRunId,
    turn,
    assistant: assistant.name,
    surface: 'responses',
    state,
    sent,
    received: reply.items,
    words: reply.words,
  });
  return {
    conversation: { ...kept, surface: state },
    outcome: reply.outcome,
    ...(response.model !== null && { model: response.model }),
    ...(response.usage && { usage: response.usage }),
  };
}

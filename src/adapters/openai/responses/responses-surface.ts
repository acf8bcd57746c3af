import { randomUUID } from 'node:crypto';
import type { ModelSurface, Transcripts, TurnReply, TurnRequest } from '../../../activities/ports.ts';
import { defaultPollIntervals } from './background.ts';
import type { PollIntervals } from './poll-intervals.ts';
import { chainedTurn } from './chained-turn.ts';
import { checkKey } from '../check-key.ts';
import { conversationTurn } from './conversation-turn.ts';
import { newItems } from './items.ts';
import { createOpenAIClient, defaultTimeoutMs } from '../openai-client.ts';
import type { OpenAIConnection } from '../openai-client.ts';
import { readReply } from './read-reply.ts';
import { readWithout } from '../refused-settings.ts';
import { maxOutputTokensOf } from './request-body.ts';
import { surfaceState } from './responses-turn.ts';
import type { Answered, ResponsesTurn, SurfaceState } from './responses-turn.ts';
import type { SurfaceLog } from '../surface-log.ts';
import { createResponseNews, noNews, type FindNews } from './response-news.ts';
import { resumedTurn } from './send-turn.ts';
import { toModelFailure } from '../to-model-failure.ts';

export type ResponsesSurfaceOptions = OpenAIConnection & {
  /** Where every turn is kept before it is returned. */
  transcripts: Transcripts;
  /** Default: silent. Gets no prompts, arguments or outputs. */
  log?: SurfaceLog | undefined;
  /** Milliseconds since the epoch. Default `Date.now`. */
  now?: (() => number) | undefined;
  /** How often background responses are looked at. Default: after 1 s, doubling up to 30 s. */
  pollIntervals?: PollIntervals | undefined;
  /** Finds which of these background responses OpenAI's webhooks announced as ended; asked once a second while any is waited for. */
  findNews?: FindNews | undefined;
};

const silent: SurfaceLog = { info: () => undefined, warn: () => undefined };

/**
 * Reaches a model by OpenAI's Responses API, at OpenAI or at a compatible server. A waiting call costs nothing there: a
 * response that asks for tools has ended, and the next one is chained to it whenever the outputs are ready.
 */
export function createResponsesSurface(options: ResponsesSurfaceOptions): ModelSurface {
  let made: ReturnType<typeof createOpenAIClient> | undefined;
  const {
    apiKey,
    transcripts,
    log = silent,
    now = Date.now,
    pollIntervals: intervals = defaultPollIntervals,
    timeoutMs: silenceMs = defaultTimeoutMs,
  } = options;

  const news = options.findNews ? createResponseNews(options.findNews, { log }) : noNews;

  return {
    takeTurn: async (request: TurnRequest): Promise<TurnReply> => {
      checkKey(apiKey);
      // Made when first needed: without a key it can't be, and a worker that waits for one must not die of it.
      const client = (made ??= createOpenAIClient(options));
      const state = surfaceState(request.conversation);
      const turn: ResponsesTurn = {
        client,
        apiKey,
        transcripts,
        log,
        now,
        intervals,
        news,
        silenceMs,
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

/** Reads the response and keeps the turn: the run never goes on from what is not in the transcript. */
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
      'The model used a call id twice in one response; one call was made of each.',
    );
  if (response.inputTransformations > 0)
    log.warn({ runId, turn, items: response.inputTransformations }, 'OpenAI left out reasoning that was sent again.');
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
  return { conversation: { ...kept, surface: state }, outcome: reply.outcome };
}

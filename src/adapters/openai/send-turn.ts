import type { JsonObject } from '../../domain/json.ts';
import { inBackground } from './background.ts';
import type { StartedResponse } from './background.ts';
import { postResponse } from './post-response.ts';
import { isCutOff } from './read-reply.ts';
import { maxOutputTokensOf, requestBody } from './request-body.ts';
import type { Follows } from './request-body.ts';
import type { Item, ResponseObject } from './response-object.ts';
import { textIn } from './responses-turn.ts';
import type { ResponsesTurn } from './responses-turn.ts';

/**
 * Sends input items and waits for the response to end, however it ends. One that was cut off at the assistant's
 * `max_output_tokens` is asked for once more with twice as many; in a conversation at OpenAI it is not, because the
 * outputs may stand there already.
 * @param note What to remember in a checkpoint beside the response's id.
 */
export async function sendTurn(turn: ResponsesTurn, input: readonly Item[], follows: Follows, note: JsonObject): Promise<ResponseObject> {
  const { request, log } = turn;
  const tokens = maxOutputTokensOf(request);
  const first = await send(turn, requestBody(request, input, follows, tokens), note, startedEarlier(request.resumeFrom));
  if (!isCutOff(first) || tokens === null || (follows && 'conversation' in follows)) return first;
  log.warn({ runId: request.runId, turn: request.turn, maxOutputTokens: tokens * 2 }, 'The response was cut off; asking once more with twice the tokens.');
  return await send(turn, requestBody(request, input, follows, tokens * 2), note, null);
}

async function send(turn: ResponsesTurn, body: JsonObject, note: JsonObject, earlier: StartedResponse | null): Promise<ResponseObject> {
  const { client, request, intervals, now, silenceMs } = turn;
  const post = () => postResponse(body, { client, signal: request.signal, onDelta: request.onDelta, silenceMs });
  if (!request.assistant.background && !earlier) return await post();
  return await inBackground({ client, request, intervals, now, start: post, earlier, started: (started) => request.checkpoint({ ...note, ...started }) });
}

function startedEarlier(resumeFrom: JsonObject | null): StartedResponse | null {
  const responseId = textIn(resumeFrom, 'responseId');
  const startedAt = resumeFrom?.['startedAt'];
  return responseId !== undefined && typeof startedAt === 'number' ? { responseId, startedAt } : null;
}

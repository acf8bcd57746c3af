import type { JsonObject } from '@holdpoint/json';
import { resumeInBackground, runInBackground } from './background.ts';
import { postResponse } from './post-response.ts';
import { isCutOff } from './read-reply.ts';
import { maxOutputTokensOf, requestBody } from './request-body.ts';
import type { Follows } from './request-body.ts';
import type { Item, ResponseObject } from './response-object.ts';
import { textIn } from './responses-turn.ts';
import type { Answered, ResponsesTurn } from './responses-turn.ts';

/**
 * Sends input items and waits for the response to end, however it ends. One that was cut off at the assistant's
 * `max_output_tokens` is asked for once more with twice as many; in a conversation at OpenAI it is not, because the
 * outputs may stand there already.
 * @param note What to remember in a checkpoint beside a background response's id.
 */
export async function sendTurn(
  turn: ResponsesTurn,
  input: readonly Item[],
  follows: Follows,
  note: JsonObject,
): Promise<ResponseObject> {
  const { request, log } = turn;
  const tokens = maxOutputTokensOf(request);
  const first = await send(turn, requestBody(request, input, follows, tokens), note);
  if (!isCutOff(first) || tokens === null || (follows && 'conversation' in follows)) return first;
  log.warn(
    { runId: request.runId, turn: request.turn, maxOutputTokens: tokens * 2 },
    'The response was cut off; asking once more with twice the tokens.',
  );
  return await send(turn, requestBody(request, input, follows, tokens * 2), note);
}

async function send(turn: ResponsesTurn, body: JsonObject, note: JsonObject): Promise<ResponseObject> {
  const { client, request, silenceMs } = turn;
  const post = () => postResponse(body, { client, signal: request.signal, onDelta: request.onDelta, silenceMs });
  if (!request.assistant.background) return await post();
  return await runInBackground({
    ...turn,
    start: post,
    started: (started) => request.checkpoint({ ...note, ...started }),
  });
}

/** The end of a background response that an earlier attempt of this turn started; undefined when the turn must be sent. */
export async function resumedTurn(turn: ResponsesTurn): Promise<Answered | undefined> {
  const { resumeFrom } = turn.request;
  const responseId = textIn(resumeFrom, 'responseId');
  const startedAt = resumeFrom?.['startedAt'];
  if (responseId === undefined || typeof startedAt !== 'number') return undefined;
  const response = await resumeInBackground(turn, { responseId, startedAt });
  const conversationId = textIn(resumeFrom, 'conversationId');
  const plainUpTo = textIn(resumeFrom, 'plainUpTo');
  const sendsAgain =
    response && isCutOff(response) && maxOutputTokensOf(turn.request) !== null && conversationId === undefined;
  if (!response || sendsAgain) return undefined;
  return {
    response,
    ...(conversationId !== undefined && { conversationId }),
    ...(plainUpTo !== undefined && { plainUpTo }),
  };
}

import type { JsonObject } from '@holdpoint/json';
import { resumeInBackground, runInBackground } from './background.ts';
import { namesContinuing } from '../continuing.ts';
import { describeError, describeFailed } from '../described-error.ts';
import type { DescribedError } from '../described-error.ts';
import { postResponse } from './post-response.ts';
import { isCutOff } from './read-reply.ts';
import { sumOfUsage } from '../read-usage.ts';
import { leaveOut } from '../refused-settings.ts';
import { maxOutputTokensOf, requestBody } from './request-body.ts';
import type { Follows } from './request-body.ts';
import type { Item, ResponseObject } from './response-object.ts';
import { textIn } from './responses-turn.ts';
import type { Answered, ResponsesTurn } from './responses-turn.ts';

/**
 * Sends input items and waits until the response has ended. If it was cut off at the assistant's `max_output_tokens`,
 * the request is sent once more with twice as many. In a conversation at OpenAI it is not sent again, since the outputs
 * may already be there.
 * @param note Fields to store in the checkpoint beside a background response's id.
 */
export async function sendTurn(
  turn: ResponsesTurn,
  input: readonly Item[],
  follows: Follows,
  note: JsonObject,
): Promise<ResponseObject> {
  const { request, log } = turn;
  const tokens = maxOutputTokensOf(request);
  const first = await send(turn, input, follows, tokens, note);
  if (!isCutOff(first) || tokens === null || (follows && 'conversation' in follows)) return first;
  log.warn(
    { runId: request.runId, turn: request.turn, maxOutputTokens: tokens * 2 },
    'The response was cut off. Sending the request once more with twice the tokens.',
  );
  const second = await send(turn, input, follows, tokens * 2, note);
  return { ...second, usage: sumOfUsage(first.usage, second.usage) };
}

/** Sends the request. If the server refuses fields, sends it again without them. */
async function send(
  turn: ResponsesTurn,
  input: readonly Item[],
  follows: Follows,
  maxOutputTokens: number | null,
  note: JsonObject,
): Promise<ResponseObject> {
  for (;;) {
    const body = requestBody(turn.request, input, follows, { maxOutputTokens, without: turn.without });
    try {
      const response = await post(turn, body, note);
      const refusal = response.status === 'failed' && response.error ? describeFailed(response.error) : undefined;
      if (!refusal || !leavesOut(turn, refusal, body)) return response;
    } catch (error) {
      const refusal = describeError(error);
      if (!refusal || !leavesOut(turn, refusal, body)) throw error;
    }
  }
}

function leavesOut(turn: ResponsesTurn, refusal: DescribedError, body: JsonObject): boolean {
  const aboutContinuing = 'previous_response_id' in body && namesContinuing(refusal);
  return !aboutContinuing && leaveOut(turn, refusal, body);
}

async function post(turn: ResponsesTurn, body: JsonObject, note: JsonObject): Promise<ResponseObject> {
  const { client, request, silenceMs } = turn;
  const start = () => postResponse(body, { client, signal: request.signal, onDelta: request.onDelta, silenceMs });
  if (body['background'] !== true) return await start();
  return await runInBackground({
    ...turn,
    start,
    started: (started) => request.checkpoint({ ...note, ...started }),
  });
}

/**
 * Waits for a background response that an earlier attempt of this turn started. Undefined if the turn must be sent.
 * `continued`: the previous response of that one.
 */
export async function resumedTurn(turn: ResponsesTurn): Promise<(Answered & { continued?: string }) | undefined> {
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
  const continued = textIn(resumeFrom, 'continued');
  return {
    response,
    ...(continued !== undefined && { continued }),
    ...(conversationId !== undefined && { conversationId }),
    ...(plainUpTo !== undefined && { plainUpTo }),
  };
}

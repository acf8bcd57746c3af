import { setTimeout as sleep } from 'node:timers/promises';
import type { OpenAI } from 'openai';
import type { TurnRequest } from '../../../activities/ports.ts';
import { ModelFailure } from '../../../domain/model-failure.ts';
import type { PollIntervals } from './poll-intervals.ts';
import { noNews, type ResponseNews } from './response-news.ts';
import { isNotFound } from '../described-error.ts';
import { readResponseObject } from './response-object.ts';
import type { ResponseObject } from './response-object.ts';

export const defaultPollIntervals: PollIntervals = { firstMs: 1000, longestMs: 30_000 };

/** A response that works in the background, as an attempt leaves it for the next one. `startedAt`: milliseconds since the epoch. */
export type StartedResponse = { responseId: string; startedAt: number };

type Looking = {
  client: OpenAI;
  request: TurnRequest;
  intervals: PollIntervals;
  news: ResponseNews;
  now: () => number;
};

type Starting = Looking & {
  /** Starts the response. */
  start: () => Promise<ResponseObject>;
  /** Makes durable that it started. */
  started: (note: StartedResponse) => Promise<void>;
};

/** Failed looks in a row before the attempt is given up; the response works on, and the next attempt looks again. */
const mostFailedLooks = 5;
const defaultDeadlineMs = 60 * 60 * 1000;

/**
 * Starts a background response and waits until it has ended.
 * @throws ModelFailure `ModelUnavailable` when the deadline passes: the response is cancelled at OpenAI, and the next attempt starts anew.
 */
export async function runInBackground({ start, started, ...looking }: Starting): Promise<ResponseObject> {
  const created = await start();
  if (hasEnded(created)) return created;
  if (created.id === null)
    throw new ModelFailure(
      'ModelResponseFailed',
      "The server gave a background response without an id, so it can't be looked at. Leave the assistant's background out.",
    );
  const note = { responseId: created.id, startedAt: looking.now() };
  await started(note);
  const ended = await wait(looking, note, false);
  if (ended) return ended;
  throw new ModelFailure(
    'ModelUnavailable',
    `The background response ${note.responseId} was not there any more when it was looked at. It is asked for again. If that lasts, leave the assistant's background out.`,
  );
}

/**
 * Goes on with a response that an earlier attempt started. Undefined when it has to be started again: it is gone, was
 * cancelled meanwhile, or had its time and is still at work.
 */
export async function resumeInBackground(
  looking: Looking,
  earlier: StartedResponse,
): Promise<ResponseObject | undefined> {
  const late = looking.now() >= deadlineOf(earlier, looking.request);
  const ended = await wait(looking, earlier, late);
  return ended?.status === 'cancelled' ? undefined : ended;
}

/**
 * Polls until the response has ended; undefined when it is gone, or when `lookOnce` finds it still at work. News of it
 * brings the next look forward, once: it says that there may be something to see, and is believed no further.
 */
async function wait(
  { client, request, intervals, news, now }: Looking,
  { responseId, startedAt }: StartedResponse,
  lookOnce: boolean,
): Promise<ResponseObject | undefined> {
  const deadline = deadlineOf({ responseId, startedAt }, request);
  let failedLooks = 0;
  let heard = false;
  for (let interval = intervals.firstMs; ; interval = Math.min(interval * 2, intervals.longestMs)) {
    try {
      const response = readResponseObject(await client.responses.retrieve(responseId, {}, { signal: request.signal }));
      if (hasEnded(response)) return response;
      failedLooks = 0;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      failedLooks += 1;
      if (request.signal.aborted || failedLooks >= mostFailedLooks) throw error;
    }
    if (lookOnce || now() >= deadline) {
      await cancelAt(client, responseId);
      if (lookOnce) return undefined;
      throw new ModelFailure(
        'ModelUnavailable',
        `The background response ${responseId} did not end within ${Math.round((deadline - startedAt) / 1000)} s (the assistant's background.deadline). It was cancelled and is asked for again.`,
      );
    }
    const woken = await sleepUnless(
      heard ? noNews : news,
      responseId,
      Math.max(0, Math.min(interval, deadline - now())),
      request.signal,
    );
    if (woken) {
      heard = true;
      // What was announced may not be to be seen yet.
      interval = intervals.firstMs / 2;
    }
  }
}

/** Sleeps for so long, or until there is news of the response; true for news. @throws the signal's reason. */
async function sleepUnless(
  news: ResponseNews,
  responseId: string,
  milliseconds: number,
  signal: AbortSignal,
): Promise<boolean> {
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  try {
    const woken = await Promise.race([
      sleep(milliseconds, false, { signal: either }),
      news.heard(responseId, either).then(() => true),
    ]);
    signal.throwIfAborted();
    return woken;
  } finally {
    over.abort();
  }
}

/** Nobody waits for it any more. A server that can't cancel, or has no such response, loses nothing by it. */
async function cancelAt(client: OpenAI, responseId: string): Promise<void> {
  await client.responses.cancel(responseId, { timeout: 10_000 }).catch(() => undefined);
}

function hasEnded({ status }: ResponseObject): boolean {
  return status !== 'queued' && status !== 'in_progress';
}

function deadlineOf({ startedAt }: StartedResponse, { assistant }: TurnRequest): number {
  return startedAt + (assistant.background?.deadlineMs ?? defaultDeadlineMs);
}

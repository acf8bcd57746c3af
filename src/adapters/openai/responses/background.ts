import { setTimeout as sleep } from 'node:timers/promises';
import type { OpenAI } from 'openai';
import type { TurnRequest } from '../../../activities/ports.ts';
import { ModelFailure } from '../../../domain/model-failure.ts';
import type { PollIntervals } from './poll-intervals.ts';
import { noHints, type ResponseHints } from './response-hints.ts';
import { isNotFound } from '../described-error.ts';
import { readResponseObject } from './response-object.ts';
import type { ResponseObject } from './response-object.ts';

export const defaultPollIntervals: PollIntervals = { firstMs: 1000, longestMs: 30_000 };

/** A started background response, stored for the next attempt. `startedAt`: milliseconds since the epoch. */
export type StartedResponse = { responseId: string; startedAt: number };

type Polling = {
  client: OpenAI;
  request: TurnRequest;
  intervals: PollIntervals;
  hints: ResponseHints;
  now: () => number;
};

type Starting = Polling & {
  /** Starts the response. */
  start: () => Promise<ResponseObject>;
  /** Stores in a checkpoint that the response started. */
  started: (note: StartedResponse) => Promise<void>;
};

/** Failed polls in a row before the attempt fails. The response continues, and the next attempt polls it again. */
const maxFailedPolls = 5;
const defaultDeadlineMs = 60 * 60 * 1000;

/**
 * Starts a background response and waits until it has ended.
 * @throws ModelFailure `ModelUnavailable` when the deadline passes. The response is cancelled at OpenAI, and the next
 * attempt starts another.
 */
export async function runInBackground({ start, started, ...polling }: Starting): Promise<ResponseObject> {
  const created = await start();
  if (hasEnded(created)) return created;
  if (created.id === null)
    throw new ModelFailure(
      'ModelResponseFailed',
      "The server gave a background response without an id, so it can't be polled. Remove background from the assistant.",
    );
  const note = { responseId: created.id, startedAt: polling.now() };
  await started(note);
  const ended = await wait(polling, note, false);
  if (ended) return ended;
  throw new ModelFailure(
    'ModelUnavailable',
    `The server no longer has the background response ${note.responseId}. The request is sent again. If this repeats, remove background from the assistant.`,
  );
}

/**
 * Waits for a response that an earlier attempt started. Undefined if another must be started: the server no longer has
 * it, it was cancelled, or it is still running after its deadline.
 */
export async function resumeInBackground(
  polling: Polling,
  earlier: StartedResponse,
): Promise<ResponseObject | undefined> {
  const late = polling.now() >= deadlineOf(earlier, polling.request);
  const ended = await wait(polling, earlier, late);
  return ended?.status === 'cancelled' ? undefined : ended;
}

/**
 * Polls until the response has ended. Undefined if the server no longer has it, or if `pollOnce` finds it still
 * running. The first hint brings the next poll forward. Later hints are ignored.
 */
async function wait(
  { client, request, intervals, hints, now }: Polling,
  { responseId, startedAt }: StartedResponse,
  pollOnce: boolean,
): Promise<ResponseObject | undefined> {
  const deadline = deadlineOf({ responseId, startedAt }, request);
  let failedPolls = 0;
  let hinted = false;
  for (let interval = intervals.firstMs; ; interval = Math.min(interval * 2, intervals.longestMs)) {
    try {
      const response = readResponseObject(await client.responses.retrieve(responseId, {}, { signal: request.signal }));
      if (hasEnded(response)) return response;
      failedPolls = 0;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      failedPolls += 1;
      if (request.signal.aborted || failedPolls >= maxFailedPolls) throw error;
    }
    if (pollOnce || now() >= deadline) {
      await cancelAt(client, responseId);
      if (pollOnce) return undefined;
      throw new ModelFailure(
        'ModelUnavailable',
        `The background response ${responseId} did not end within ${Math.round((deadline - startedAt) / 1000)} s (the assistant's background.deadline). It was cancelled, and the request is sent again.`,
      );
    }
    const woken = await sleepUntilHint(
      hinted ? noHints : hints,
      responseId,
      Math.max(0, Math.min(interval, deadline - now())),
      request.signal,
    );
    if (woken) {
      hinted = true;
      // A hint may arrive before the server shows the end.
      interval = intervals.firstMs / 2;
    }
  }
}

/** Sleeps until the time is over or a hint arrives. True for a hint. @throws the signal's reason. */
async function sleepUntilHint(
  hints: ResponseHints,
  responseId: string,
  milliseconds: number,
  signal: AbortSignal,
): Promise<boolean> {
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  try {
    const woken = await Promise.race([
      sleep(milliseconds, false, { signal: either }),
      hints.next(responseId, either).then(() => true),
    ]);
    signal.throwIfAborted();
    return woken;
  } finally {
    over.abort();
  }
}

/** Cancels a response that is no longer needed. A failure to cancel it changes nothing, so it is ignored. */
async function cancelAt(client: OpenAI, responseId: string): Promise<void> {
  await client.responses.cancel(responseId, { timeout: 10_000 }).catch(() => undefined);
}

function hasEnded({ status }: ResponseObject): boolean {
  return status !== 'queued' && status !== 'in_progress';
}

function deadlineOf({ startedAt }: StartedResponse, { assistant }: TurnRequest): number {
  return startedAt + (assistant.background?.deadlineMs ?? defaultDeadlineMs);
}

import type { OpenAI } from 'openai';
import type { JsonObject } from '@holdpoint/json';
import { describeError } from '../described-error.ts';
import { leaveOut } from '../refused-settings.ts';
import type { Droppable } from '../refused-settings.ts';
import { choiceOfTurn } from '../responses/request-body.ts';
import { ModelFailure } from '../../../domain/model-failure.ts';
import { isOfThisRun, isOfThisTurn, turnMetadata } from './assistants-turn.ts';
import type { AssistantRun, AssistantsTurn } from './assistants-turn.ts';
import { endRun, followRun, isActive, outwaitRun } from './follow-run.ts';
import { isThreadLocked } from './refusals.ts';

/**
 * A thread in one attempt. `fresh`: created by this attempt, so it is empty. `rebuilt`: it replaces a deleted thread
 * and must retell its content. `given`: named by the assistant's option `thread`.
 */
export type Thread = { id: string; fresh: boolean; rebuilt: boolean; given: boolean };

/** Starts per attempt, if the thread was locked, or the run expired or was cancelled. */
const mostTries = 3;

/**
 * Adds a message to the thread, starts a run, and waits until it asks for calls or has ended. A retried turn adds one
 * message and starts one run.
 * @throws ModelFailure `ModelUnavailable` if the thread stays locked, or if every run expires or is cancelled.
 */
export async function freshRun(turn: AssistantsTurn, thread: Thread, text: string): Promise<AssistantRun> {
  const { request, log } = turn;
  for (let tries = 1; ; tries += 1) {
    const started = await startedRun(turn, thread, text);
    const run = started && (await followRun(turn, started));
    if (run && run.status !== 'expired' && run.status !== 'cancelled') return run;
    if (tries >= mostTries) {
      throw new ModelFailure(
        'ModelUnavailable',
        run
          ? `The run ${run.id} ended as ${run.status} without a result, and so did the runs before it. The turn is retried.`
          : `Runs of another client keep locking the thread ${thread.id}. The turn is retried later.`,
      );
    }
    log.warn(
      { runId: request.runId, turn: request.turn, status: run?.status ?? 'locked' },
      'The run at OpenAI ended without a result, or another run locked its thread. Starting again.',
    );
  }
}

/** The run of this turn, started now or found. Undefined if another client's run locked the thread meanwhile. */
async function startedRun(turn: AssistantsTurn, thread: Thread, text: string): Promise<AssistantRun | undefined> {
  const { client, request } = turn;
  const begun = thread.fresh ? undefined : await freeThread(turn, thread.id);
  if (begun) return begun;
  try {
    if (thread.fresh || !(await isSaid(turn, thread.id))) {
      await client.beta.threads.messages.create(
        thread.id,
        { role: 'user', content: text, metadata: turnMetadata(request) },
        { signal: request.signal },
      );
    }
    const run = await createRun(turn, thread.id);
    await request.checkpoint({ threadId: thread.id, rebuilt: thread.rebuilt, given: thread.given, runId: run.id });
    return run;
  } catch (error) {
    if (isThreadLocked(error)) return undefined;
    throw error;
  } finally {
    thread.fresh = false;
  }
}

/** Creates the run. If the server refuses fields, sends the request again without them. */
async function createRun(turn: AssistantsTurn, threadId: string): Promise<AssistantRun> {
  const { client, request } = turn;
  for (;;) {
    const body = await runBody(turn);
    try {
      return await client.beta.threads.runs.create(threadId, body, { signal: request.signal });
    } catch (error) {
      const refusal = describeError(error);
      if (!refusal || !leaveOut(turn, refusal, body as unknown as JsonObject)) throw error;
    }
  }
}

/** Waits until no run locks the thread, and cancels old runs of Holdpoint. Returns this turn's active run, if any. */
async function freeThread(turn: AssistantsTurn, threadId: string): Promise<AssistantRun | undefined> {
  for (const run of (await newestRuns(turn, threadId)).filter(isActive)) {
    if (isOfThisTurn(turn.request, run)) return run;
    if (isOfThisRun(turn.request, run) || run.id === turn.state?.runId) await endRun(turn, run);
    else await outwaitRun(turn, run);
  }
  return undefined;
}

/** The newest runs of a thread, newest first. */
export async function newestRuns({ client, request }: AssistantsTurn, threadId: string): Promise<AssistantRun[]> {
  return (await client.beta.threads.runs.list(threadId, { order: 'desc', limit: 50 }, { signal: request.signal })).data;
}

/** True if the thread already contains this turn's message, because the reply to an earlier attempt was lost. */
async function isSaid({ client, request }: AssistantsTurn, threadId: string): Promise<boolean> {
  const { data } = await client.beta.threads.messages.list(
    threadId,
    { order: 'desc', limit: 100 },
    { signal: request.signal },
  );
  return data.some((message) => message.role === 'user' && isOfThisTurn(request, message));
}

/**
 * The body of `POST /threads/{thread}/runs`. Model and instructions of the definition override those of an existing
 * assistant. Its tools stay.
 */
async function runBody(turn: AssistantsTurn): Promise<OpenAI.Beta.Threads.RunCreateParamsNonStreaming> {
  const { request, without } = turn;
  const { assistant } = request;
  const { tool_choice: toolChoice, ...settings } = assistant.modelSettings;
  const sends = (name: Droppable) => !without.has(name) && !assistant.leavesOut.includes(name);
  const choice = sends('tool_choice') ? choiceOfTurn(request, toolChoice) : undefined;
  const body: JsonObject = {
    ...settings,
    ...(choice !== undefined && { tool_choice: choice }),
    assistant_id: await assistantId(turn),
    ...(assistant.assistantId !== null && {
      ...(assistant.model !== null && { model: assistant.model }),
      ...(assistant.instructions !== null && { instructions: assistant.instructions }),
    }),
    ...(assistant.tools.length > 0 &&
      assistant.parallelToolCalls !== null &&
      sends('parallel_tool_calls') && { parallel_tool_calls: assistant.parallelToolCalls }),
    metadata: turnMetadata(request),
  };
  return body as unknown as OpenAI.Beta.Threads.RunCreateParamsNonStreaming;
}

/** The assistant's id at OpenAI. If the server refuses `strict`, the assistant is created without it. */
async function assistantId(turn: AssistantsTurn): Promise<string> {
  const { request, assistants, without } = turn;
  const { assistant } = request;
  const strict = without.has('strict') ? null : assistant.strict;
  try {
    return await assistants.idOf({ ...assistant, strict }, request.signal);
  } catch (error) {
    const refusal = describeError(error);
    const sent = { tools: strict === null ? [] : assistant.tools.map(() => ({ strict })) };
    if (!refusal || !leaveOut(turn, refusal, sent)) throw error;
    return await assistantId(turn);
  }
}

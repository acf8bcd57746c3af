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
 * A thread as one attempt sees it. `fresh`: made by this attempt, so nothing can stand in it. `rebuilt`: it must be told
 * what stood in one that is gone. `given`: the user's, by the assistant's option `thread`.
 */
export type Thread = { id: string; fresh: boolean; rebuilt: boolean; given: boolean };

/** How often one attempt starts over when the thread was locked or its run expired or was cancelled under way. */
const mostTries = 3;

/**
 * Says something in the thread and starts a run on it, each of them once however often the turn is tried; waits until the
 * run asks for calls or has ended.
 * @throws ModelFailure `ModelUnavailable` when the thread stays locked, or run after run expires or is cancelled.
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
          ? `The run ${run.id} ended as ${run.status} before it came to anything, and so did those before it. The turn is tried again.`
          : `The thread ${thread.id} is locked again and again by runs of somebody else. The turn is tried again later.`,
      );
    }
    log.warn(
      { runId: request.runId, turn: request.turn, status: run?.status ?? 'locked' },
      'The run at OpenAI came to nothing, or another locked its thread; starting again.',
    );
  }
}

/** The run of this turn, just started or found; undefined when somebody else's run got in between. */
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

/** Creates the run, and again without the fields that the server refuses. */
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

/** Waits until no run locks the thread, ending those of ours that are left over; gives this turn's own active run, if there is one. */
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

/** Whether this turn's message stands in the thread already: the reply to an earlier attempt was lost. */
async function isSaid({ client, request }: AssistantsTurn, threadId: string): Promise<boolean> {
  const { data } = await client.beta.threads.messages.list(
    threadId,
    { order: 'desc', limit: 100 },
    { signal: request.signal },
  );
  return data.some((message) => message.role === 'user' && isOfThisTurn(request, message));
}

/** The body of `POST /threads/{thread}/runs`. An existing assistant keeps its own tools; what the definition says of model and instructions comes before its own. */
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

/** The assistant's id at OpenAI; made without `strict` where the server refuses that. */
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

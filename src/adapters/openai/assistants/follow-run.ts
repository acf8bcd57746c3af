import { setTimeout as sleep } from 'node:timers/promises';
import { ModelFailure } from '../../../domain/model-failure.ts';
import type { AssistantRun, AssistantsTurn } from './assistants-turn.ts';
import { isGone } from './refusals.ts';

/** Failed polls in a row before the attempt fails. The run continues, and the next attempt polls it again. */
const maxFailedPolls = 5;
/** OpenAI ends a run after ten minutes. A compatible server may set no limit. */
const longestTurnMs = 60 * 60 * 1000;
/** The wait for another client's run. Longer than any run at OpenAI lives. */
const longestWaitMs = 15 * 60 * 1000;

/** True if a run is working. A run that requires action but lists no calls yet counts as working. */
function isWorking(run: AssistantRun): boolean {
  return (
    ['queued', 'in_progress', 'cancelling'].includes(run.status) ||
    (run.status === 'requires_action' && !run.required_action?.submit_tool_outputs.tool_calls.length)
  );
}

/** True if a run locks its thread. */
export function isActive(run: AssistantRun): boolean {
  return isWorking(run) || run.status === 'requires_action';
}

/**
 * Polls one of Holdpoint's runs until it asks for calls or has ended.
 * @throws ModelFailure `ModelUnavailable` after an hour. The run is cancelled, and the next attempt starts another.
 */
export async function followRun(turn: AssistantsTurn, run: AssistantRun): Promise<AssistantRun> {
  const last = await pollWhile(turn, run, isWorking, longestTurnMs);
  if (!isWorking(last)) return last;
  await cancelRun(turn, last);
  throw new ModelFailure(
    'ModelUnavailable',
    `The run ${run.id} worked for an hour. It was cancelled, and another is started.`,
  );
}

/**
 * Waits until another client's run releases the thread. The run is never cancelled.
 * @throws ModelFailure `ModelUnavailable` if it does not end.
 */
export async function outwaitRun(turn: AssistantsTurn, run: AssistantRun): Promise<void> {
  const last = await pollWhile(turn, run, isActive, longestWaitMs);
  if (isActive(last))
    throw new ModelFailure(
      'ModelUnavailable',
      `The run ${run.id} of another client locks the thread ${run.thread_id} and is still ${last.status}. The turn is retried later.`,
    );
}

/** Cancels one of Holdpoint's runs that is no longer needed, and waits until it has ended. */
export async function endRun(turn: AssistantsTurn, run: AssistantRun): Promise<AssistantRun> {
  await cancelRun(turn, run);
  const last = await pollWhile(turn, run, isActive, longestWaitMs);
  if (isActive(last))
    throw new ModelFailure(
      'ModelUnavailable',
      `The run ${run.id} could not be cancelled and has not expired. The turn is retried later.`,
    );
  return last;
}

/** Cancels a run. Errors are ignored, since such a run has ended or expires later. */
async function cancelRun({ client, request }: AssistantsTurn, run: AssistantRun): Promise<void> {
  await client.beta.threads.runs
    .cancel(run.id, { thread_id: run.thread_id }, { timeout: 10_000 })
    .catch(() => request.signal.throwIfAborted());
}

/** Polls with growing intervals while the condition holds and time is left. */
async function pollWhile(
  { client, request, intervals, now }: AssistantsTurn,
  first: AssistantRun,
  condition: (run: AssistantRun) => boolean,
  longestMs: number,
): Promise<AssistantRun> {
  const deadline = now() + longestMs;
  let run = first;
  let failedPolls = 0;
  for (
    let interval = intervals.firstMs;
    condition(run) && now() < deadline;
    interval = Math.min(interval * 2, intervals.longestMs)
  ) {
    await sleep(Math.max(0, Math.min(interval, deadline - now())), undefined, { signal: request.signal });
    try {
      run = await client.beta.threads.runs.retrieve(run.id, { thread_id: run.thread_id }, { signal: request.signal });
      failedPolls = 0;
    } catch (error) {
      failedPolls += 1;
      if (isGone(error) || request.signal.aborted || failedPolls >= maxFailedPolls) throw error;
    }
  }
  return run;
}

import { setTimeout as sleep } from 'node:timers/promises';
import { ModelFailure } from '../../../domain/model-failure.ts';
import type { AssistantRun, AssistantsTurn } from './assistants-turn.ts';
import { isGone } from './refusals.ts';

/** Failed looks in a row before the attempt is given up; the run works on, and the next attempt looks again. */
const mostFailedLooks = 5;
/** OpenAI lets no run live longer than ten minutes; a compatible server may set no end at all. */
const longestTurnMs = 60 * 60 * 1000;
/** How long a run of somebody else is waited for: longer than OpenAI lets any run live. */
const longestWaitMs = 15 * 60 * 1000;

/** Whether a run is at work. One that asks for calls without naming any has not got to the end of asking. */
function isWorking(run: AssistantRun): boolean {
  return (
    ['queued', 'in_progress', 'cancelling'].includes(run.status) ||
    (run.status === 'requires_action' && !run.required_action?.submit_tool_outputs.tool_calls.length)
  );
}

/** Whether a run locks its thread. */
export function isActive(run: AssistantRun): boolean {
  return isWorking(run) || run.status === 'requires_action';
}

/**
 * Polls a run of ours until it asks for calls or has ended.
 * @throws ModelFailure `ModelUnavailable` when it goes on for an hour: it is cancelled, and the next attempt starts another.
 */
export async function followRun(turn: AssistantsTurn, run: AssistantRun): Promise<AssistantRun> {
  const last = await pollWhile(turn, run, isWorking, longestTurnMs);
  if (!isWorking(last)) return last;
  await cancelRun(turn, last);
  throw new ModelFailure(
    'ModelUnavailable',
    `The run ${run.id} was at work for an hour. It was cancelled, and another is started.`,
  );
}

/**
 * Waits until a run of somebody else lets the thread go. It is never cancelled: it isn't ours.
 * @throws ModelFailure `ModelUnavailable` when it does not end.
 */
export async function outwaitRun(turn: AssistantsTurn, run: AssistantRun): Promise<void> {
  const last = await pollWhile(turn, run, isActive, longestWaitMs);
  if (isActive(last))
    throw new ModelFailure(
      'ModelUnavailable',
      `The thread ${run.thread_id} is locked by the run ${run.id} of somebody else, which is still ${last.status}. The turn is tried again later.`,
    );
}

/** Ends a run of ours that can't be of use any more, and waits until it has. */
export async function endRun(turn: AssistantsTurn, run: AssistantRun): Promise<AssistantRun> {
  await cancelRun(turn, run);
  const last = await pollWhile(turn, run, isActive, longestWaitMs);
  if (isActive(last))
    throw new ModelFailure(
      'ModelUnavailable',
      `The run ${run.id} could not be cancelled and has not expired either. The turn is tried again later.`,
    );
  return last;
}

/** A run that can't be cancelled has ended, or ends by itself. */
async function cancelRun({ client, request }: AssistantsTurn, run: AssistantRun): Promise<void> {
  await client.beta.threads.runs
    .cancel(run.id, { thread_id: run.thread_id }, { timeout: 10_000 })
    .catch(() => request.signal.throwIfAborted());
}

/** Looks again and again, ever more slowly, while the condition holds and there is time. */
async function pollWhile(
  { client, request, intervals, now }: AssistantsTurn,
  first: AssistantRun,
  condition: (run: AssistantRun) => boolean,
  longestMs: number,
): Promise<AssistantRun> {
  const deadline = now() + longestMs;
  let run = first;
  let failedLooks = 0;
  for (
    let interval = intervals.firstMs;
    condition(run) && now() < deadline;
    interval = Math.min(interval * 2, intervals.longestMs)
  ) {
    await sleep(Math.max(0, Math.min(interval, deadline - now())), undefined, { signal: request.signal });
    try {
      run = await client.beta.threads.runs.retrieve(run.id, { thread_id: run.thread_id }, { signal: request.signal });
      failedLooks = 0;
    } catch (error) {
      failedLooks += 1;
      if (isGone(error) || request.signal.aborted || failedLooks >= mostFailedLooks) throw error;
    }
  }
  return run;
}

import { isActive, type RunObject, type StepObject } from './run.ts';
import type { MessageObject, StoredRun, StoredThread } from './thread-store.ts';

/** One server-sent event of a streamed run. */
export type RunEvent = {
  readonly event: string;
  readonly data: unknown;
};

function* ofMessage(message: MessageObject): Generator<RunEvent> {
  const started = {
    ...message,
    status: 'in_progress',
    content: [],
    completed_at: null,
    incomplete_at: null,
    incomplete_details: null,
  };
  yield { event: 'thread.message.created', data: started };
  yield { event: 'thread.message.in_progress', data: started };
  for (const [index, part] of message.content.entries()) {
    yield {
      event: 'thread.message.delta',
      data: { id: message.id, object: 'thread.message.delta', delta: { content: [{ index, ...(part as object) }] } },
    };
  }
  yield { event: `thread.message.${String(message['status'])}`, data: message };
}

function* ofStep(thread: StoredThread, step: StepObject): Generator<RunEvent> {
  const { step_details: details } = step as {
    step_details: { message_creation?: { message_id: string }; tool_calls?: readonly object[] };
  };
  const calls = details.tool_calls;
  const started = {
    ...step,
    status: 'in_progress',
    completed_at: null,
    ...(calls === undefined ? {} : { step_details: { type: 'tool_calls', tool_calls: [] } }),
  };
  yield { event: 'thread.run.step.created', data: started };
  yield { event: 'thread.run.step.in_progress', data: started };
  if (calls !== undefined) {
    const tool_calls = calls.map((call, index) => ({ index, ...call }));
    yield {
      event: 'thread.run.step.delta',
      data: {
        id: step.id,
        object: 'thread.run.step.delta',
        delta: { step_details: { type: 'tool_calls', tool_calls } },
      },
    };
  }
  const message = thread.messages.find(({ id }) => id === details.message_creation?.message_id);
  if (message !== undefined) yield* ofMessage(message);
  if (step.status !== 'in_progress') yield { event: `thread.run.step.${step.status}`, data: step };
}

/**
 * The events of a run after its turn, in OpenAI's order.
 * @param before The run before the turn.
 * @param stepsBefore The steps before the turn. Only those that were open are sent again.
 */
export function* runEvents(
  thread: StoredThread,
  run: StoredRun,
  before: RunObject,
  stepsBefore: readonly StepObject[],
): Generator<RunEvent> {
  if (stepsBefore.length === 0) yield { event: 'thread.run.created', data: before };
  for (const step of run.steps.filter(({ id, status }) =>
    stepsBefore.some((old) => old.id === id && old.status !== status),
  ))
    yield { event: `thread.run.step.${step.status}`, data: step };
  yield { event: 'thread.run.queued', data: before };
  yield { event: 'thread.run.in_progress', data: { ...before, status: 'in_progress' } };
  for (const step of run.steps.filter(({ id }) => !stepsBefore.some((old) => old.id === id)))
    yield* ofStep(thread, step);
  if (run.wire.status === 'requires_action' || !isActive(run.wire))
    yield { event: `thread.run.${run.wire.status}`, data: run.wire };
}

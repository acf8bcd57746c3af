import type { AssistantObject } from './assistant-store.ts';
import { newAssistantsId } from './assistants-id.ts';
import type { CreateRunRequest } from './assistants-schema.ts';
import type { RunObject, StepObject } from './run.ts';

/** Lifetime of a run from its creation, in seconds. */
const runLifetimeSeconds = 600;

/** A new queued run. The request's fields override the assistant's. `now` is in seconds. */
export function newRunObject(
  threadId: string,
  request: CreateRunRequest,
  assistant: AssistantObject,
  now: number,
): RunObject {
  const instructions = request.instructions ?? assistant.instructions ?? '';
  return {
    id: newAssistantsId('run'),
    object: 'thread.run',
    thread_id: threadId,
    assistant_id: assistant.id,
    created_at: now,
    status: 'queued',
    started_at: null,
    expires_at: now + runLifetimeSeconds,
    completed_at: null,
    failed_at: null,
    cancelled_at: null,
    required_action: null,
    last_error: null,
    incomplete_details: null,
    model: request.model ?? assistant.model,
    instructions: [instructions, request.additional_instructions ?? ''].filter((text) => text !== '').join(' '),
    tools: request.tools ?? assistant.tools,
    tool_choice: request.tool_choice ?? 'auto',
    parallel_tool_calls: request.parallel_tool_calls ?? true,
    response_format: request.response_format ?? assistant.response_format,
    temperature: request.temperature ?? assistant.temperature,
    top_p: request.top_p ?? assistant.top_p,
    max_prompt_tokens: request.max_prompt_tokens ?? null,
    max_completion_tokens: request.max_completion_tokens ?? null,
    truncation_strategy: request.truncation_strategy ?? { type: 'auto', last_messages: null },
    metadata: request.metadata ?? {},
    usage: null,
  };
}

/** A new step of a run. `now` is in seconds. */
export function newStepObject(
  run: RunObject,
  now: number,
  fields: Pick<StepObject, 'type' | 'status' | 'step_details'>,
): StepObject {
  return {
    id: newAssistantsId('step'),
    object: 'thread.run.step',
    created_at: now,
    run_id: run.id,
    thread_id: run.thread_id,
    assistant_id: run.assistant_id,
    completed_at: fields.status === 'completed' ? now : null,
    cancelled_at: null,
    expired_at: null,
    failed_at: null,
    last_error: null,
    metadata: {},
    usage: null,
    ...fields,
  };
}

import type { AssistantsTool } from './assistants-schema.ts';

export type RunStatus =
  | 'queued'
  | 'in_progress'
  | 'requires_action'
  | 'cancelling'
  | 'cancelled'
  | 'failed'
  | 'completed'
  | 'incomplete'
  | 'expired';

/** A function call that waits for its caller's output. */
export type RequiredCall = {
  readonly id: string;
  readonly type: 'function';
  readonly function: { readonly name: string; readonly arguments: string };
};

/** A run in its wire form. Fields that only echo the request are not listed. */
export type RunObject = {
  readonly id: string;
  readonly object: 'thread.run';
  readonly thread_id: string;
  readonly assistant_id: string;
  readonly created_at: number;
  readonly status: RunStatus;
  readonly started_at: number | null;
  /** Ten minutes after creation, also after a submit. Null after the run has ended. */
  readonly expires_at: number | null;
  readonly required_action: {
    readonly type: 'submit_tool_outputs';
    readonly submit_tool_outputs: { readonly tool_calls: readonly RequiredCall[] };
  } | null;
  readonly last_error: { readonly code: string; readonly message: string } | null;
  readonly incomplete_details: { readonly reason: string } | null;
  readonly model: string;
  readonly tools: readonly AssistantsTool[];
  readonly tool_choice: unknown;
  readonly parallel_tool_calls: boolean;
  readonly response_format: unknown;
  readonly max_completion_tokens: number | null;
  readonly [field: string]: unknown;
};

/** A step of a run in its wire form: a message, or calls with their outputs if submitted. */
export type StepObject = {
  readonly id: string;
  readonly object: 'thread.run.step';
  readonly type: 'message_creation' | 'tool_calls';
  readonly status: 'in_progress' | 'completed' | 'cancelled' | 'failed' | 'expired';
  readonly step_details: unknown;
  readonly [field: string]: unknown;
};

const activeStatuses: ReadonlySet<RunStatus> = new Set(['queued', 'in_progress', 'requires_action', 'cancelling']);

/** True if a run in this status locks its thread. */
export function isActive({ status }: { readonly status: RunStatus }): boolean {
  return activeStatuses.has(status);
}

/** The calls whose outputs a run waits for. Empty in other states. */
export function requiredCalls({ required_action: action }: RunObject): readonly RequiredCall[] {
  return action?.submit_tool_outputs.tool_calls ?? [];
}

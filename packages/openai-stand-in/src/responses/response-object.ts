import { inSeconds, type Clock } from '../clock.ts';
import type { Item } from '../item.ts';
import type { CreateResponseRequest } from './request-schema.ts';
import { strictSchemaProblem } from './strict-schema.ts';

export type ResponseStatus = 'completed' | 'failed' | 'in_progress' | 'cancelled' | 'queued' | 'incomplete';

/** A response in its wire form. Fields that only echo the request are not listed. */
export type ResponseObject = {
  readonly id: string;
  readonly object: 'response';
  readonly created_at: number;
  readonly completed_at: number | null;
  readonly status: ResponseStatus;
  readonly error: Readonly<Record<string, unknown>> | null;
  readonly incomplete_details: { readonly reason: string } | null;
  readonly model: string;
  readonly output: readonly Item[];
  readonly previous_response_id: string | null;
  readonly conversation: { readonly id: string } | null;
  readonly usage: Usage | null;
  readonly [field: string]: unknown;
};

type Usage = {
  readonly input_tokens: number;
  readonly input_tokens_details: { readonly cached_tokens: number; readonly cache_write_tokens: number };
  readonly output_tokens: number;
  readonly output_tokens_details: { readonly reasoning_tokens: number };
  readonly total_tokens: number;
};

/** An estimate of four characters per token. It is deterministic. */
function tokensIn(value: unknown): number {
  return Math.ceil(JSON.stringify(value ?? '').length / 4);
}

export function usageOf(context: readonly Item[], request: CreateResponseRequest, output: readonly Item[]): Usage {
  const input = tokensIn(context) + tokensIn(request.instructions) + tokensIn(request.tools ?? []);
  const reasoning = output.filter(({ type }) => type === 'reasoning').length * 64;
  const written =
    output.filter(({ type }) => type !== 'reasoning').reduce((sum, item) => sum + tokensIn(item), 0) + reasoning;
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
    output_tokens: written,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: input + written,
  };
}

function echoTool(tool: NonNullable<CreateResponseRequest['tools']>[number]): unknown {
  if (tool.type !== 'function' || !('parameters' in tool)) return tool;
  const parameters = tool.parameters ?? null;
  const strict = tool.strict ?? (parameters !== null && strictSchemaProblem(parameters) === undefined);
  return { ...tool, description: tool.description ?? null, parameters, strict };
}

/** A new response without output, with the request's fields and the defaults of the others. */
export function newResponseObject(
  id: string,
  request: CreateResponseRequest,
  clock: Clock,
  conversationId: string | null,
): ResponseObject {
  return {
    id,
    object: 'response',
    created_at: inSeconds(clock),
    completed_at: null,
    status: request.background === true ? 'queued' : 'in_progress',
    access_programs: null,
    background: request.background ?? false,
    conversation: conversationId === null ? null : { id: conversationId },
    error: null,
    incomplete_details: null,
    instructions: request.instructions ?? null,
    max_output_tokens: request.max_output_tokens ?? null,
    max_tool_calls: request.max_tool_calls ?? null,
    metadata: request.metadata ?? {},
    model: request.model,
    moderation: null,
    output: [],
    parallel_tool_calls: request.parallel_tool_calls ?? true,
    previous_response_id: request.previous_response_id ?? null,
    prompt: request.prompt ?? null,
    prompt_cache_key: request.prompt_cache_key ?? null,
    prompt_cache_retention: request.prompt_cache_retention ?? null,
    reasoning: { effort: request.reasoning?.effort ?? null, summary: request.reasoning?.summary ?? null },
    safety_identifier: request.safety_identifier ?? null,
    service_tier:
      request.service_tier === undefined || request.service_tier === 'auto' ? 'default' : request.service_tier,
    store: request.store ?? true,
    temperature: request.temperature ?? 1,
    text: { format: request.text?.format ?? { type: 'text' }, verbosity: request.text?.verbosity ?? 'medium' },
    tool_choice: request.tool_choice ?? 'auto',
    tools: (request.tools ?? []).map(echoTool),
    top_logprobs: request.top_logprobs ?? 0,
    top_p: request.top_p ?? 1,
    truncation: request.truncation ?? 'disabled',
    usage: null,
    user: request.user ?? null,
  };
}

import type { TurnRequest } from '../../../activities/ports.ts';
import type { JsonObject } from '@holdpoint/json';
import type { Item } from './response-object.ts';

/** What the new items follow: nothing, a stored response, or a conversation at OpenAI. */
export type Follows = { previous_response_id: string } | { conversation: string } | null;

/** OpenAI's limit for a value of `metadata` (OpenAPI specification, `Metadata`). */
const longestMetadata = 512;

/**
 * The body of `POST /responses`. The assistant's modelSettings lie beneath what Holdpoint sets. Tools and instructions
 * are not inherited from an earlier response, so they are sent every time.
 */
export function requestBody(
  { assistant, runId, turn }: TurnRequest,
  input: readonly Item[],
  follows: Follows,
  maxOutputTokens: number | null,
): JsonObject {
  const { stream, include, ...settings } = assistant.modelSettings;
  const included = new Set([
    ...((include ?? []) as string[]),
    ...(assistant.store ? [] : ['reasoning.encrypted_content']),
  ]);
  return {
    ...settings,
    ...(maxOutputTokens !== null && { max_output_tokens: maxOutputTokens }),
    model: assistant.model,
    ...(assistant.instructions !== null && { instructions: assistant.instructions }),
    input: [...input],
    ...follows,
    ...(assistant.tools.length > 0 && {
      tools: assistant.tools.map(functionTool),
      parallel_tool_calls: assistant.parallelToolCalls,
    }),
    store: assistant.store,
    metadata: { holdpoint_run: runId.slice(0, longestMetadata), holdpoint_turn: String(turn) },
    ...(included.size > 0 && { include: [...included] }),
    ...(assistant.background ? { background: true } : { stream: stream !== false }),
  };
}

function functionTool({ name, description, parametersSchema }: TurnRequest['assistant']['tools'][number]): JsonObject {
  return { type: 'function', name, description, parameters: parametersSchema, strict: true };
}

/** The assistant's `max_output_tokens`; null where it sets none. */
export function maxOutputTokensOf({ assistant }: TurnRequest): number | null {
  const tokens = assistant.modelSettings['max_output_tokens'];
  return typeof tokens === 'number' ? tokens : null;
}

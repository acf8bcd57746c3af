import type { TurnRequest } from '../../../activities/ports.ts';
import type { Json, JsonObject } from '@holdpoint/json';
import type { Droppable } from '../refused-settings.ts';
import type { Item } from './response-object.ts';

/** The parent of the new items: a stored response, a conversation at OpenAI, or null for none. */
export type Follows = { previous_response_id: string } | { conversation: string } | null;

/** OpenAI's limit for a value of `metadata` (OpenAPI specification, `Metadata`). */
const longestMetadata = 512;

/**
 * The body of `POST /responses`. Fields that Holdpoint sets override the assistant's modelSettings. Tools and
 * instructions are sent every time, since a response does not inherit them.
 * @param without Fields that the server refused in this run.
 */
export function requestBody(
  request: TurnRequest,
  input: readonly Item[],
  follows: Follows,
  { maxOutputTokens, without }: { maxOutputTokens: number | null; without: ReadonlySet<Droppable> },
): JsonObject {
  const { assistant, runId, turn } = request;
  const { stream, include, tool_choice: toolChoice, ...settings } = assistant.modelSettings;
  const included = new Set([
    ...((include ?? []) as string[]),
    ...(assistant.store === false ? ['reasoning.encrypted_content'] : []),
  ]);
  const sends = (name: Droppable) => !without.has(name) && !assistant.leavesOut.includes(name);
  const strict = sends('strict') && assistant.strict !== null ? { strict: assistant.strict } : {};
  const background = assistant.background !== null && !without.has('background');
  const choice = sends('tool_choice') ? choiceOfTurn(request, toolChoice) : undefined;
  return {
    ...settings,
    ...(choice !== undefined && { tool_choice: choice }),
    ...(maxOutputTokens !== null && { max_output_tokens: maxOutputTokens }),
    model: assistant.model,
    ...(assistant.instructions !== null && { instructions: assistant.instructions }),
    input: [...input],
    ...follows,
    ...(assistant.tools.length > 0 && {
      tools: assistant.tools.map((tool) => ({ ...functionTool(tool), ...strict })),
      ...(assistant.parallelToolCalls !== null &&
        sends('parallel_tool_calls') && { parallel_tool_calls: assistant.parallelToolCalls }),
    }),
    ...(assistant.store !== null && sends('store') && { store: assistant.store }),
    ...(sends('metadata') && {
      metadata: { holdpoint_run: runId.slice(0, longestMetadata), holdpoint_turn: String(turn) },
    }),
    ...(included.size > 0 && sends('include') && { include: [...included] }),
    ...(background ? { background: true } : { stream: stream !== false && !without.has('stream') }),
  };
}

/**
 * The `tool_choice` of a turn. A choice that forces a call applies to the first turn after each user message. A model
 * that must call a tool in every turn would never answer.
 */
export function choiceOfTurn({ input }: Pick<TurnRequest, 'input'>, choice: Json | undefined): Json | undefined {
  if (choice === undefined || choice === 'auto' || choice === 'none' || input.messages.length > 0) return choice;
  const allowed = typeof choice === 'object' && choice !== null && !Array.isArray(choice) ? choice : {};
  return allowed['type'] === 'allowed_tools' ? { ...allowed, mode: 'auto' } : undefined;
}

function functionTool({ name, description, parametersSchema }: TurnRequest['assistant']['tools'][number]): JsonObject {
  return { type: 'function', name, description, parameters: parametersSchema };
}

/** The assistant's `max_output_tokens`. Null if it sets none. */
export function maxOutputTokensOf({ assistant }: TurnRequest): number | null {
  const tokens = assistant.modelSettings['max_output_tokens'];
  return typeof tokens === 'number' ? tokens : null;
}

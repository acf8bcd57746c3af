import type { TurnRequest } from '../../../activities/ports.ts';
import type { Item } from './response-object.ts';

/** OpenAI's limit for the text of one output (OpenAPI specification, `FunctionCallOutputItemParam`). */
export const longestOutput = 10_485_760;

/** The input items that a turn adds to the conversation. */
export function newItems(input: TurnRequest['input']): Item[] {
  return [
    ...input.outputs.map(({ callId, output }): Item => ({
      type: 'function_call_output',
      call_id: callId,
      output: withinLimit(output.toWellFormed()),
    })),
    ...input.messages.map((text): Item => ({
      type: 'message',
      role: 'user',
      content: [{ type: 'input_text', text: text.toWellFormed() }],
    })),
  ];
}

function withinLimit(output: string): string {
  if (output.length <= longestOutput) return output;
  const marker = `\n[Holdpoint cut this output here: it has ${output.length} characters, and OpenAI takes ${longestOutput}.]`;
  const kept = output.slice(0, longestOutput - marker.length);
  // Half of a surrogate pair is not valid text.
  return `${/[\uD800-\uDBFF]$/.test(kept) ? kept.slice(0, -1) : kept}${marker}`;
}

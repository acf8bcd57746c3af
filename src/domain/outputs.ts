import type { Json, JsonObject } from '@holdpoint/json';

/** Outputs for calls that did not simply run. Fixed texts: users' prompts rely on them. */
export const outputs = {
  denied: 'Security system denied this specific action.',
  deniedWithNote: (note: string) => `Security system denied this specific action. Reviewer's note: ${note}`,
  expired: 'Nobody decided on this action in time. It was not carried out.',
  withdrawn: 'The run was cancelled. This action was not carried out.',
  superseded: 'A newer message replaced this action. It was not carried out.',
  unknownTool: (name: string, available: readonly string[]) =>
    `Unknown tool "${name}". Available tools: ${available.join(', ')}.`,
  badArguments: (name: string, path: string, message: string) =>
    `Invalid arguments for "${name}": ${path}: ${message}.`,
  runEnded: 'The run ended before this action. It was not carried out.',
  tooManyCalls: 'Too many tool calls in one turn. This one was not carried out; ask for it again.',
  deniedBefore: 'This action was denied before. It was not asked again.',
  failed: (name: string, message: string) => `Tool "${name}" failed: ${message}`,
  confirmed: 'A person confirmed that this action was carried out. Its result is not known.',
  unknown: 'It is unknown whether this action was carried out. Do not repeat it.',
} as const;

/** A tool's result as output text: a string as it is, anything else as JSON. */
export function resultOutput(result: Json): string {
  return typeof result === 'string' ? result : JSON.stringify(result);
}

/** The output after a reviewer's edit: the result, and the arguments that were executed instead. */
export function editedOutput(
  result: Json,
  changes: Record<string, { from: Json; to: Json }>,
  note: string | null,
): string {
  return JSON.stringify({ result, changedByReviewer: changes, ...(note ? { reviewerNote: note } : {}) });
}

/** The output of an approved call whose tool has no `execute`: the shape of Cheqpoint's guide for OpenAI Assistants. */
export function approvedOutput(modifiedDetails: JsonObject | null): string {
  return JSON.stringify({ success: true, ...modifiedDetails });
}

/** The output of a result that waited long for the other calls of its turn. */
export function agedOutput(result: Json, obtainedAt: number): string {
  return JSON.stringify({ result, obtainedAt: new Date(obtainedAt).toISOString() });
}

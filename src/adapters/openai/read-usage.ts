import { isJsonObject } from '@holdpoint/json';
import type { TokenUsage } from '../../domain/run-record.ts';

/**
 * The tokens in a `usage` object of the Responses API, of Chat Completions or of the Assistants API. Null if it has
 * none. Servers that count nothing write zeros, and no turn has none at all.
 */
export function readUsage(usage: unknown): TokenUsage | null {
  if (!isJsonObject(usage)) return null;
  const count = (...names: string[]): number | null => countIn(usage, names);
  const inside = (names: string[], field: string): number | null =>
    names.map((name) => countIn(usage[name], [field])).find((found) => found !== null) ?? null;
  const input = count('input_tokens', 'prompt_tokens');
  const output = count('output_tokens', 'completion_tokens');
  if ((input ?? 0) === 0 && (output ?? 0) === 0) return null;
  return {
    input,
    cachedInput: inside(['input_tokens_details', 'prompt_tokens_details', 'prompt_token_details'], 'cached_tokens'),
    output,
    reasoning: inside(['output_tokens_details', 'completion_tokens_details'], 'reasoning_tokens'),
  };
}

/** The tokens of two requests. A number that one of them lacks is that of the other. */
export function sumOfUsage(one: TokenUsage | null, other: TokenUsage | null): TokenUsage | null {
  if (one === null || other === null) return one ?? other;
  const sum = (name: keyof TokenUsage): number | null =>
    one[name] === null && other[name] === null ? null : (one[name] ?? 0) + (other[name] ?? 0);
  return { input: sum('input'), cachedInput: sum('cachedInput'), output: sum('output'), reasoning: sum('reasoning') };
}

function countIn(value: unknown, names: readonly string[]): number | null {
  if (!isJsonObject(value)) return null;
  const found = names.map((name) => value[name]).find((count) => Number.isSafeInteger(count) && (count as number) >= 0);
  return (found as number | undefined) ?? null;
}

import { inspect } from 'node:util';
import { unknownOption } from '@holdpoint/json';
import { durationMs } from '../schemas/duration.ts';
import type { Duration } from './tool.ts';

/**
 * Thrown by `defineTool`, `defineAssistant`, `defineConfig` and `fromAgentsTool` for an invalid definition. The message
 * names the tool or assistant and the option, and says what to write instead.
 */
export class InvalidDefinition extends Error {
  override readonly name = 'InvalidDefinition';
}

/** Refuses a definition. `owner` names it (`Tool "refund"`). `sentence` says what is wrong and what to write. */
export function refuse(owner: string, sentence: string): never {
  throw new InvalidDefinition(`${owner}: ${sentence}`);
}

/** Refuses a value that is not an object with only the known options. A misspelt option would have no effect. */
export function checkOptions(owner: string, field: string, input: unknown, known: readonly string[]): void {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) refuse(owner, `${field} must be an object.`);
  const unknown = unknownOption(input, known);
  if (unknown !== undefined) refuse(owner, `${field} has ${unknown}`);
}

/** Refuses a value that is not a non-empty text. */
export function checkText(owner: string, field: string, value: unknown): asserts value is string {
  if (typeof value !== 'string' || value.trim() === '') refuse(owner, `${field} must be a text that is not empty.`);
}

/** Refuses a value that is present and not one of `allowed`. */
export function checkOneOf(owner: string, field: string, value: unknown, allowed: readonly unknown[]): void {
  if (value !== undefined && !allowed.includes(value)) {
    refuse(
      owner,
      `${field} must be ${allowed.map((one) => (typeof one === 'string' ? `'${one}'` : String(one))).join(' or ')}, not ${shown(value)}.`,
    );
  }
}

/** The longest span of an option: `shown` in words, and `advice` for a longer one. */
export type SpanLimit = { ms: number; shown: string; advice: string };

/**
 * A time span in milliseconds. Refuses text that can't be parsed, and spans that are not above zero or above the limit.
 */
export function checkDuration(owner: string, field: string, value: Duration, limit: SpanLimit): number {
  const milliseconds = durationMs(value);
  if (!milliseconds) {
    refuse(
      owner,
      `${field} must be a time span above zero, such as '3 days', '90 s' or a number of milliseconds, not ${shown(value)}.`,
    );
  }
  if (milliseconds > limit.ms)
    refuse(owner, `${field} must be at most ${limit.shown}, not ${shown(value)}. ${limit.advice}`);
  return milliseconds;
}

/** A value for an error message, shortened. */
export function shown(value: unknown): string {
  const text =
    typeof value === 'string'
      ? `"${value}"`
      : typeof value === 'function'
        ? 'a function'
        : (jsonOf(value) ?? inspect(value));
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

/** Undefined for a value without JSON, such as a BigInt or an object that holds itself. */
function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

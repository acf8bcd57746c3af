import { inspect } from 'node:util';

/**
 * An error in a log: name, message, stack, and the same of its causes. Other fields may hold secrets, such as a
 * request's headers.
 */
export type ErrorFields = { type: string; message: string; stack?: string; code?: string; cause?: ErrorFields };

/** Causes below this depth are left out. */
const deepest = 5;
const longestMessage = 4_000;
const longestStack = 8_000;

/** The fields of an error for a log. */
export function errorFields(error: unknown, depth = 0): ErrorFields {
  if (!(error instanceof Error)) return { type: typeof error, message: cut(asText(error), longestMessage) };
  const { code, type } = error as { code?: unknown; type?: unknown };
  return {
    // Failures of Temporal hold the name of the original error in `type`.
    type: error.name === 'ApplicationFailure' && typeof type === 'string' ? type : error.name,
    message: cut(String(error.message), longestMessage),
    ...(typeof error.stack === 'string' && { stack: cut(error.stack, longestStack) }),
    ...(typeof code === 'string' && { code }),
    ...(error.cause !== undefined && depth < deepest && { cause: errorFields(error.cause, depth + 1) }),
  };
}

function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  try {
    return JSON.stringify(value) ?? inspect(value);
  } catch {
    return inspect(value, { depth: 0 });
  }
}

function cut(text: string, longest: number): string {
  return text.length > longest ? `${text.slice(0, longest)} …` : text;
}

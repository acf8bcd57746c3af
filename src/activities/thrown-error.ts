import { ApplicationFailure } from '@temporalio/common';
import { errorFields, redacted, type ErrorFields } from '@holdpoint/process';

/**
 * Bytes of the parts of a failure. Temporal's server replaces the last failure of a pending Activity above 4 KB by
 * "Failure exceeds size limit", and the tool's name, the call and the place would be lost with it.
 */
const longestText = 400;
const longestMessage = 500;
const longestStack = 700;
const longestHead = 150;
/** Causes below this depth are left out. Each may have half of what the one above it may have. */
const deepestCause = 2;

/**
 * A copy of an error of the user's code for Temporal: name, message, stack and causes, bounded, without secrets and
 * other fields.
 */
export function thrownError(error: unknown): Error {
  return copied(errorFields(error), 0);
}

function copied({ type, message, stack, cause }: ErrorFields, depth: number): Error {
  const share = 2 ** depth;
  const copy = ApplicationFailure.create({
    type: cut(type, 100),
    message: cut(redacted(message), longestMessage / share),
    ...(cause && depth < deepestCause && { cause: copied(cause, depth + 1) }),
  });
  copy.stack = [
    `${copy.type}: ${cut(copy.message, longestHead)}`,
    ...framesOf(redacted(stack ?? ''), longestStack / share),
  ].join('\n');
  return copy;
}

/** The first frames of a stack, within a number of bytes. */
function framesOf(stack: string, bytes: number): string[] {
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line));
  let sum = 0;
  return frames.filter((line) => (sum += Buffer.byteLength(line) + 1) <= bytes);
}

/** The message of an error, for people: bounded, without secrets. A thrown value that is no error is shown as JSON. */
export function thrownMessage(error: unknown): string {
  return cut(redacted(errorFields(error).message), longestText);
}

/** The beginning of a text, within a number of bytes. */
function cut(text: string, bytes: number): string {
  const whole = Buffer.from(text.slice(0, bytes + 1));
  if (whole.length <= bytes && text.length <= bytes) return text;
  return `${whole
    .subarray(0, bytes)
    .toString()
    .replace(/\uFFFD$/, '')} …`;
}

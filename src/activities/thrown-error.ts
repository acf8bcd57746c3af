import { ApplicationFailure } from '@temporalio/common';
import { errorFields, redacted, type ErrorFields } from '@holdpoint/process';

/** A copy of an error of the user's code for Temporal: name, message, stack and causes, bounded, without secrets and other fields. */
export function thrownError(error: unknown): Error {
  return copied(errorFields(error));
}

function copied({ type, message, stack, cause }: ErrorFields): Error {
  const copy = ApplicationFailure.create({ type, message: redacted(message), ...(cause && { cause: copied(cause) }) });
  copy.stack = redacted(stack ?? `${type}: ${message}`);
  return copy;
}

/** The message of an error, for people. */
export function thrownMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

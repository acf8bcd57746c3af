import { hasBrand, mark } from './brand.ts';

/**
 * Throw it from `execute` when the tool failed for good: it is not tried again, and the model is told
 * `Tool "<name>" failed: <message>`. Put no secrets into the message.
 */
export class ToolFailed extends Error {
  override readonly name = 'ToolFailed';
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    mark('tool-failed', this);
  }
}

/**
 * Throw it from `execute` when certainly nothing happened: the connection was refused, the request was turned away.
 * The tool may then run again, also one with `effect: 'at-most-once'`. Don't throw it after a time-out: something may have happened.
 */
export class NotExecuted extends Error {
  override readonly name = 'NotExecuted';
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    mark('not-executed', this);
  }
}

/** True for a `ToolFailed` of this copy of the package or another. */
export function isToolFailed(error: unknown): error is ToolFailed {
  return hasBrand('tool-failed', error);
}

/** True for a `NotExecuted` of this copy of the package or another. */
export function isNotExecuted(error: unknown): error is NotExecuted {
  return hasBrand('not-executed', error);
}

import { hasBrand, mark } from './brand.ts';

/**
 * Throw it from `execute` for a final failure. The tool is not retried, and the model gets
 * `Tool "<name>" failed: <message>`. Put no secrets into the message.
 * @example
 * if (payment.refunded) throw new ToolFailed('the payment was refunded before');
 */
export class ToolFailed extends Error {
  override readonly name = 'ToolFailed';
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    mark('tool-failed', this);
  }
}

/**
 * Throw it from `execute` when certainly nothing happened: the connection or the request was refused. The tool is
 * retried, also with `effect: 'at-most-once'`. Don't throw it after a timeout, since the effect may have happened.
 * @example
 * if (response.status === 503) throw new NotExecuted('the mail service is down');
 */
export class NotExecuted extends Error {
  override readonly name = 'NotExecuted';
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    mark('not-executed', this);
  }
}

/** True for a `ToolFailed` of any copy of the package. */
export function isToolFailed(error: unknown): error is ToolFailed {
  return hasBrand('tool-failed', error);
}

/** True for a `NotExecuted` of any copy of the package. */
export function isNotExecuted(error: unknown): error is NotExecuted {
  return hasBrand('not-executed', error);
}

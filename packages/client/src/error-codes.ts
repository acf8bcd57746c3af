/** Error codes of the gateway. docs/errors.md has the cause and the remedy of each. */
export type GatewayErrorCode =
  | 'invalid-request'
  | 'unknown-assistant'
  | 'unauthorized'
  | 'forbidden'
  | 'not-found'
  | 'run-not-found'
  | 'approval-not-found'
  | 'question-not-found'
  | 'caller-not-found'
  | 'run-id-taken'
  | 'run-closed'
  | 'run-not-continuable'
  | 'idempotency-key-reused'
  | 'message-key-taken'
  | 'run-not-parked'
  | 'caller-exists'
  | 'api-key-not-active'
  | 'payload-too-large'
  | 'unsupported-media-type'
  | 'too-many-messages'
  | 'too-many-streams'
  | 'internal-error'
  | 'streams-full'
  | 'webhooks-not-set-up'
  | 'usage-not-set-up'
  | 'removals-not-set-up'
  | 'api-keys-not-set-up'
  | 'database-unavailable'
  | 'review-unavailable'
  | 'temporal-not-set-up'
  | 'temporal-unavailable';

/**
 * Error codes of the client itself. `unreachable`: no answer came in time. `unexpected-answer`: the answer is not one
 * of a Holdpoint gateway. Check the `url`.
 */
export type ClientErrorCode = 'unreachable' | 'unexpected-answer';

/** The body of every answer with a status of 400 or above. */
export type ErrorBody = {
  error: {
    code: GatewayErrorCode;
    message: string;
    /** The part of the request at fault, such as `body.context.user` or `query.state`. */
    path?: string | undefined;
  };
};

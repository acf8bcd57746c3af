import { z } from 'zod';

/**
 * Every error code of the gateway, with its HTTP status. `says` is for docs/errors.md; the message of an answer names
 * the case at hand.
 */
export const restErrors = {
  'invalid-request': {
    status: 400,
    says: 'The body, a parameter or the query is not what the route takes; `path` names the place.',
  },
  'unknown-assistant': { status: 400, says: 'No assistant of that name is in the config.' },
  unauthorized: {
    status: 401,
    says: 'The API key is missing or wrong, a callback address was not made by this Holdpoint, or a webhook was not signed by OpenAI just now.',
  },
  'not-found': { status: 404, says: 'There is no such route.' },
  'run-not-found': { status: 404, says: 'Temporal knows no run of that id, or no longer.' },
  'approval-not-found': { status: 404, says: 'No open run waits for an approval of that id.' },
  'run-id-taken': { status: 409, says: 'A run of that id, or idempotency key, was started with another input.' },
  'run-closed': { status: 409, says: 'The run has ended, so it takes no more orders or messages.' },
  'run-not-continuable': { status: 409, says: 'Only a completed run of the same assistant can be continued.' },
  'message-key-taken': { status: 409, says: 'Another message was sent to the run under that idempotency key.' },
  'run-not-parked': { status: 409, says: 'Only a parked run can be resumed.' },
  'payload-too-large': {
    status: 413,
    says: 'The body, the input, the context or the message is larger than Holdpoint takes.',
  },
  'unsupported-media-type': { status: 415, says: 'The body is not sent as application/json.' },
  'too-many-messages': { status: 429, says: 'As many messages as a run keeps (50) wait for its next turn already.' },
  'internal-error': { status: 500, says: 'A bug in Holdpoint; its log says more.' },
  'webhooks-not-set-up': {
    status: 503,
    says: "This gateway has no secret for OpenAI's webhooks, or no database to keep their news.",
  },
  'temporal-not-set-up': {
    status: 503,
    says: 'Temporal lacks the namespace or the search attributes that Holdpoint needs.',
  },
  'temporal-unavailable': {
    status: 503,
    says: 'Temporal could not be reached in time; the same request may be sent again.',
  },
} as const;

export type RestErrorCode = keyof typeof restErrors;
const restErrorCodes = Object.keys(restErrors) as [RestErrorCode, ...RestErrorCode[]];

/** The body of every answer with a status of 400 or above. */
export const restErrorSchema = z
  .object({
    error: z.object({
      code: z.enum(restErrorCodes),
      message: z.string(),
      /** Where in the request the fault is, as `body.context.user` or `query.state`. */
      path: z.string().optional(),
    }),
  })
  .meta({ id: 'Error' });
export type RestErrorBody = z.output<typeof restErrorSchema>;

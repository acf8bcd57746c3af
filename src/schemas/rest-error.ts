import type { GatewayErrorCode } from '@holdpoint/client';
import { z } from 'zod';

/** Every error code of the gateway with its HTTP status. `says` is the text for OpenAPI and docs/errors.md. */
export const restErrors = {
  'invalid-request': {
    status: 400,
    says: 'The body, a parameter or the query does not match the route. `path` names the place.',
  },
  'unknown-assistant': { status: 400, says: 'No running worker has an assistant with that name.' },
  unauthorized: {
    status: 401,
    says: 'The API key is missing or wrong, the callback token is not from this Holdpoint, or the webhook has no fresh OpenAI signature.',
  },
  forbidden: { status: 403, says: 'The caller of this API key does not have the permission. The message names it.' },
  'not-found': { status: 404, says: 'The gateway has no such route.' },
  'run-not-found': {
    status: 404,
    says: 'Temporal has no run with that id, or has deleted it after its retention, or the caller does not see it.',
  },
  'approval-not-found': { status: 404, says: 'No open run waits for an approval with that id.' },
  'question-not-found': { status: 404, says: 'The approval has no question with that id.' },
  'caller-not-found': { status: 404, says: 'There is no caller with that name, or it has no key with that id.' },
  'run-id-taken': { status: 409, says: 'Another request already used that id or idempotency key.' },
  'run-closed': { status: 409, says: 'The run has ended. It accepts no orders or messages.' },
  'run-not-continuable': {
    status: 409,
    says: "Only a completed or failed run of the same assistant can be continued. A terminated or timed-out one can't.",
  },
  'idempotency-key-reused': { status: 422, says: 'Another request had that Idempotency-Key.' },
  'message-key-taken': { status: 409, says: 'Another message to the run used that idempotency key.' },
  'run-not-parked': { status: 409, says: 'Only a parked run can be resumed.' },
  'caller-exists': { status: 409, says: 'A caller has or had that name. Names are not given again.' },
  'api-key-not-active': {
    status: 409,
    says: 'The key was replaced or revoked before, or an older key of the caller is still accepted.',
  },
  'payload-too-large': {
    status: 413,
    says: 'The body, the input, the context or the message is too large.',
  },
  'unsupported-media-type': { status: 415, says: 'The body was not sent as application/json.' },
  'too-many-messages': { status: 429, says: '50 messages already wait for the next turn of the run.' },
  'too-many-streams': { status: 429, says: 'This API key watches as many runs at once as it may.' },
  'internal-error': { status: 500, says: 'A bug in Holdpoint. The log of the gateway has the error.' },
  'streams-full': { status: 503, says: 'The gateway has as many open event streams as it takes.' },
  'webhooks-not-set-up': {
    status: 503,
    says: 'The gateway lacks the OpenAI webhook secret or the database.',
  },
  'usage-not-set-up': { status: 503, says: 'The gateway has no database, so it does not know the usage.' },
  'removals-not-set-up': { status: 503, says: 'The gateway has no database, so it can not remove runs.' },
  'api-keys-not-set-up': { status: 503, says: 'The gateway has no database, so HOLDPOINT_API_KEY is its only key.' },
  'database-unavailable': {
    status: 503,
    says: "Holdpoint's database did not answer. Send the same request again.",
  },
  'review-unavailable': {
    status: 503,
    says: 'The request could not be read at the review service. The message says the reason.',
  },
  'temporal-not-set-up': {
    status: 503,
    says: 'Temporal lacks the namespace or the search attributes that Holdpoint needs.',
  },
  'temporal-unavailable': {
    status: 503,
    says: 'Temporal did not answer in time. Send the same request again.',
  },
} as const satisfies Record<GatewayErrorCode, { status: number; says: string }>;

const codes = Object.keys(restErrors) as [GatewayErrorCode, ...GatewayErrorCode[]];

/** The body of every answer with a status of 400 or above. */
export const restErrorSchema = z
  .object({
    error: z.object({
      code: z.enum(codes),
      message: z.string(),
      /** The part of the request at fault, such as `body.context.user` or `query.state`. */
      path: z.string().optional(),
    }),
  })
  .meta({ id: 'Error' });
export type RestErrorBody = z.output<typeof restErrorSchema>;

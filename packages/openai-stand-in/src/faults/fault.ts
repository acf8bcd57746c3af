import { z } from 'zod';

const match = z.strictObject({
  method: z.string().optional(),
  /** The request's path, such as `/v1/responses`. `*` matches any characters. @default every path under `/v1/` */
  path: z.string().optional(),
  /** Part of the newest user message of the continued conversation or thread. Ignores case. */
  text: z.string().optional(),
  /** True: only requests with an output of a call. False: only requests without one. */
  outputs: z.boolean().optional(),
  /** Starts with the nth matching request, counted from 1. @default 1 */
  nth: z.number().int().min(1).optional(),
});

const common = {
  match: match.optional(),
  /** The number of times that the fault happens. @default 1 */
  times: z.union([z.number().int().min(1), z.literal('always')]).default(1),
};

/** The shape of an error's body: OpenAI's, `{"detail": …}`, `{"message": …}`, an HTML page, or empty. */
const shape = z.enum(['openai', 'detail', 'message', 'html', 'empty']);
const answer = {
  ...common,
  shape: shape.default('openai'),
  headers: z.record(z.string(), z.string()).optional(),
  message: z.string().optional(),
};
const at = z.enum(['before', 'during', 'after']);

/** Faults that answer without processing the request. */
const answerFaults = [
  z.strictObject({ kind: z.literal('rate_limit'), ...answer, retryAfterSeconds: z.number().min(0).optional() }),
  z.strictObject({ kind: z.literal('insufficient_quota'), ...answer }),
  z.strictObject({ kind: z.literal('invalid_api_key'), ...answer }),
  z.strictObject({ kind: z.literal('permission_denied'), ...answer }),
  z.strictObject({ kind: z.literal('model_not_found'), ...answer }),
  z.strictObject({ kind: z.literal('request_timeout'), ...answer }),
  z.strictObject({ kind: z.literal('conflict'), ...answer }),
  z.strictObject({ kind: z.literal('conversation_locked'), ...answer }),
  z.strictObject({ kind: z.literal('server_error'), ...answer }),
  z.strictObject({ kind: z.literal('overloaded'), ...answer, retryAfterSeconds: z.number().min(0).optional() }),
  /** Any other answer: this status with this error, or with `body` unchanged. */
  z.strictObject({
    kind: z.literal('status'),
    ...answer,
    status: z.number().int().min(400).max(599),
    retryAfterSeconds: z.number().min(0).optional(),
    type: z.string().optional(),
    code: z.string().nullable().optional(),
    param: z.string().nullable().optional(),
    body: z.unknown().optional(),
  }),
] as const;

/** A fault in its wire form. */
export const faultSchema = z.discriminatedUnion('kind', [
  ...answerFaults,
  /** Closes the connection before processing. */
  z.strictObject({ kind: z.literal('drop'), ...common }),
  /** Processes and stores, then closes the connection, so the reply is lost. */
  z.strictObject({ kind: z.literal('drop_after_commit'), ...common }),
  /** Closes the connection of a streamed answer after `afterEvents` events. The response is stored. */
  z.strictObject({ kind: z.literal('cut_stream'), ...common, afterEvents: z.number().int().min(0) }),
  /**
   * Waits in real time: before processing, while the model works (a conversation is locked then), or after the commit.
   */
  z.strictObject({ kind: z.literal('delay'), ...common, milliseconds: z.number().min(0), at: at.default('before') }),
  /** Waits like `delay`, but until the fault is removed. */
  z.strictObject({ kind: z.literal('hold'), ...common, at: at.default('before') }),
  /** Writes the request's errors in another shape, as compatible servers do. */
  z.strictObject({ kind: z.literal('error_shape'), ...common, shape }),
  /** An unknown parent gets 404 instead of 400. */
  z.strictObject({ kind: z.literal('unknown_parent_404'), ...common }),
  /** Deletes the parent that the request names. */
  z.strictObject({ kind: z.literal('forget_parent'), ...common }),
  /** A background response never leaves `in_progress`. */
  z.strictObject({ kind: z.literal('stay_in_progress'), ...common }),
  /** Refuses replayed reasoning items that carry encrypted content. */
  z.strictObject({ kind: z.literal('refuse_encrypted_reasoning'), ...common }),
]);
export type Fault = z.infer<typeof faultSchema>;
/** A fault as written by its caller. Fields with defaults are optional. */
export type FaultInput = z.input<typeof faultSchema>;
export type FaultOf<Kind extends Fault['kind']> = Extract<Fault, { kind: Kind }>;
export type AnswerFault = z.infer<(typeof answerFaults)[number]>;

const answerKinds: ReadonlySet<string> = new Set(answerFaults.map(({ shape }) => shape.kind.value));

export function isAnswerFault(fault: Fault): fault is AnswerFault {
  return answerKinds.has(fault.kind);
}

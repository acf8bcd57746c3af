import { z } from 'zod';
import { riskLevels } from '../domain/approval.ts';
import { longestAction } from '../domain/standalone-approval.ts';
import type { JsonObject } from '@holdpoint/json';
import { assistantName, json, runIdSchema } from './rest.ts';

/** The largest `argumentsSchema`, in bytes of JSON: it stays in the history. */
export const largestArgumentsSchemaBytes = 64 * 1024;

const plainText = (longest: number) =>
  z
    .string()
    .min(1, 'must not be empty')
    .max(longest)
    .refine((text) => !text.includes('\0'), 'must not contain the NUL character');
// The very object that was sent: a schema that copies would lose a key such as "__proto__".
const jsonObject = z
  .custom<JsonObject>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    'must be a JSON object',
  )
  .meta({ type: 'object', additionalProperties: true });

/** The body of `POST /v1/approvals`. */
export const askApprovalSchema = z
  .object({
    /** What would be done, as a name: rules go by it. */
    action: plainText(longestAction),
    /** One plain sentence for the reviewer. */
    summary: plainText(2_000),
    /** What would be done, exactly: the reviewer sees it, may edit it, and approves it. */
    details: jsonObject,
    /** Why this should happen. */
    justification: plainText(20_000).optional(),
    /** Default: `medium`. */
    riskLevel: z.enum(riskLevels).optional(),
    /** How long to wait for a decision: text (`3 days`) or milliseconds. Default: without end. */
    expiresIn: z.union([z.string(), z.number()]).optional(),
    /** JSON schema of `details` (draft 2020-12): an edit must fit it. Default: any JSON object. */
    argumentsSchema: jsonObject.optional(),
    /** An assistant of the config, whose Connection Key is used. Default: `CHEQPOINT_CONNECTION_KEY`. */
    assistant: assistantName.optional(),
    /** Shown to the reviewer beside the details. */
    context: json.optional(),
    /** The approval's id, chosen by the caller; the same id with the same request finds the approval that exists. */
    id: runIdSchema.optional(),
    /** The id is made from this key: a request sent twice with it asks once. */
    idempotencyKey: z.string().min(1, 'must not be empty').max(255).optional(),
  })
  .strict()
  .refine(({ id, idempotencyKey }) => id === undefined || idempotencyKey === undefined, {
    path: ['idempotencyKey'],
    message: 'give either `id` or `idempotencyKey`; an id makes a request repeatable by itself',
  })
  .meta({ id: 'AskApproval' });
export type AskApproval = z.input<typeof askApprovalSchema>;

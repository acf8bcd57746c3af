import type { AnswerApproval, AskApproval } from '@holdpoint/client';
import { isJsonObject, type JsonObject } from '@holdpoint/json';
import { z } from 'zod';
import { riskLevels } from '../domain/approval.ts';
import { longestAction } from '../domain/standalone-approval.ts';
import { assistantName, idempotencyKey, idOrKey, json, runIdSchema } from './rest.ts';

/** Largest `argumentsSchema`, in bytes of JSON. It stays in the history. */
export const largestArgumentsSchemaBytes = 64 * 1024;

const plainText = (longest: number) =>
  z
    .string()
    .min(1, 'must not be empty')
    .max(longest)
    .refine((text) => !text.includes('\0'), 'must not contain the NUL character');
// Keeps the object that was sent: a copying schema would lose a key such as "__proto__".
const jsonObject = z
  .custom<JsonObject>(isJsonObject, 'must be a JSON object')
  .meta({ type: 'object', additionalProperties: true });

/** The body of `POST /v1/approvals/{id}/answers`. */
export const answerSchema = z
  .object({ question: z.string().min(1).max(100), answer: plainText(8_000) })
  .strict()
  .meta({ id: 'AnswerApproval' }) satisfies z.ZodType<unknown, AnswerApproval>;

/** The body of `POST /v1/approvals`. */
export const askApprovalSchema = z
  .object({
    action: plainText(longestAction),
    summary: plainText(2_000),
    details: jsonObject,
    justification: plainText(20_000).optional(),
    riskLevel: z.enum(riskLevels).optional(),
    expiresIn: z.union([z.string(), z.number()]).optional(),
    argumentsSchema: jsonObject.optional(),
    assistant: assistantName.optional(),
    context: json.optional(),
    id: runIdSchema.optional(),
    idempotencyKey: idempotencyKey.optional(),
  })
  .strict()
  .refine(idOrKey.check, idOrKey.issue)
  .meta({ id: 'AskApproval' }) satisfies z.ZodType<unknown, AskApproval>;

import { z } from 'zod';
import type { JsonObject } from '@holdpoint/json';
import { REVIEW_SERVER_NAME } from './cheqpoint-wire.ts';

/*
 * What a Cheqpoint service answers, read with patience: its public pages contradict each other in letter case, names
 * and which fields are there (www.cheqpoint.co/docs/http, cheqpoint.vercel.app/docs/inbound, app.cheqpoint.co/docs/n8n).
 * Whatever is unclear is never read as an approval.
 */

const text = z.string().nullable().catch(null);
const yes = z.boolean().catch(false);
// Control characters and half surrogates fit into no URL and not into every database.
const id = z
  .string()
  .regex(/^[^\p{Cc}\p{Cs}]{1,500}$/u)
  .nullable()
  .catch(null);
const link = z
  .url({ protocol: /^https?$/ })
  .nullable()
  .catch(null);
// The object goes on as it was parsed: rebuilding it would drop a key named "__proto__".
const object = z.custom<JsonObject>((value) => typeof value === 'object' && value !== null && !Array.isArray(value));

const words: { [word: string]: 'pending' | 'approved' | 'rejected' } = {
  pending: 'pending',
  approved: 'approved',
  rejected: 'rejected',
  declined: 'rejected',
  denied: 'rejected',
};

/**
 * An answer about a request in one spelling, from any of the three endpoints. Only an answer that is no object fails.
 * `status` is `unknown` for a word that is not Cheqpoint's, and where `modifiedDetails` is something other than an
 * object: what was approved can't be told then. An empty object is an edit, as it is for Cheqpoint's own package.
 */
export const reviewAnswerSchema = z
  .object({
    status: z.unknown(),
    id,
    approvalId: id,
    details: object.nullable().catch(null),
    modifiedDetails: z.unknown(),
    decisionNote: text,
    responseNotes: text,
    reviewUrl: link,
    decidedAt: text,
    autoDecided: yes,
    autoDecisionRuleName: text,
    decisionReasonCode: text,
    retryable: yes,
  })
  .partial()
  .transform((answer) => {
    const statusWord = typeof answer.status === 'string' ? answer.status.slice(0, 100) : '';
    const edit = object.nullish().safeParse(answer.modifiedDetails);
    const word = statusWord.toLowerCase();
    return {
      id: answer.approvalId ?? answer.id ?? null,
      status: edit.success && Object.hasOwn(words, word) ? words[word]! : ('unknown' as const),
      statusWord,
      details: answer.details ?? null,
      modifiedDetails: edit.data ?? null,
      note: answer.decisionNote ?? answer.responseNotes ?? null,
      reviewUrl: answer.reviewUrl ?? null,
      decidedAt: answer.decidedAt ?? null,
      autoDecided: answer.autoDecided ?? false,
      ruleName: answer.autoDecisionRuleName ?? null,
      reasonCode: answer.decisionReasonCode ?? null,
      retryable: answer.retryable ?? false,
    };
  });

/** `GET /healthz` of our review server; any other service fails this, and has neither capability. */
export const capabilitiesSchema = z.object({ server: z.literal(REVIEW_SERVER_NAME), idempotency: yes, withdraw: yes });

/** The text of an error answer; anything else fails. */
export const errorTextSchema = z.object({ error: z.string() });

import { z } from 'zod';
import { isJsonObject, type JsonObject } from '@holdpoint/json';
import { openQuestionsSchema, questionSchema } from './question-wire.ts';
import { REVIEW_SERVER_NAME } from './wire-names.ts';

/*
 * Lenient schemas for answers of a Cheqpoint service. Its public pages contradict each other in letter case, names and
 * fields (www.cheqpoint.co/docs/http, cheqpoint.vercel.app/docs/inbound, app.cheqpoint.co/docs/n8n). An unclear answer
 * never becomes an approval.
 */

const text = z
  .string()
  .transform((words) => words.toWellFormed())
  .nullable()
  .catch(null);
const yes = z.boolean().catch(false);
// Control characters and lone surrogates can't be part of a URL, nor of a text in PostgreSQL.
const id = z
  .string()
  .regex(/^[^\p{Cc}\p{Cs}]{1,500}$/u)
  .nullable()
  .catch(null);
const link = z
  .url({ protocol: /^https?$/ })
  .nullable()
  .catch(null);
// Passed on by reference: a copy would lose a key named "__proto__".
const object = z.custom<JsonObject>(isJsonObject);

/** An unclear pause is one: nothing acts. */
const pause = z
  .object({ by: z.string(), at: z.string(), reason: z.string().nullable() })
  .nullable()
  .catch({ by: 'an unnamed person', at: 'an unknown time', reason: null });

const words: { [word: string]: 'pending' | 'approved' | 'rejected' } = {
  pending: 'pending',
  approved: 'approved',
  rejected: 'rejected',
  declined: 'rejected',
  denied: 'rejected',
};

/**
 * Reads an answer of any of the three endpoints. Accepts every object. `status` is `unknown` for an undocumented word,
 * and if `modifiedDetails` is neither an object nor null, because the approved arguments are then unclear. An empty
 * object is an edit, as in Cheqpoint's own package.
 */
export const reviewAnswerSchema = z
  .object({
    status: z.unknown(),
    id,
    approvalId: id,
    details: object.nullable().catch(null),
    modifiedDetails: z.unknown(),
    removedKeys: z.array(z.string()).catch([]),
    decisionNote: text,
    responseNotes: text,
    reviewUrl: link,
    decidedAt: text,
    decidedBy: text,
    autoDecided: yes,
    autoDecisionRuleName: text,
    decisionReasonCode: text,
    retryable: yes,
    assistantPaused: z.unknown(),
    action: text,
    summary: text,
    riskLevel: text,
    riskReason: text,
    justification: text,
    createdAt: text,
    expiresAt: text,
    shown: text,
    stages: z.array(z.object({ of: z.array(z.string()), needed: z.number() })).catch([]),
    votes: z.array(z.object({ by: z.string(), onBehalfOf: z.string().nullish(), vote: z.string() })).catch([]),
    questions: z.array(questionSchema).catch([]),
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
      ...(answer.removedKeys?.length ? { removed: answer.removedKeys } : {}),
      note: answer.decisionNote ?? answer.responseNotes ?? null,
      reviewUrl: answer.reviewUrl ?? null,
      decidedAt: answer.decidedAt ?? null,
      ...(typeof answer.decidedBy === 'string' && { decidedBy: answer.decidedBy }),
      ...(typeof answer.expiresAt === 'string' && { expiresAt: answer.expiresAt }),
      autoDecided: answer.autoDecided ?? false,
      ruleName: answer.autoDecisionRuleName ?? null,
      reasonCode: answer.decisionReasonCode ?? null,
      retryable: answer.retryable ?? false,
      ...(answer.assistantPaused != null && { paused: pause.parse(answer.assistantPaused) }),
      ...(answer.stages?.length ? { stages: answer.stages } : {}),
      ...(answer.votes?.length
        ? { votes: answer.votes.map(({ by, onBehalfOf = null, vote }) => ({ by, onBehalfOf, vote })) }
        : {}),
      ...(answer.questions?.length ? { questions: answer.questions } : {}),
      ...(typeof answer.summary === 'string' && {
        record: {
          action: answer.action ?? null,
          summary: answer.summary,
          riskLevel: answer.riskLevel ?? null,
          riskReason: answer.riskReason ?? null,
          justification: answer.justification ?? null,
          createdAt: answer.createdAt ?? null,
          expiresAt: answer.expiresAt ?? null,
          shown: answer.shown ?? null,
        },
      }),
    };
  });

/** Answer of `GET /healthz` of our review server. Other services don't match, and have no capability. */
export const capabilitiesSchema = z.object({
  server: z.literal(REVIEW_SERVER_NAME),
  idempotency: yes,
  withdraw: yes,
  pause: yes,
  questions: yes,
});

/** Answer of `GET /api/questions` of our review server, and of the POST of an answer. */
export { openQuestionsSchema, questionSchema };

/** Answer of `GET /api/assistant` of our review server. */
export const standingSchema = z.object({ paused: pause });

/** Answer of `GET /api/groups` of our review server. */
export const groupsSchema = z.object({ groups: z.array(z.string()) });

/** Answer of `GET /api/decisions` of our review server. Other services don't match, and have no feed. */
export const feedSchema = z.object({
  decisions: z.array(z.object({ id: z.string().regex(/^[\w.-]{1,200}$/) })),
  cursor: z.string().min(1).max(500),
  more: z.boolean(),
});

/** Body of an error answer with a text. */
export const errorTextSchema = z.object({ error: z.string() });

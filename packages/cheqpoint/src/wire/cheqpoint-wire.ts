import { isJsonObject } from '@holdpoint/json';
import { z } from 'zod';
import { forPeople } from './for-people.ts';
import { presetsSchema, previewSchema } from './preview.ts';
import { questionSchema } from './question-wire.ts';
import { MAX_HOLD_MS, REVIEW_SERVER_NAME } from './wire-names.ts';

/*
 * Cheqpoint's HTTP contract as our review server implements it, with our extensions, which other clients ignore.
 * Sources: Cheqpoint's public pages (www.cheqpoint.co/docs/http, app.cheqpoint.co/docs/zapier) and its Python package.
 * Unknown fields are ignored.
 */

/** Status words of `/api/approvals/*` and of callbacks. An expiry is `REJECTED`. An edit is `APPROVED`. */
export const APPROVAL_STATUSES = ['PENDING', 'APPROVED', 'REJECTED'] as const;
export type ApprovalStatus = (typeof APPROVAL_STATUSES)[number];

/** Status words of `/api/webhooks/inbound`. */
export type InboundStatus = Lowercase<ApprovalStatus>;

/** Why a request was decided: `person`, or the reason of a decision by the system. */
export const DECISION_REASON_CODES = [
  'person',
  'expired',
  'withdrawn',
  'superseded',
  'limit',
  'loop',
  'paused',
  'rule',
] as const;
export type DecisionReasonCode = (typeof DECISION_REASON_CODES)[number];

/** Why the owner of a pending request closes it. */
export const WITHDRAW_REASONS = ['withdrawn', 'superseded', 'expired'] as const;

/** A JSON object, passed on by reference: a copy would lose a key named `__proto__`. */
export type WireObject = { [key: string]: unknown };
/** Accepts any JSON object, and returns it unchanged. */
export const wireObject = z
  .custom<WireObject>(isJsonObject, 'must be a JSON object')
  .meta({ type: 'object', additionalProperties: true });
/** Accepts a JSON object or null. */
export const wireObjectOrNull = wireObject.nullable().meta({ type: ['object', 'null'], additionalProperties: true });

// A user name in a link misleads: https://shop.example@evil.example leads to evil.example.
const webAddress = z
  .url({ protocol: /^https?$/, error: 'must be an http or https address' })
  .max(4096)
  .refine((address) => {
    const url = URL.parse(address);
    return url === null || (url.username === '' && url.password === '');
  }, 'must not carry a user name or password');

/** Messages of a conversation, oldest first. `role` is the speaker, e.g. `user` or `assistant`. */
export const conversationSchema = z
  .array(z.object({ role: z.string().min(1).max(40), text: forPeople.pipe(z.string().max(20_000)) }))
  .max(50);
export type Conversation = z.output<typeof conversationSchema>;

/** Characters of a subject. */
export const longestSubject = 300;

/** A hundred years. */
const longestExpiryMs = 100 * 366 * 86_400_000;

/** Most stages of a requirement, and most approvals of one stage. */
const mostStages = 10;
const mostApprovals = 50;

/** Who has to approve: groups by name, one after the other. */
export const requirementSchema = z
  .array(
    z.object({
      group: z
        .string()
        .min(1)
        .max(100)
        .refine((name) => !name.includes('\0'), 'must not contain the NUL character'),
      approvals: z.number().int().min(1).max(mostApprovals),
    }),
  )
  .min(1)
  .max(mostStages);
export type Requirement = z.output<typeof requirementSchema>;

/** Body of `POST /api/approvals/request`. With `maxWaitMs` also of `POST /api/webhooks/inbound`. */
export const createApprovalSchema = z.object({
  action: z
    .string()
    .min(1, 'must not be empty')
    .max(200)
    .refine((text) => !text.includes('\0'), 'must not contain the NUL character')
    .describe('Name of the action, e.g. send_email_blast.'),
  summary: forPeople.describe('One plain sentence for the reviewer.'),
  details: wireObject.describe('Arguments of the action: any JSON object.'),
  justification: forPeople.nullish().describe('Why the action is needed.'),
  riskLevel: z
    .string()
    .min(1)
    .max(40)
    .refine((text) => !text.includes('\0'), 'must not contain the NUL character')
    .transform((level) => level.toLowerCase())
    .nullish()
    .describe('low, medium, high or critical, in any letter case. Other words are accepted.'),
  riskScore: z
    .number()
    .min(0)
    .max(1)
    .nullish()
    .describe(
      'From 0 to 1. Sets the level if riskLevel is missing: medium from 0.3, high from 0.7, critical from 0.9. Without both the level is medium.',
    ),
  priority: forPeople.nullish().describe('low, normal or urgent. Default: normal.'),
  agentName: forPeople.nullish().describe('Shown beside the name of the assistant that owns the key.'),
  metadata: wireObjectOrNull.optional().describe('Any JSON object. Rules can test its fields.'),
  trace: wireObjectOrNull
    .optional()
    .describe('Earlier steps of the model, as collected by Cheqpoint’s Python package.'),
  webhookUrl: webAddress.nullish().describe('Older name of `callbackUrl`.'),
  callbackUrl: webAddress.nullish().describe('The decision is POSTed to this address. A call with it is not held.'),
  expiresAt: z.iso
    .datetime({
      offset: true,
      error: 'must be a date and time in ISO 8601 with an offset, such as 2026-11-22T12:00:00Z',
    })
    .transform((text) => new Date(text).toISOString())
    .nullish()
    .describe('Time at which an undecided request expires: ISO 8601 with an offset.'),
  expiresIn: z
    .number()
    .int()
    .min(0)
    .max(longestExpiryMs)
    .nullish()
    .describe(
      'Milliseconds from now until an undecided request expires, on the clock of this server. Goes before expiresAt, which is an instant on the clock of the sender.',
    ),
  argumentsSchema: wireObjectOrNull
    .optional()
    .describe('JSON schema of `details` without the reserved key. Edits are checked against it.'),
  runUrl: webAddress.nullish().describe('Link to the run.'),
  workflowUrl: webAddress.nullish().describe('Link to the Workflow in Temporal’s UI.'),
  conversation: conversationSchema.nullish().describe('The last messages of the conversation, oldest first.'),
  riskReason: forPeople.pipe(z.string().max(2000)).nullish().describe('Why a person is asked, in words.'),
  onBehalfOf: forPeople
    .pipe(z.string().max(300))
    .nullish()
    .describe('The person on whose behalf the assistant acts. This person can’t approve it.'),
  by: requirementSchema
    .nullish()
    .describe(
      'Groups that decide, one after the other, each with its number of approvals. A group that this server does not know is replaced by the administrators. Without it any reviewer decides.',
    ),
  allowSelf: z
    .boolean()
    .nullish()
    .describe('True: the person on whose behalf the assistant acts may approve. Default: false.'),
  subject: forPeople
    .pipe(z.string().max(longestSubject))
    .nullish()
    .describe(
      'Whom or what the action is about, such as a customer’s id. Reviewers see the last decisions on the same subject. It decides nothing.',
    ),
  preview: previewSchema
    .nullish()
    .describe('Shows what the details mean, for reading only: an email, markdown, a diff, a table or an image.'),
  presets: presetsSchema
    .nullish()
    .describe('Quick notes for reviewers by language, such as { "en": { "reject": ["Wrong customer"] } }.'),
});
export type CreateApproval = z.output<typeof createApprovalSchema>;

/**
 * Time to hold an inbound request for a decision, in milliseconds. Missing, null, negative and NaN are 0. More than
 * 10 s is 10 s. A request with a callback address is not held.
 */
export const holdSchema = z.object({
  maxWaitMs: z
    .number()
    .nullish()
    .transform((wait) => Math.min(Math.max(Math.floor(wait ?? 0), 0), MAX_HOLD_MS))
    .describe(
      'How long the call is held for a decision, in milliseconds, up to 10000. Default: 0. A call with a callback address is not held.',
    ),
});

/** Value of the idempotency header. */
export const idempotencyKeySchema = z.string().min(1, 'must not be empty').max(255);

/** Body of `POST /api/approvals/{id}/withdraw`, an extension of our review server. */
export const withdrawSchema = z.object({ reason: z.enum(WITHDRAW_REASONS) });

/** Answer about a request. */
/** The kill switch of an assistant: who paused it, when, and why. */
const pauseSchema = z.object({ by: z.string(), at: z.string(), reason: z.string().nullable() });

export const approvalAnswerSchema = z.object({
  id: z.string().describe('Equal to `approvalId`. Safe in a URL.'),
  approvalId: z.string(),
  status: z.enum(APPROVAL_STATUSES),
  action: z.string(),
  details: wireObject.describe('The original details, also after an edit.'),
  modifiedDetails: wireObjectOrNull.describe('The complete edited object, or null without an edit.'),
  removedKeys: z
    .array(z.string())
    .optional()
    .describe('Keys of `details` that the reviewer removed. Only if there are any. An extension.'),
  decisionNote: z.string().nullable().describe('Equal to `responseNotes`.'),
  responseNotes: z.string().nullable(),
  decidedAt: z.string().nullable().describe('ISO 8601 with milliseconds and Z. Null while pending.'),
  decidedBy: z
    .string()
    .nullable()
    .describe('Name of the reviewer. Null while pending, and if the system decided. An extension.'),
  decisionReasonCode: z.enum(DECISION_REASON_CODES).nullable().describe('Why the request was decided.'),
  autoDecided: z.boolean().describe('True if a rule, a limit, the loop protection or the kill switch decided.'),
  autoDecisionRuleName: z.string().nullable(),
  retryable: z
    .boolean()
    .describe('True if the request expired without a decision. The same action may be asked for again.'),
  createdAt: z.string(),
  expiresAt: z.string().nullable(),
  reviewUrl: z.string().optional().describe('Link for the reviewer. Only while pending.'),
  assistantPaused: pauseSchema
    .optional()
    .describe('Only in the answer of the GET, while the assistant is paused: nothing may act for it. An extension.'),
});
export type ApprovalAnswer = z.output<typeof approvalAnswerSchema>;
/** Query of `GET /api/approvals/{id}`. An extension. */
export const readApprovalSchema = z.object({
  texts: z.literal('true').optional().describe('Adds the texts that reviewers see, and their digest.'),
});
const stagesSchema = z
  .array(z.object({ of: z.array(z.string()), needed: z.number() }))
  .optional()
  .describe(
    'Who has to approve, one stage after the other: the names of groups and people, and the number of their approvals. An extension.',
  );
/** Answer of `GET /api/approvals/{id}`. The texts come with `?texts=true` only. */
export const approvalRecordSchema = approvalAnswerSchema.extend({
  stages: stagesSchema,
  votes: z
    .array(
      z.object({
        by: z.string(),
        onBehalfOf: z.string().nullable(),
        vote: z.enum(['approve', 'reject']),
        at: z.string(),
      }),
    )
    .optional()
    .describe('The votes that decided, oldest first. Only of a decided request with groups. An extension.'),
  summary: z.string().optional(),
  riskLevel: z.string().optional(),
  riskReason: z.string().nullish(),
  justification: z.string().nullish(),
  shown: z.string().optional().describe('Digest of what reviewers see.'),
  questions: z
    .array(questionSchema)
    .optional()
    .describe('Questions of reviewers with their answers, oldest first. Only if there are any. An extension.'),
});
export type ApprovalRecord = z.output<typeof approvalRecordSchema>;
/** Answer of `/api/webhooks/inbound`: the same, with `status` in lower case. */
export const inboundAnswerSchema = approvalAnswerSchema.extend({
  status: z.enum(['pending', 'approved', 'rejected']),
  stages: stagesSchema,
});
export type InboundAnswer = z.output<typeof inboundAnswerSchema>;

/** Body of a decision callback: the answer of the GET. */
export const callbackSchema = approvalAnswerSchema.omit({ reviewUrl: true, assistantPaused: true });
export type DecisionCallback = z.output<typeof callbackSchema>;

/** Query of `GET /api/decisions`, an extension of our review server. */
export const readDecisionsSchema = z.object({
  after: z.string().min(1).max(500).optional().describe('`cursor` of the last answer. Without it: from the beginning.'),
  since: z.iso
    .datetime({ offset: true, error: 'must be a date and time in ISO 8601 with an offset' })
    .transform((text) => new Date(text).toISOString())
    .optional()
    .describe('Without `after`: omit the decisions before this time.'),
  limit: z.coerce.number().int().min(1).max(1000).default(500).describe('Decisions in one answer, at most.'),
});
export type ReadDecisions = z.output<typeof readDecisionsSchema>;
/** Answer of `GET /api/decisions`. */
export const decisionsAnswerSchema = z.object({
  decisions: z.array(z.object({ id: z.string(), status: z.enum(['APPROVED', 'REJECTED']), decidedAt: z.string() })),
  cursor: z.string().describe('Opaque. `after` of the next call, also without a decision.'),
  more: z.boolean().describe('True if there may be more decisions now.'),
});
export type DecisionsAnswer = z.output<typeof decisionsAnswerSchema>;

/** Body of every error. */
export const wireErrorSchema = z.object({ error: z.string() });

/** Answer of `GET /healthz`, which needs no key. */
export const healthSchema = z.object({
  server: z.literal(REVIEW_SERVER_NAME),
  version: z.string(),
  idempotency: z.literal(true),
  withdraw: z.literal(true),
  pause: z.literal(true),
  questions: z.literal(true),
});

/** Answer of `GET /api/groups`: the names that `by` of a request may have. An extension. */
export const groupNamesSchema = z.object({ groups: z.array(z.string()) });

/** Answer of `GET /api/assistant`: the assistant of the Connection Key. An extension. */
export const assistantAnswerSchema = z.object({ name: z.string(), paused: pauseSchema.nullable() });

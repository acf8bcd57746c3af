import { z } from 'zod';

/*
 * Cheqpoint's HTTP contract as our review server speaks it, plus our extensions, which other clients ignore.
 * Outside rules: Cheqpoint's public pages (www.cheqpoint.co/docs/http, app.cheqpoint.co/docs/zapier) and what its
 * Python package sends and reads. Unknown fields are never an error.
 */

/** The status words of `/api/approvals/*` and of callbacks; there is no fourth. */
export const APPROVAL_STATUSES = ['PENDING', 'APPROVED', 'REJECTED'] as const;
export type ApprovalStatus = (typeof APPROVAL_STATUSES)[number];

/** The same words as `/api/webhooks/inbound` spells them. */
export type InboundStatus = Lowercase<ApprovalStatus>;

/** Who or what decided: `person`, or the reason of a decision that no person made. */
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

/** Why the owner of a request closes it before anybody decided. */
export const WITHDRAW_REASONS = ['withdrawn', 'superseded', 'expired'] as const;

/** Header of a Connection Key, on every call. */
export const CONNECTION_KEY_HEADER = 'x-api-key';
/** Header that makes both creates repeatable; at most 255 characters. Ours: hosted Cheqpoint has none. */
export const IDEMPOTENCY_KEY_HEADER = 'idempotency-key';
/** Header of a callback's HMAC-SHA256 over the exact body, in lower-case hex. */
export const SIGNATURE_HEADER = 'x-cheqpoint-signature';
/** The longest that `/api/webhooks/inbound` is held, in milliseconds. */
export const MAX_HOLD_MS = 10_000;
/** What `GET /healthz` answers as `server`: tells a client that the extensions are there. */
export const REVIEW_SERVER_NAME = 'holdpoint-review-server';
/** The key of `details` that Holdpoint keeps for itself; reviewers neither see nor change it. */
export const RESERVED_DETAILS_KEY = 'holdpoint';

/** A JSON object as it was parsed: the same reference goes on, so that no key is lost or changed. */
export type WireObject = { [key: string]: unknown };
/** Any JSON object, unchanged. */
export const wireObject = z
  .custom<WireObject>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    'must be a JSON object',
  )
  .meta({ type: 'object', additionalProperties: true });
/** The same, or null. */
export const wireObjectOrNull = wireObject.nullable().meta({ type: ['object', 'null'], additionalProperties: true });

/** A text that people read. PostgreSQL can't keep NUL in it. */
export const forPeople = z.string().transform((text) => text.replaceAll('\0', '\uFFFD'));
const webAddress = z.url({ protocol: /^https?$/, error: 'must be an http or https address' }).max(4096);
const callbackAddress = webAddress.refine((address) => {
  const url = URL.parse(address);
  return url === null || (url.username === '' && url.password === '');
}, 'must not carry a user name or password');

/** Messages of a conversation, oldest first. `role` is the speaker's part, such as `user` or `assistant`. */
export const conversationSchema = z
  .array(z.object({ role: z.string().min(1).max(40), text: forPeople.pipe(z.string().max(20_000)) }))
  .max(50);
export type Conversation = z.output<typeof conversationSchema>;

/** The body of `POST /api/approvals/request`, and with `maxWaitMs` of `POST /api/webhooks/inbound`. */
export const createApprovalSchema = z.object({
  action: z
    .string()
    .min(1, 'must not be empty')
    .max(200)
    .refine((text) => !text.includes('\0'), 'must not contain the NUL character')
    .describe('What is to be done, such as send_email_blast.'),
  summary: forPeople.describe('One plain sentence for the reviewer.'),
  details: wireObject.describe('What the action is done with; any JSON object.'),
  justification: forPeople.nullish().describe('Why it is asked for.'),
  riskLevel: z
    .string()
    .min(1)
    .max(40)
    .refine((text) => !text.includes('\0'), 'must not contain the NUL character')
    .transform((level) => level.toLowerCase())
    .nullish()
    .describe('Any word is taken, in any letter case; rules and the page know low, medium, high and critical.'),
  riskScore: z
    .number()
    .min(0)
    .max(1)
    .nullish()
    .describe(
      'From 0 to 1; without a level it gives one: 0.3 is medium, 0.7 high, 0.9 critical. Without both the level is medium.',
    ),
  priority: forPeople.nullish().describe('low, normal or urgent; by default normal.'),
  agentName: forPeople.nullish().describe('Shown beside the name of the key’s assistant.'),
  metadata: wireObjectOrNull.optional().describe('Free; rules can look into it.'),
  trace: wireObjectOrNull.optional().describe('What the model did before, as Cheqpoint’s Python package collects it.'),
  webhookUrl: callbackAddress.nullish().describe('Where the decision is POSTed; the older name of `callbackUrl`.'),
  callbackUrl: callbackAddress.nullish().describe('Where the decision is POSTed; such a call is not held.'),
  expiresAt: z.iso
    .datetime({
      offset: true,
      error: 'must be a date and time in ISO 8601 with an offset, such as 2026-11-22T12:00:00Z',
    })
    .transform((text) => new Date(text).toISOString())
    .nullish()
    .describe('When an undecided request closes as expired: ISO 8601 with an offset.'),
  argumentsSchema: wireObjectOrNull
    .optional()
    .describe('JSON schema of `details` without the reserved key, for edits.'),
  runUrl: webAddress.nullish().describe('A page about the run.'),
  workflowUrl: webAddress.nullish().describe('Its page in Temporal’s UI.'),
  conversation: conversationSchema
    .nullish()
    .describe('The conversation’s last messages, oldest first, for the reviewer.'),
  riskReason: forPeople.pipe(z.string().max(2000)).nullish().describe('Why a person is asked, in words.'),
  onBehalfOf: forPeople.pipe(z.string().max(300)).nullish().describe('Whom the assistant acts for.'),
});
export type CreateApproval = z.output<typeof createApprovalSchema>;

/** How long an inbound request without a callback address may be held, in milliseconds: nothing, null, negative and NaN are 0, more than 10 s is 10 s. */
export const holdSchema = z.object({
  maxWaitMs: z
    .number()
    .nullish()
    .transform((wait) => Math.min(Math.max(Math.floor(wait ?? 0), 0), MAX_HOLD_MS))
    .describe(
      'How long the call is held for a decision, in milliseconds; at most 10000, by default 0. With a callback address it is not held.',
    ),
});

/** The value of the idempotency header. */
export const idempotencyKeySchema = z.string().min(1, 'must not be empty').max(255);

/** The body of `POST /api/approvals/{id}/withdraw` (ours). */
export const withdrawSchema = z.object({ reason: z.enum(WITHDRAW_REASONS) });

/** Every answer about a request; `/api/webhooks/inbound` spells `status` in lower case. */
export const approvalAnswerSchema = z.object({
  id: z.string().describe('Equal to `approvalId`; text that is safe in a URL.'),
  approvalId: z.string(),
  status: z.enum(APPROVAL_STATUSES),
  action: z.string(),
  details: wireObject.describe('Always the original.'),
  modifiedDetails: wireObjectOrNull.describe('The complete edited object, or null when nothing was edited.'),
  decisionNote: z.string().nullable().describe('Equal to `responseNotes`.'),
  responseNotes: z.string().nullable(),
  decidedAt: z.string().nullable().describe('ISO 8601 with milliseconds and Z; null while pending.'),
  decidedBy: z
    .string()
    .nullable()
    .describe('Name of the reviewer; null while pending and when no person decided (ours).'),
  decisionReasonCode: z.enum(DECISION_REASON_CODES).nullable().describe('Who or what decided.'),
  autoDecided: z.boolean().describe('A rule, a limit, the loop protection or the kill switch decided.'),
  autoDecisionRuleName: z.string().nullable(),
  retryable: z
    .boolean()
    .describe(
      'True when the system rejected for want of a decision (`expired`), so the same action may be asked for again.',
    ),
  createdAt: z.string(),
  expiresAt: z.string().nullable(),
  reviewUrl: z.string().optional().describe('Where a person decides; only while pending.'),
});
export type ApprovalAnswer = z.output<typeof approvalAnswerSchema>;
/** The answer of `/api/webhooks/inbound`. */
export const inboundAnswerSchema = approvalAnswerSchema.extend({ status: z.enum(['pending', 'approved', 'rejected']) });
export type InboundAnswer = z.output<typeof inboundAnswerSchema>;

/** The body of a decision callback: the answer of the GET. */
export const callbackSchema = approvalAnswerSchema.omit({ reviewUrl: true });
export type DecisionCallback = z.output<typeof callbackSchema>;

/** Every error body. */
export const wireErrorSchema = z.object({ error: z.string() });

/** `GET /healthz`, without a key. */
export const healthSchema = z.object({
  server: z.literal(REVIEW_SERVER_NAME),
  version: z.string(),
  idempotency: z.literal(true),
  withdraw: z.literal(true),
});

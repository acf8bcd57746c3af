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
export const DECISION_REASON_CODES = ['person', 'expired', 'withdrawn', 'superseded', 'limit', 'loop', 'paused', 'rule'] as const;
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
export const wireObject = z.custom<WireObject>((value) => typeof value === 'object' && value !== null && !Array.isArray(value), 'must be a JSON object');

/** A text that people read. PostgreSQL can't keep NUL in it. */
export const forPeople = z.string().transform((text) => text.replaceAll('\0', '\uFFFD'));
const webAddress = z.url({ protocol: /^https?$/, error: 'must be an http or https address' }).max(4096);
const callbackAddress = webAddress.refine((address) => {
  const url = URL.parse(address);
  return url === null || (url.username === '' && url.password === '');
}, 'must not carry a user name or password');

/** Messages of a conversation, oldest first. `role` is the speaker's part, such as `user` or `assistant`. */
export const conversationSchema = z.array(z.object({ role: z.string().min(1).max(40), text: forPeople.pipe(z.string().max(20_000)) })).max(50);
export type Conversation = z.output<typeof conversationSchema>;

/** The body of `POST /api/approvals/request`, and with `maxWaitMs` of `POST /api/webhooks/inbound`. */
export const createApprovalSchema = z.object({
  action: z.string().min(1, 'must not be empty').max(200).refine((text) => !text.includes('\0'), 'must not contain the NUL character'),
  summary: forPeople,
  details: wireObject,
  justification: forPeople.nullish(),
  /** Any word is taken, in any letter case; rules and the page know low, medium, high and critical. */
  riskLevel: z.string().min(1).max(40).refine((text) => !text.includes('\0'), 'must not contain the NUL character').transform((level) => level.toLowerCase()).nullish(),
  riskScore: z.number().min(0).max(1).nullish(),
  priority: forPeople.nullish(),
  agentName: forPeople.nullish(),
  metadata: wireObject.nullish(),
  trace: wireObject.nullish(),
  webhookUrl: callbackAddress.nullish(),
  callbackUrl: callbackAddress.nullish(),
  /** When an undecided request closes as expired: ISO 8601 with an offset. */
  expiresAt: z.iso.datetime({ offset: true, error: 'must be a date and time in ISO 8601 with an offset, such as 2026-11-22T12:00:00Z' }).transform((text) => new Date(text).toISOString()).nullish(),
  /** JSON schema of `details` without the reserved key, for edits. */
  argumentsSchema: wireObject.nullish(),
  runUrl: webAddress.nullish(),
  workflowUrl: webAddress.nullish(),
  /** The conversation's last messages, oldest first, for the reviewer. */
  conversation: conversationSchema.nullish(),
  /** Why a person is asked, in words. */
  riskReason: forPeople.pipe(z.string().max(2000)).nullish(),
  /** Whom the assistant acts for. */
  onBehalfOf: forPeople.pipe(z.string().max(300)).nullish(),
});
export type CreateApproval = z.output<typeof createApprovalSchema>;

/** How long an inbound request may be held, in milliseconds: nothing, null, negative and NaN are 0, more than 10 s is 10 s. */
export const holdSchema = z.object({
  maxWaitMs: z.number().nullish().transform((wait) => Math.min(Math.max(Math.floor(wait ?? 0), 0), MAX_HOLD_MS)),
});

/** The value of the idempotency header. */
export const idempotencyKeySchema = z.string().min(1, 'must not be empty').max(255);

/** The body of `POST /api/approvals/{id}/withdraw` (ours). */
export const withdrawSchema = z.object({ reason: z.enum(WITHDRAW_REASONS) });

/** Every answer about a request; `/api/webhooks/inbound` spells `status` in lower case. */
export const approvalAnswerSchema = z.object({
  /** Equal to `approvalId`; text that is safe in a URL. */
  id: z.string(),
  approvalId: z.string(),
  status: z.enum(APPROVAL_STATUSES),
  action: z.string(),
  /** Always the original. */
  details: wireObject,
  /** The complete edited object, or null when nothing was edited. */
  modifiedDetails: wireObject.nullable(),
  /** Equal to `responseNotes`. */
  decisionNote: z.string().nullable(),
  responseNotes: z.string().nullable(),
  /** ISO 8601 with milliseconds and Z; null while pending. */
  decidedAt: z.string().nullable(),
  /** Name of the reviewer; null while pending and when no person decided (ours). */
  decidedBy: z.string().nullable(),
  decisionReasonCode: z.enum(DECISION_REASON_CODES).nullable(),
  autoDecided: z.boolean(),
  autoDecisionRuleName: z.string().nullable(),
  /** True when the system rejected for want of a decision (`expired`), so the same action may be asked for again. */
  retryable: z.boolean(),
  createdAt: z.string(),
  expiresAt: z.string().nullable(),
  /** Where a person decides; only while pending. */
  reviewUrl: z.string().optional(),
});
export type ApprovalAnswer = z.output<typeof approvalAnswerSchema>;
export type InboundAnswer = Omit<ApprovalAnswer, 'status'> & { status: InboundStatus };

/** The body of a decision callback: the answer of the GET. */
export const callbackSchema = approvalAnswerSchema.omit({ reviewUrl: true });
export type DecisionCallback = z.output<typeof callbackSchema>;

/** Every error body. */
export const wireErrorSchema = z.object({ error: z.string() });

/** `GET /healthz`, without a key. */
export const healthSchema = z.object({ server: z.literal(REVIEW_SERVER_NAME), version: z.string(), idempotency: z.literal(true), withdraw: z.literal(true) });

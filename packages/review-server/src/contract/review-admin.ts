import { z } from 'zod';
import { APPROVAL_STATUSES, DECISION_REASON_CODES, wireObject } from '@holdpoint/cheqpoint/wire';
import { HIGHEST_LIMITS } from './highest-limits.ts';

/*
 * What administrators of our review server send and read under `/reviewer-api`. The role admin changes, the role
 * auditor reads. All times are ISO 8601 in UTC with milliseconds. An error is `{ "error": "<sentence>" }`.
 */

const line = (most: number) =>
  z
    .string()
    .trim()
    .min(1, 'must not be empty')
    .max(most)
    .refine((text) => !/\p{Cc}/u.test(text), 'must be one line without control characters');
const page = { cursor: z.string().max(200).optional(), limit: z.coerce.number().int().min(1).max(200).default(50) };

/** Names of assistants. */
const assistantNameSchema = line(100);

// ---- Connection Keys ----------------------------------------------------------------------------------------------

/** A Connection Key without its secret part. `retiring` still works, until `expiresAt`. */
export const connectionKeySchema = z.object({
  id: z.string(),
  assistant: z.string(),
  /** Such as `cq_live_••••1234`. */
  masked: z.string(),
  state: z.enum(['active', 'retiring', 'revoked']),
  createdAt: z.string(),
  /** Name of the person who made it; null for one from the settings of the process. */
  createdBy: z.string().nullable(),
  /** The hour in which it was last used; null: never. */
  lastUsedAt: z.string().nullable(),
  /** When a replaced key stops working. */
  expiresAt: z.string().nullable(),
  revokedAt: z.string().nullable(),
});
export type ConnectionKey = z.output<typeof connectionKeySchema>;

/** `GET /keys`, optionally of one assistant; newest first. */
export const listKeysSchema = z.object({ assistant: assistantNameSchema.optional() });
export const keyListSchema = z.object({ keys: z.array(connectionKeySchema) });

/** The body of `POST /keys`. The assistant is made where there is none of that name. */
export const createKeySchema = z.strictObject({ assistant: assistantNameSchema });

/** The longest that a replaced key may go on working, in seconds: 30 days. */
const LONGEST_OVERLAP_SECONDS = 30 * 24 * 3600;
/** The body of `POST /keys/{id}/rotate`: how long the old key goes on working, in seconds. Default 0: it ends at once. */
export const rotateKeySchema = z.strictObject({
  overlapSeconds: z.number().int().min(0).max(LONGEST_OVERLAP_SECONDS).default(0),
});

/** A new key. `secret` is the key itself and is shown this once only. */
export const newKeySchema = z.object({
  key: connectionKeySchema,
  secret: z.string(),
  /** What it replaces. */ replaced: connectionKeySchema.nullable(),
});
export type NewKey = z.output<typeof newKeySchema>;

// ---- Assistants ---------------------------------------------------------------------------------------------------

const count = z.number().int().min(1).max(HIGHEST_LIMITS.requests);
/** Identical requests (action and details) within a span: one more is rejected. */
const loopProtectionSchema = z.strictObject({
  identicalRequests: count,
  withinSeconds: z.number().int().min(1).max(HIGHEST_LIMITS.withinSeconds),
});
/** How much an assistant may ask; what exceeds it is rejected at once. Null: the default of the process. */
export const assistantLimitsSchema = z.strictObject({
  requestsPerHour: count.nullable(),
  requestsPerDay: count.nullable(),
  loopProtection: loopProtectionSchema.nullable(),
});
export type AssistantLimits = z.output<typeof assistantLimitsSchema>;

/** The body of `PUT /assistants/{name}`. What is left out stays. `paused` is the kill switch: new requests are rejected, waiting ones can't be approved. */
export const changeAssistantSchema = z.strictObject({
  paused: z.boolean().optional(),
  /** Why it is paused; for people. */
  reason: line(500).nullish(),
  limits: assistantLimitsSchema.partial().optional(),
});
export type ChangeAssistant = z.output<typeof changeAssistantSchema>;

/** One assistant as administrators see it. */
export const assistantSchema = z.object({
  name: z.string(),
  paused: z.object({ by: z.string(), at: z.string(), reason: z.string().nullable() }).nullable(),
  /** As set for this assistant. */
  limits: assistantLimitsSchema,
  /** As they count, defaults of the process included; null: no limit. */
  effectiveLimits: assistantLimitsSchema,
  requests: z.object({ lastHour: z.number(), lastDay: z.number(), waiting: z.number() }),
  /** Keys that work. */
  activeKeys: z.number(),
});
export type AssistantSettings = z.output<typeof assistantSchema>;
/** `GET /assistants`, by name. */
export const assistantListSchema = z.object({ assistants: z.array(assistantSchema) });

// ---- Rules --------------------------------------------------------------------------------------------------------

/** The fields that conditions know beside `details.<key>` and `metadata.<key>`. */
const RULE_FIELDS = ['action', 'assistant', 'agentName', 'riskLevel', 'riskScore', 'priority'] as const;
/** What conditions can say. `present` and `absent` have no value; `one-of` and `none-of` have a list; the four comparisons have a number. */
export const RULE_OPERATORS = [
  'is',
  'is-not',
  'one-of',
  'none-of',
  'at-most',
  'less-than',
  'at-least',
  'more-than',
  'contains',
  'starts-with',
  'present',
  'absent',
] as const;
export type RuleOperator = (typeof RULE_OPERATORS)[number];

const field = z
  .string()
  .max(300)
  .refine(
    (name) => (RULE_FIELDS as readonly string[]).includes(name) || /^(details|metadata)(\.(\\.|[^.\\])+)+$/.test(name),
    `must be one of ${RULE_FIELDS.join(', ')}, or details.<key> or metadata.<key>, with deeper keys behind further dots and a dot within a key as "\\."`,
  );
const isExact = (value: number) => Math.abs(value) <= Number.MAX_SAFE_INTEGER;
const NOT_EXACT = 'is too large to be compared exactly';
const MOST_CONDITIONS = 30;
const scalar = z.union([z.string().max(1000), z.number().refine(isExact, NOT_EXACT), z.boolean()]);
const text = z.string().min(1, 'must not be empty').max(1000);
/**
 * One condition. It holds only where the field is there and has a value of the kind that the operator compares, so
 * nothing is approved for want of a value; `absent` alone holds where the field is missing or null. Texts are compared
 * exactly, letter case included, but for `riskLevel`. `contains` looks into a text for a part, or into a list for an
 * element; `details.<list>.length` is the number of elements.
 */
export const ruleConditionSchema = z.discriminatedUnion('operator', [
  z.strictObject({ field, operator: z.enum(['is', 'is-not']), value: scalar }),
  z.strictObject({
    field,
    operator: z.enum(['one-of', 'none-of']),
    value: z.array(scalar).min(1, 'must not be empty').max(200),
  }),
  z.strictObject({ field, operator: z.enum(['at-most', 'less-than', 'at-least', 'more-than']), value: z.number() }),
  z.strictObject({ field, operator: z.enum(['contains', 'starts-with']), value: text }),
  z.strictObject({ field, operator: z.enum(['present', 'absent']) }),
]);
export type RuleCondition = z.output<typeof ruleConditionSchema>;

const ruleFields = {
  name: line(100),
  /** All must hold. None: the rule matches every request. */
  conditions: z.array(ruleConditionSchema).max(MOST_CONDITIONS),
  decision: z.enum(['approve', 'reject', 'review']),
};

/** What is sent has no number that was rounded on its way. A rule of before may have one, and is still listed. */
const sentFields = {
  ...ruleFields,
  conditions: z
    .array(
      ruleConditionSchema.refine(
        (condition) => !('value' in condition) || typeof condition.value !== 'number' || isExact(condition.value),
        { path: ['value'], error: NOT_EXACT },
      ),
    )
    .max(MOST_CONDITIONS),
};

/** The body of `POST /rules`: `review` sends to a person what a later rule would decide. `position` counts from 1; default: behind all others. */
export const createRuleSchema = z.strictObject({
  ...sentFields,
  enabled: z.boolean().default(false),
  position: z.number().int().min(1).optional(),
});
export type CreateRule = z.output<typeof createRuleSchema>;
/** The body of `PATCH /rules/{id}`. What is left out stays. */
export const changeRuleSchema = z
  .strictObject({ ...sentFields, enabled: z.boolean(), position: z.number().int().min(1) })
  .partial();
export type ChangeRule = z.output<typeof changeRuleSchema>;

/** A rule. The first enabled one that matches counts. */
export const ruleSchema = z.object({
  id: z.string(),
  ...ruleFields,
  enabled: z.boolean(),
  /** From 1, without gaps. */
  position: z.number(),
  createdAt: z.string(),
  createdBy: z.string(),
  updatedAt: z.string(),
  updatedBy: z.string(),
});
export type Rule = z.output<typeof ruleSchema>;
/** `GET /rules`, in the order in which they are asked. */
export const ruleListSchema = z.object({ rules: z.array(ruleSchema) });

/** How far back a rule is tried, in days. */
export const TRIAL_DAYS = 30;
/**
 * The body of `POST /rules/try`. `id`: the stored rule that it would replace, whose place it takes; else it is asked at
 * `position`, by default last. Without `conditions` those of the stored rule are tried.
 */
export const tryRuleSchema = z
  .strictObject({
    name: sentFields.name.optional(),
    conditions: sentFields.conditions.optional(),
    decision: sentFields.decision,
    id: z.string().optional(),
    position: z.number().int().min(1).optional(),
  })
  .refine(({ conditions, id }) => conditions !== undefined || id !== undefined, {
    path: ['conditions'],
    error: 'are missing; only a stored rule, named by id, has some already',
  });
export type TryRule = z.output<typeof tryRuleSchema>;
/** What a rule would have done to the requests of the last 30 days, asked after the enabled rules before it. */
export const ruleTrialSchema = z.object({
  from: z.string(),
  to: z.string(),
  /** Requests looked at. */
  looked: z.number(),
  /** True when there are more than could be looked at; the newest were. */
  truncated: z.boolean(),
  /** Where all conditions hold. */
  matched: z.number(),
  /** Of these, the ones that no enabled rule before it takes. */
  decides: z.number(),
  /** Of these, the ones that a person decided, by how. */
  people: z.object({ approved: z.number(), approvedWithEdit: z.number(), rejected: z.number() }),
  /** The newest 100 of those it decides. */
  matches: z.array(
    z.object({
      id: z.string(),
      assistant: z.string(),
      action: z.string(),
      summary: z.string(),
      riskLevel: z.string(),
      createdAt: z.string(),
      status: z.enum(APPROVAL_STATUSES),
      decidedBy: z.string().nullable(),
      decisionReasonCode: z.enum(DECISION_REASON_CODES).nullable(),
      edited: z.boolean(),
      /** A person decided otherwise than the rule would have. */
      differs: z.boolean(),
    }),
  ),
});
export type RuleTrial = z.output<typeof ruleTrialSchema>;

// ---- Deliveries ---------------------------------------------------------------------------------------------------

/** One attempt to call back. */
const deliveryAttemptSchema = z.object({
  /** From 1. */
  number: z.number(),
  at: z.string(),
  /** Milliseconds. */
  tookMs: z.number(),
  /** HTTP status; null when there was no answer. */
  status: z.number().nullable(),
  /** Null when it was received (2xx). */
  problem: z.string().nullable(),
});
/** The delivery of one decision to one address. */
export const deliverySchema = z.object({
  id: z.string(),
  approvalId: z.string(),
  /** Scheme, host and port: the rest of an address may hold a secret. */
  to: z.string(),
  /** `due`: not received yet, tried on; `given-up`: not received within 72 hours. */
  state: z.enum(['due', 'delivered', 'given-up']),
  createdAt: z.string(),
  nextAttemptAt: z.string().nullable(),
  deliveredAt: z.string().nullable(),
  givenUpAt: z.string().nullable(),
  /** Oldest first; the last 50. */
  attempts: z.array(deliveryAttemptSchema),
});
export type Delivery = z.output<typeof deliverySchema>;
/** The query of `GET /deliveries`; newest first. */
export const listDeliveriesSchema = z.object({
  ...page,
  approval: z.string().max(200).optional(),
  state: z.enum(['due', 'delivered', 'given-up']).optional(),
});
export const deliveryListSchema = z.object({ deliveries: z.array(deliverySchema), nextCursor: z.string().nullable() });

// ---- Audit --------------------------------------------------------------------------------------------------------

/** One row of the audit. `hash` covers everything before it, by `previousHash`. */
export const auditEntrySchema = z.object({
  sequence: z.number(),
  at: z.string(),
  /** `reviewer:<name>`, `assistant:<name>`, `rule:<name>` or `system`. */
  actor: z.string(),
  event: z.string(),
  /** Id or name of what it happened to. */
  subject: z.string(),
  /** Of payloads only digests. */
  facts: wireObject,
  previousHash: z.string(),
  hash: z.string(),
});
export type AuditEntry = z.output<typeof auditEntrySchema>;
/** The query of `GET /audit`; newest first. */
export const listAuditSchema = z.object({
  ...page,
  actor: z.string().max(300).optional(),
  event: z.string().max(100).optional(),
  subject: z.string().max(300).optional(),
});
export const auditListSchema = z.object({ entries: z.array(auditEntrySchema), nextCursor: z.string().nullable() });

/** `GET /audit/verify`: whether every row follows from the one before; else the first that does not. */
export const auditVerdictSchema = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), rows: z.number(), /** Hash of the newest row. */ head: z.string() }),
  z.object({ ok: z.literal(false), sequence: z.number(), problem: z.string() }),
]);
export type AuditVerdict = z.output<typeof auditVerdictSchema>;
/** The query of `GET /audit/export`; answers with a file, oldest first. */
export const exportAuditSchema = z.object({ format: z.enum(['jsonl', 'csv']).default('jsonl') });

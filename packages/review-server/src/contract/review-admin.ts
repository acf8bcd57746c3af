import { z } from 'zod';
import { APPROVAL_STATUSES, DECISION_REASON_CODES, requirementSchema } from '@holdpoint/cheqpoint/wire';
import { highestLimits } from './highest-limits.ts';

/*
 * Schemas of administration under `/reviewer-api`. The role admin reads and changes, the role auditor reads. Times are
 * ISO 8601 in UTC with milliseconds. An error is `{ "error": "<sentence>" }`.
 */

const line = (most: number) =>
  z
    .string()
    .trim()
    .min(1, 'must not be empty')
    .max(most)
    .refine((text) => !/\p{Cc}/u.test(text), 'must be one line without control characters');

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
  /** Name of its creator. Null for a key from the settings of the process. */
  createdBy: z.string().nullable(),
  /** Start of the hour of its last use. Null: never. */
  lastUsedAt: z.string().nullable(),
  /** When a replaced key stops working. */
  expiresAt: z.string().nullable(),
  revokedAt: z.string().nullable(),
});
export type ConnectionKey = z.output<typeof connectionKeySchema>;

/** `GET /keys`, optionally of one assistant. Newest first. */
export const listKeysSchema = z.object({ assistant: assistantNameSchema.optional() });
export const keyListSchema = z.object({ keys: z.array(connectionKeySchema) });

/** The body of `POST /keys`. Creates the assistant if it does not exist. */
export const createKeySchema = z.strictObject({ assistant: assistantNameSchema });

/** Longest overlap of a replaced key with its successor, in seconds: 30 days. */
const longestOverlapSeconds = 30 * 24 * 3600;
/** The body of `POST /keys/{id}/rotate`: how long the old key still works, in seconds. @default 0 (it ends at once) */
export const rotateKeySchema = z.strictObject({
  overlapSeconds: z.number().int().min(0).max(longestOverlapSeconds).default(0),
});

/** A new key. `secret` is the key itself. No other answer shows it. */
export const newKeySchema = z.object({
  key: connectionKeySchema,
  secret: z.string(),
  /** The key it replaces. */ replaced: connectionKeySchema.nullable(),
});
export type NewKey = z.output<typeof newKeySchema>;

// ---- Assistants ---------------------------------------------------------------------------------------------------

const count = z.number().int().min(1).max(highestLimits.requests);
/** Rejects a request after so many identical ones (action and details) within a span. */
const loopProtectionSchema = z.strictObject({
  identicalRequests: count,
  withinSeconds: z.number().int().min(1).max(highestLimits.withinSeconds),
});
/** Limits on an assistant's requests. Requests beyond them are rejected at once. Null: the default of the process. */
export const assistantLimitsSchema = z.strictObject({
  requestsPerHour: count.nullable(),
  requestsPerDay: count.nullable(),
  loopProtection: loopProtectionSchema.nullable(),
});
export type AssistantLimits = z.output<typeof assistantLimitsSchema>;

/**
 * The body of `PUT /assistants/{name}`. Omitted fields stay. `paused` is the kill switch: new requests are rejected,
 * open ones can't be approved.
 */
export const changeAssistantSchema = z.strictObject({
  paused: z.boolean().optional(),
  /** Reason of the pause, for people. */
  reason: line(500).nullish(),
  limits: assistantLimitsSchema.partial().optional(),
});
export type ChangeAssistant = z.output<typeof changeAssistantSchema>;

/** One assistant as administrators see it. */
export const assistantSchema = z.object({
  name: z.string(),
  paused: z.object({ by: z.string(), at: z.string(), reason: z.string().nullable() }).nullable(),
  /** Limits of this assistant. */
  limits: assistantLimitsSchema,
  /** Limits in force, with the defaults of the process. Null: no limit. */
  effectiveLimits: assistantLimitsSchema,
  requests: z.object({ lastHour: z.number(), lastDay: z.number(), waiting: z.number() }),
  /** Number of working keys. */
  activeKeys: z.number(),
});
export type AssistantSettings = z.output<typeof assistantSchema>;
/** `GET /assistants`, by name. */
export const assistantListSchema = z.object({ assistants: z.array(assistantSchema) });

// ---- Rules --------------------------------------------------------------------------------------------------------

/** Fields for conditions, beside `details.<key>` and `metadata.<key>`. */
const conditionFields = ['action', 'assistant', 'agentName', 'riskLevel', 'riskScore', 'priority'] as const;
/** Operators. `present` and `absent` take no value, `one-of` and `none-of` a list, the four comparisons a number. */
export const ruleOperators = [
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
export type RuleOperator = (typeof ruleOperators)[number];

const field = z
  .string()
  .max(300)
  .refine(
    (name) =>
      (conditionFields as readonly string[]).includes(name) || /^(details|metadata)(\.(\\.|[^.\\])+)+$/.test(name),
    `must be one of ${conditionFields.join(', ')}, or details.<key> or metadata.<key>, with deeper keys behind further dots and a dot within a key as "\\."`,
  );
const isExact = (value: number) => Math.abs(value) <= Number.MAX_SAFE_INTEGER;
const notExact = 'is too large to be compared exactly';
const mostConditions = 30;
const scalar = z.union([z.string().max(1000), z.number().refine(isExact, notExact), z.boolean()]);
const text = z.string().min(1, 'must not be empty').max(1000);
/**
 * One condition. It holds only if the field exists and its value has the type that the operator compares, so a missing
 * value never approves. Only `absent` holds for a missing or null field. Text is compared exactly, including letter
 * case, except for `riskLevel`. `contains` finds a part of a text or an element of a list. `details.<list>.length` is
 * the number of elements.
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

/** Groups that decide, one after the other, with the decision `review`. Null: those that the request names, else any reviewer. */
const ruleBy = requirementSchema.nullable();

const ruleFields = {
  name: line(100),
  /** All must hold. An empty list matches every request. */
  conditions: z.array(ruleConditionSchema).max(mostConditions),
  decision: z.enum(['approve', 'reject', 'review']),
};

const byGoesWithReview = {
  path: ['by'],
  error: 'goes with the decision "review" only',
};

/** Fields of a request. Refuses numbers that JSON rounded. Older stored rules may hold one and are still listed. */
const sentFields = {
  ...ruleFields,
  conditions: z
    .array(
      ruleConditionSchema.refine(
        (condition) => !('value' in condition) || typeof condition.value !== 'number' || isExact(condition.value),
        { path: ['value'], error: notExact },
      ),
    )
    .max(mostConditions),
};

/**
 * The body of `POST /rules`. `review`: a person decides, even if a later rule matches. `position` counts from 1.
 * @default last
 */
export const createRuleSchema = z
  .strictObject({
    ...sentFields,
    by: ruleBy.default(null),
    enabled: z.boolean().default(false),
    position: z.number().int().min(1).optional(),
  })
  .refine(({ by, decision }) => by === null || decision === 'review', byGoesWithReview);
export type CreateRule = z.output<typeof createRuleSchema>;
/** The body of `PATCH /rules/{id}`. Omitted fields stay. */
export const changeRuleSchema = z
  .strictObject({ ...sentFields, by: ruleBy, enabled: z.boolean(), position: z.number().int().min(1) })
  .partial()
  .refine(({ by, decision }) => by == null || decision === undefined || decision === 'review', byGoesWithReview);
export type ChangeRule = z.output<typeof changeRuleSchema>;

/** A rule. The first enabled rule that matches decides. */
export const ruleSchema = z.object({
  id: z.string(),
  ...ruleFields,
  by: ruleBy,
  enabled: z.boolean(),
  /** From 1, without gaps. */
  position: z.number(),
  createdAt: z.string(),
  createdBy: z.string(),
  updatedAt: z.string(),
  updatedBy: z.string(),
});
export type Rule = z.output<typeof ruleSchema>;
/** `GET /rules`, in the order of evaluation. */
export const ruleListSchema = z.object({ rules: z.array(ruleSchema) });

/** Period of a trial, in days. */
export const trialDays = 30;
/**
 * The body of `POST /rules/try`. With `id` the rule is tried in the place of that stored rule, with its conditions
 * unless others are sent. Without `id` it is tried at `position`. @default last
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
    error: 'are missing: send conditions, or the id of a stored rule',
  });
export type TryRule = z.output<typeof tryRuleSchema>;
/** The decisions that a rule would have made in the last 30 days, after the enabled rules before it. */
export const ruleTrialSchema = z.object({
  from: z.string(),
  to: z.string(),
  /** Number of examined requests. */
  looked: z.number(),
  /** True if only the newest requests were examined, because there are too many. */
  truncated: z.boolean(),
  /** Requests for which all conditions hold. */
  matched: z.number(),
  /** Of these, requests that no enabled rule before it matches. */
  decides: z.number(),
  /** Of these, requests that a person decided, by decision. */
  people: z.object({ approved: z.number(), approvedWithEdit: z.number(), rejected: z.number() }),
  /** The newest 100 requests that it decides. */
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
      /** True if a person decided differently. */
      differs: z.boolean(),
    }),
  ),
});
export type RuleTrial = z.output<typeof ruleTrialSchema>;

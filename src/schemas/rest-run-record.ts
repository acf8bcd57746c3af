import type { RunRecord, TokenUsage, Usage } from '@holdpoint/client';
import { z } from 'zod';
import type { Json } from '@holdpoint/json';
import type { Decision } from '../domain/decision.ts';
import type { SettledAs } from '../domain/tool-call.ts';

/* What a run did, as `GET /v1/runs/{id}` gives it. The client's types document the fields. */

const json = z.unknown() as z.ZodType<Json>;
const time = z.iso.datetime();
const count = z.number().int().nullable();

const tokenUsageSchema = z
  .object({ input: count, cachedInput: count, output: count, reasoning: count })
  .meta({ id: 'TokenUsage' }) satisfies z.ZodType<TokenUsage>;

const costSchema = z.object({ amount: z.string().regex(/^\d+(\.\d+)?$/), currency: z.string() }).meta({ id: 'Cost' });

export const usageSchema = tokenUsageSchema
  .extend({
    turns: z.number().int(),
    turnsWithoutTokens: z.number().int(),
    costs: z.array(costSchema),
    turnsWithoutCost: z.number().int(),
  })
  .meta({ id: 'Usage' }) satisfies z.ZodType<Usage>;

const decisionSchema = z.object({
  request: z.number().int().nullable(),
  requestId: z.string().nullable(),
  decision: z.unknown() as z.ZodType<Decision>,
  reviewer: z.string().nullable(),
  rule: z.string().nullable(),
  note: z.string().nullable(),
  edit: json,
  removed: z.array(z.string()),
  reviewedAgain: z.string().nullable(),
});

const recordedCallSchema = z
  .object({
    key: z.string(),
    callId: z.string(),
    tool: z.string(),
    arguments: json,
    plan: z.enum(['execute', 'review', 'answer']).nullable(),
    requests: z.array(
      z.object({
        request: z.number().int(),
        kind: z.enum(['call', 'outcome']),
        id: z.string().nullable(),
        summary: z.string(),
        requestedAt: time,
      }),
    ),
    decisions: z.array(decisionSchema),
    ranWith: json,
    attempts: z.number().int(),
    startedAt: time.nullable(),
    worker: z.string().nullable(),
    settledAs: (z.string() as unknown as z.ZodType<SettledAs>).nullable(),
    settledAt: time.nullable(),
    output: z.string().nullable(),
  })
  .meta({ id: 'RecordedCall' });

export const runRecordSchema = z
  .object({
    turns: z.array(
      z.object({
        turn: z.number().int(),
        api: z.enum(['responses', 'assistants']),
        model: z.string().nullable(),
        startedAt: time.nullable(),
        endedAt: time.nullable(),
        attempt: z.number().int().nullable(),
        answers: z.number().int(),
        usage: tokenUsageSchema.nullable(),
        cost: costSchema.nullable(),
        messages: z.array(z.string()),
        words: z.string().nullable(),
        answer: json,
        refused: z.boolean(),
        calls: z.array(recordedCallSchema),
      }),
    ),
    earlierTurns: z.number().int(),
    approval: recordedCallSchema.nullable(),
    usage: usageSchema,
    temporalUrl: z.string().nullable(),
    missing: z.string().nullable(),
  })
  .meta({ id: 'RunRecord' }) satisfies z.ZodType<RunRecord>;

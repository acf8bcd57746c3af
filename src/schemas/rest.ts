import type {
  Approval,
  ApprovalDecision,
  ApprovalList,
  Call,
  CreateRun,
  MessageOptions,
  Run,
  RunList,
  RunState,
  RunSummary,
} from '@holdpoint/client';
import type { Json } from '@holdpoint/json';
import { z } from 'zod';
import type { Decision } from '../domain/decision.ts';
import { longestFieldText } from '../domain/context-fields.ts';
import { failures } from '../domain/failures.ts';
import { runIdForm } from '../domain/run-id.ts';
import { whenWaitings } from '../domain/user-message.ts';
import type { SettledAs } from '../domain/tool-call.ts';
import { runRecordSchema } from './rest-run-record.ts';

/*
 * Bodies and queries of the REST API. Times are ISO 8601 in UTC. The client's types document the fields; `satisfies` and
 * test/schemas/rest-types.test.ts keep both equal.
 */

export type { Approval, Call, CreateRun, Run, RunRecord, RunSummary } from '@holdpoint/client';

/** Largest request body, in bytes. */
export const largestBodyBytes = 1024 * 1024;
/** Largest `context` of a run, in bytes of JSON. It stays in the history. */
export const largestContextBytes = 64 * 1024;

export const json = z.unknown() as z.ZodType<Json>;
const time = z.iso.datetime();

/** Id chosen by a caller. It becomes the Workflow id and a part of addresses. */
export const runIdSchema = z
  .string()
  .regex(
    runIdForm,
    'must be 1 to 128 letters, digits, dots, underscores or hyphens, and not "." or "..", which addresses drop',
  );
/** Temporal's list filter has no escape for quotes and backslashes. */
export const assistantName = z
  .string()
  .min(1, 'must not be empty')
  .max(200)
  .regex(/^\P{Cc}*$/u, 'must not contain control characters')
  .regex(/^[^'"`\\]*$/, 'must not contain quotes or backslashes: no assistant has such a name');
/** Name of a caller of the gateway. Look-alike names are not possible. */
export const callerName = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._-]{0,62}$/,
    'must be 1 to 63 lower-case letters, digits, dots, underscores or hyphens, and begin with a letter or digit',
  );
export const idempotencyKey = z.string().min(1, 'must not be empty').max(255);

/** At most one of `id` and `idempotencyKey` may be given. */
export const idOrKey = {
  check: ({ id, idempotencyKey }: { id?: string | undefined; idempotencyKey?: string | undefined }) =>
    id === undefined || idempotencyKey === undefined,
  issue: {
    path: ['idempotencyKey'],
    message: 'give either `id` or `idempotencyKey`; an id already makes a request repeatable',
  },
};

/** The body of `POST /v1/runs`. */
export const createRunSchema = z
  .object({
    assistant: assistantName.optional(),
    input: z.string().min(1, 'must not be empty'),
    context: json.optional(),
    continueFrom: runIdSchema.optional(),
    maxTurns: z.number().int().min(1).max(10_000).optional(),
    id: runIdSchema.optional(),
    idempotencyKey: idempotencyKey.optional(),
  })
  .strict()
  .refine(idOrKey.check, idOrKey.issue)
  .refine(({ assistant, continueFrom }) => assistant !== undefined || continueFrom !== undefined, {
    path: ['assistant'],
    message: 'is needed, unless `continueFrom` names a run',
  })
  .meta({ id: 'CreateRun' }) satisfies z.ZodType<unknown, CreateRun>;

const openStates = ['running', 'waiting', 'parked'] as const satisfies RunState[];
export const runStates = [...openStates, 'completed', 'failed', 'cancelled'] as const satisfies RunState[];

export const questionSchema = z
  .object({
    id: z.string(),
    text: z.string(),
    askedBy: z.string(),
    askedAt: time,
    answer: z.string().nullable(),
    problem: z.string().nullable(),
    answeredAt: time.nullable(),
  })
  .meta({ id: 'Question' });

const openApproval = {
  request: z.number().int(),
  kind: z.enum(['call', 'outcome']),
  id: z.string().nullable(),
  reviewUrl: z.string().nullable(),
  waitingSince: time.nullable(),
  deadlineAt: time.nullable(),
  possiblyTwo: z.boolean(),
  questions: z.array(questionSchema).optional(),
};

const callState = z.enum(['requesting', 'waiting', 'settling', 'parked', 'done']);

export const callSchema = z
  .object({
    key: z.string(),
    callId: z.string(),
    tool: z.string(),
    arguments: json,
    state: callState,
    approval: z.object(openApproval).nullable(),
    decision: (z.unknown() as z.ZodType<Decision>).nullable(),
    settledAs: (z.string() as unknown as z.ZodType<SettledAs>).nullable(),
    questionCounts: z.object({ asked: z.number(), open: z.number() }).optional(),
    paused: z.object({ by: z.string(), at: time, reason: z.string().nullable() }).optional(),
    unverified: z.string().optional(),
  })
  .meta({ id: 'Call' }) satisfies z.ZodType<Call>;

export const runSummarySchema = z
  .object({
    id: z.string(),
    kind: z.enum(['assistant', 'approval']),
    state: z.enum(runStates),
    assistant: z.string(),
    caller: z.string().nullable(),
    summary: z.string(),
    startedAt: time,
    closedAt: time.nullable(),
  })
  .meta({ id: 'RunSummary' }) satisfies z.ZodType<RunSummary>;

const parkedSchema = z.object({
  type: z.enum(Object.keys(failures) as [keyof typeof failures, ...Array<keyof typeof failures>]),
  message: z.string(),
  since: time,
  callKey: z.string().nullable(),
});

const retryingSchema = z.object({
  activity: z.string(),
  callKey: z.string().nullable(),
  attempt: z.number().int(),
  lastError: z.string(),
  at: z.string().nullable(),
  nextTryAt: time.nullable(),
});

const decidedAt = time.nullable();
const note = z.string().nullable();
const details = z.record(z.string(), json);
const decision: z.ZodType<ApprovalDecision> = z
  .discriminatedUnion('outcome', [
    z.object({
      outcome: z.literal('approved'),
      by: z.enum(['person', 'rule']),
      decidedAt,
      details,
      modifiedDetails: details.nullable(),
      note,
    }),
    z.object({ outcome: z.literal('rejected'), by: z.enum(['person', 'rule', 'system']), decidedAt, note }),
    z.object({ outcome: z.literal('expired'), decidedAt }),
    z.object({ outcome: z.literal('withdrawn'), decidedAt }),
  ])
  .meta({ id: 'ApprovalDecision' });

export const runSchema = runSummarySchema
  .extend({
    detail: z
      .object({
        state: z.enum(openStates),
        turn: z.number().int(),
        calls: z.array(callSchema),
        parked: z.array(parkedSchema),
        queuedMessages: z.number().int(),
      })
      .nullable(),
    retrying: z.array(retryingSchema),
    detailMissing: z.string().nullable(),
    output: json,
    decision: decision.nullable(),
    refused: z.boolean(),
    turns: z.number().int().nullable(),
    toolCalls: z.number().int().nullable(),
    failure: z.object({ type: z.string(), message: z.string() }).nullable(),
    record: runRecordSchema.optional(),
  })
  .meta({ id: 'Run' }) satisfies z.ZodType<Run>;

/** The query of `GET /v1/runs/{id}`: shows the turns before this one. */
export const getRunSchema = z.object({ turnsBefore: z.coerce.number().int().min(1).max(1_000_000).optional() });

/** A time of a query. */
export const timeOrNothing = z.iso
  .datetime({ offset: true, error: 'must be a date and time in ISO 8601 with an offset, such as 2026-11-30T08:00:00Z' })
  .optional();

const field = z
  .string()
  .max(2 * longestFieldText + 1)
  .regex(/^[^=]+=[\s\S]+$/, 'must be a field and its value, such as user=ana')
  .meta({ description: 'A field of the context and its value, such as `user=ana` or `customer.id=17`.' });
/** One or more fields. */
const contextFilter = z.union([field, z.array(field).max(10, 'must name at most 10 fields')]);

/** The query of `GET /v1/runs`. */
export const listRunsSchema = z.object({
  state: z.enum(runStates).optional(),
  assistant: assistantName.optional(),
  caller: callerName.optional(),
  since: timeOrNothing,
  until: timeOrNothing,
  context: contextFilter.optional(),
  text: z.string().min(1, 'must not be empty').max(longestFieldText).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  pageToken: z.string().max(8192).optional(),
});

/** The `note` of every list. */
export const listsMayLag =
  "Lists come from Temporal's visibility store and may lag by seconds; a single run is always current.";

/** The answer of `GET /v1/runs`, newest first. */
export const runListSchema = z
  .object({ runs: z.array(runSummarySchema), nextPageToken: z.string().nullable(), note: z.string() })
  .meta({ id: 'RunList' }) satisfies z.ZodType<RunList>;

export const approvalSchema = z
  .object({
    ...openApproval,
    id: z.string(),
    state: callState,
    runId: z.string(),
    assistant: z.string(),
    callKey: z.string(),
    tool: z.string(),
    arguments: json,
    summary: z.string().nullable(),
    riskLevel: z.string(),
    riskReason: z.string().nullable(),
    justification: z.string().nullable(),
    context: json,
    shown: z.string().nullable(),
  })
  .meta({ id: 'Approval' }) satisfies z.ZodType<Approval>;

/** The query of `GET /v1/approvals`. */
export const listWaitingSchema = listRunsSchema.omit({
  state: true,
  since: true,
  until: true,
  context: true,
  text: true,
});
/** The answer of `GET /v1/approvals`: the approvals of a page of waiting runs, longest wait first. */
export const approvalListSchema = z
  .object({
    approvals: z.array(approvalSchema),
    unread: z.array(z.object({ runId: z.string(), assistant: z.string(), reason: z.string() })),
    nextPageToken: z.string().nullable(),
    note: z.string(),
  })
  .meta({ id: 'ApprovalList' }) satisfies z.ZodType<ApprovalList>;

/** The body of `POST /v1/runs/{id}/messages`. */
export const sendMessageSchema = z
  .object({
    text: z.string().min(1, 'must not be empty'),
    whenWaiting: z.enum(whenWaitings).default('queue'),
    idempotencyKey: idempotencyKey.optional(),
  })
  .strict()
  .meta({ id: 'SendMessage' }) satisfies z.ZodType<unknown, MessageOptions & { text: string }>;

/** The answer of cancel, retry and messages: the order is durable, and the run shows its effect. */
export const orderedSchema = z
  .object({ id: z.string(), ordered: z.enum(['cancel', 'retry', 'message']) })
  .meta({ id: 'Ordered' });

/** The answer to an OpenAI webhook. `known`: it came before. `ignored`: it is not about a response. */
export const webhookAnswerSchema = z
  .object({ result: z.enum(['recorded', 'known', 'ignored']) })
  .meta({ id: 'WebhookAnswer' });

/** The answer to a Cheqpoint callback. */
export const callbackAnswerSchema = z
  .object({ result: z.enum(['delivered', 'run closed']) })
  .meta({ id: 'CallbackAnswer' });

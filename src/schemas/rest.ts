import { z } from 'zod';
import type { ApprovalDecision } from '../domain/standalone-approval.ts';
import type { Decision } from '../domain/decision.ts';
import type { Json } from '@holdpoint/json';
import { whenWaitings } from '../domain/user-message.ts';
import type { SettledAs } from '../domain/tool-call.ts';
import { failures } from '../domain/failures.ts';

/* What the gateway takes and gives. All times are ISO 8601 in UTC. */

/** The largest body that the gateway reads, in bytes. */
export const largestBodyBytes = 1024 * 1024;
/** The largest `context` of a run, in bytes of JSON: it stays in the history. */
export const largestContextBytes = 64 * 1024;

export const json = z.unknown() as z.ZodType<Json>;
const time = z.iso.datetime();

/** Ids that a caller may choose: they become the Workflow id and part of addresses. */
export const runIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,128}$/, 'must be 1 to 128 letters, digits, dots, underscores or hyphens');
export const assistantName = z.string().min(1, 'must not be empty').max(200);

/** The body of `POST /v1/runs`. */
export const createRunSchema = z
  .object({
    /** Name of an assistant in the config; may be left out with `continueFrom`, which has the same one. */
    assistant: assistantName.optional(),
    /** The user's text. */
    input: z.string().min(1, 'must not be empty'),
    /** Reaches tools, review policies and reviewers, never the model. */
    context: json.optional(),
    /** Id of a completed run: this one goes on with its conversation. Its `context` is not taken over. */
    continueFrom: runIdSchema.optional(),
    /** Turns before the run fails with `MaxTurnsExceeded`; default: the assistant's own number, else 50. */
    maxTurns: z.number().int().min(1).max(10_000).optional(),
    /** The run's id, chosen by the caller; the same id with the same request finds the run that exists. */
    id: runIdSchema.optional(),
    /** The run's id is made from this key: a request sent twice with it starts one run. */
    idempotencyKey: z.string().min(1, 'must not be empty').max(255).optional(),
  })
  .strict()
  .refine(({ id, idempotencyKey }) => id === undefined || idempotencyKey === undefined, {
    path: ['idempotencyKey'],
    message: 'give either `id` or `idempotencyKey`; an id makes a request repeatable by itself',
  })
  .refine(({ assistant, continueFrom }) => assistant !== undefined || continueFrom !== undefined, {
    path: ['assistant'],
    message: 'is needed, unless `continueFrom` names a run',
  })
  .meta({ id: 'CreateRun' });
export type CreateRun = z.input<typeof createRunSchema>;

/** The states of a run, as lists filter by them. */
export const runStates = ['running', 'waiting', 'parked', 'completed', 'failed', 'cancelled'] as const;
const openStates = ['running', 'waiting', 'parked'] as const;

const approvalFields = {
  /** Number of the request that counts, from 1. */
  request: z.number().int(),
  /** `call`: may this call act? `outcome`: did an action whose end nobody saw happen? */
  kind: z.enum(['call', 'outcome']),
  /** Id at the review service. */
  id: z.string().nullable(),
  /** Where a person decides. */
  reviewUrl: z.string().nullable(),
  waitingSince: time.nullable(),
  deadlineAt: time.nullable(),
  /** The reply to an earlier request was lost, so the same question may be shown twice. One acts. */
  possiblyTwo: z.boolean(),
};

const callState = z.enum(['requesting', 'waiting', 'settling', 'parked', 'done']);

/** One tool call of a run's open turn. */
export const callSchema = z
  .object({
    key: z.string(),
    callId: z.string(),
    tool: z.string(),
    /** As the model asked; null when they could not be read here. */
    arguments: json,
    state: callState,
    approval: z.object(approvalFields).nullable(),
    decision: (z.unknown() as z.ZodType<Decision>).nullable(),
    settledAs: (z.string() as unknown as z.ZodType<SettledAs>).nullable(),
  })
  .meta({ id: 'Call' });
export type Call = z.output<typeof callSchema>;

/** A run as lists show it. */
export const runSummarySchema = z
  .object({
    id: z.string(),
    /** `approval`: a standalone approval, with no model. */
    kind: z.enum(['assistant', 'approval']),
    state: z.enum(runStates),
    /** Empty for a Workflow that was not started by a gateway; `(none)` for an approval that names none. */
    assistant: z.string(),
    /** The first words of the input, or of an approval's summary. */
    summary: z.string(),
    startedAt: time,
    closedAt: time.nullable(),
  })
  .meta({ id: 'RunSummary' });
export type RunSummary = z.output<typeof runSummarySchema>;

/** Why a run stands still, until somebody mends the cause and says `retry`. */
const parkedSchema = z.object({
  type: z.enum(Object.keys(failures) as [keyof typeof failures, ...Array<keyof typeof failures>]),
  message: z.string(),
  since: time,
  callKey: z.string().nullable(),
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
      /** What was approved, an edit included. */ details,
      modifiedDetails: details.nullable(),
      note,
    }),
    z.object({ outcome: z.literal('rejected'), by: z.enum(['person', 'rule', 'system']), decidedAt, note }),
    z.object({ outcome: z.literal('expired'), decidedAt }),
    z.object({ outcome: z.literal('withdrawn'), decidedAt }),
  ])
  .meta({ id: 'ApprovalDecision' });

/** A run, whole. */
export const runSchema = runSummarySchema
  .extend({
    /** Where an open run stands; null when it is closed or no worker answered. */
    detail: z
      .object({
        state: z.enum(openStates),
        turn: z.number().int(),
        calls: z.array(callSchema),
        parked: z.array(parkedSchema),
        queuedMessages: z.number().int(),
      })
      .nullable(),
    /** Why `detail` is null, in a sentence. */
    detailMissing: z.string().nullable(),
    /** The final answer; null while the run is open, when it did not complete, and for an approval. */
    output: json,
    /** What came of a standalone approval; null while it is open, and for a run of an assistant. */
    decision: decision.nullable(),
    /** The model declined to answer; `output` holds its words. */
    refused: z.boolean(),
    turns: z.number().int().nullable(),
    toolCalls: z.number().int().nullable(),
    /** Why the run failed; `type` is one of docs/errors.md, or Temporal's own word. */
    failure: z.object({ type: z.string(), message: z.string() }).nullable(),
  })
  .meta({ id: 'Run' });
export type Run = z.output<typeof runSchema>;

/** The query of `GET /v1/runs`. */
export const listRunsSchema = z.object({
  state: z.enum(runStates).optional(),
  assistant: assistantName.optional(),
  /** Runs per page. */
  limit: z.coerce.number().int().min(1).max(200).default(50),
  /** `nextPageToken` of the page before. */
  pageToken: z.string().max(8192).optional(),
});
/** The same for callers: filters by state and assistant, a limit from 1 to 200, and where to go on. */
export type ListRuns = {
  state?: (typeof runStates)[number] | undefined;
  assistant?: string | undefined;
  limit?: number | undefined;
  pageToken?: string | undefined;
};

/** What a list says about its own age. */
export const listsMayLag =
  "Lists come from Temporal's visibility store and may lag by seconds; a single run is always current.";

/** The answer of `GET /v1/runs`, newest first. */
export const runListSchema = z
  .object({ runs: z.array(runSummarySchema), nextPageToken: z.string().nullable(), note: z.string() })
  .meta({ id: 'RunList' });
export type RunList = z.output<typeof runListSchema>;

/** An Approval that an open run waits for. */
export const approvalSchema = z
  .object({
    ...approvalFields,
    id: z.string(),
    /** Where its call stands: `waiting` for a person, `settling` while a decision is acted on. */
    state: callState,
    runId: z.string(),
    assistant: z.string(),
    callKey: z.string(),
    tool: z.string(),
    arguments: json,
  })
  .meta({ id: 'Approval' });
export type Approval = z.output<typeof approvalSchema>;

/** The query of `GET /v1/approvals`. */
export const listWaitingSchema = listRunsSchema.omit({ state: true });
/** The answer of `GET /v1/approvals`: a page of waiting runs, their approvals longest waiting first. */
export const approvalListSchema = z
  .object({
    approvals: z.array(approvalSchema),
    /** Runs that wait, but whose approvals are not known because no worker answered. */
    unread: z.array(z.object({ runId: z.string(), assistant: z.string(), reason: z.string() })),
    nextPageToken: z.string().nullable(),
    note: z.string(),
  })
  .meta({ id: 'ApprovalList' });
export type ApprovalList = z.output<typeof approvalListSchema>;

/** The body of `POST /v1/runs/{id}/messages`. */
export const sendMessageSchema = z
  .object({
    /** The user's words. */
    text: z.string().min(1, 'must not be empty'),
    /** `queue`: approvals that are open stay so, and the model is told afterwards. `supersede`: they are withdrawn, and it is told now. */
    whenWaiting: z.enum(whenWaitings).default('queue'),
    /** The same key is the same message, however often it is sent; known for a run's last 500 messages. */
    idempotencyKey: z.string().min(1, 'must not be empty').max(255).optional(),
  })
  .strict()
  .meta({ id: 'SendMessage' });
/** What may be said about a message beside its text. */
export type MessageOptions = Omit<z.input<typeof sendMessageSchema>, 'text'>;

/** The answer of cancel, retry and messages: the order is durable, its effect is seen on the run. */
export const orderedSchema = z
  .object({ id: z.string(), ordered: z.enum(['cancel', 'retry', 'message']) })
  .meta({ id: 'Ordered' });

/** The answer to a webhook of OpenAI: `known` when it came before, `ignored` when it is of no response. */
export const webhookAnswerSchema = z
  .object({ result: z.enum(['recorded', 'known', 'ignored']) })
  .meta({ id: 'WebhookAnswer' });

/** The answer to a callback. */
export const callbackAnswerSchema = z
  .object({ result: z.enum(['delivered', 'run closed']) })
  .meta({ id: 'CallbackAnswer' });

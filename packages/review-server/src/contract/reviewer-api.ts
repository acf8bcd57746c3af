import { z } from 'zod';
import {
  APPROVAL_STATUSES,
  approvalAnswerSchema,
  conversationSchema,
  DECISION_REASON_CODES,
  forPeople,
  presetsSchema,
  previewSchema,
  wireObjectOrNull,
} from '@holdpoint/cheqpoint/wire';
import { claimSchema, commentSchema } from './desk.ts';
import { holdFields, holdSchema } from './holds.ts';
import { outcomeAnswers } from './outcome-answers.ts';
import { assertionSchema } from './passkeys.ts';
import { deliverySchema } from './deliveries.ts';
import { approvalTimesSchema } from './times.ts';
import { canDecideSchema, turnSchema, votingSchema } from './votes.ts';
import { questionsSchema } from './reviewer-questions.ts';

/*
 * The reviewers' JSON API under `/reviewer-api`, for the inbox, the command line and other programs. Hosted Cheqpoint
 * has no such API. Every call except a sign-in needs the session's cookie or `authorization: Bearer <token>`. A GET
 * changes nothing. Errors are `{ "error": "<sentence>" }`. Times are ISO 8601 with milliseconds and Z.
 */

/** `call`: may this call run? `outcome`: did a started call happen? Approved means it did. Rejected means give up. */
const approvalKinds = ['call', 'outcome'] as const;

/** One approval as lists show it. */
export const approvalSummarySchema = z.object({
  id: z.string(),
  kind: z.enum(approvalKinds),
  status: z.enum(APPROVAL_STATUSES),
  action: z.string(),
  summary: z.string(),
  assistant: z.string(),
  agentName: z.string().nullable(),
  /** The person the assistant acts for. Null if the request does not name one. */
  onBehalfOf: z.string().nullable(),
  /** In lower case: low, medium, high, critical, or any word of the asker's own. */
  riskLevel: z.string(),
  /** From 0 to 1. */
  riskScore: z.number().nullable(),
  priority: z.string().nullable(),
  createdAt: z.string(),
  expiresAt: z.string().nullable(),
  /** Only while pending. */
  claim: claimSchema.nullable(),
  /** Held decisions, the next one first. Only while pending. */
  holds: z.array(holdSchema),
  decidedAt: z.string().nullable(),
  /** Name of the reviewer. Null while pending and for automatic decisions. */
  decidedBy: z.string().nullable(),
  decisionReasonCode: z.enum(DECISION_REASON_CODES).nullable(),
  autoDecisionRuleName: z.string().nullable(),
  /** Approved with changed arguments. */
  edited: z.boolean(),
  /** Whose turn it is. Null if one decision of any reviewer suffices, and once it is closed. */
  turn: turnSchema.nullable(),
  /** Questions to the requester without an answer. 0 once it is closed. */
  openQuestions: z.number(),
  /** When its turn is or was due, and others were asked. In the past: overdue. Null: never, and once it is closed. */
  dueAt: z.string().nullable(),
});
export type ApprovalSummary = z.output<typeof approvalSummarySchema>;

/** Events of an approval, oldest first. */
const timelineEvents = [
  'requested',
  'claimed',
  'released',
  'assigned',
  'voted',
  'edited',
  'held',
  'undone',
  'hold-dropped',
  'reminded',
  'escalated',
  'overdue',
  'decided',
  'delivered',
  'delivery-failed',
  'delivery-abandoned',
] as const;
export const timelineEntrySchema = z.object({
  at: z.string(),
  /** Name of a reviewer or an assistant, or `the system`, or a rule's name. */
  actor: z.string(),
  event: z.enum(timelineEvents),
  /** A sentence without the actor, such as "approved it with edits". */
  text: z.string(),
});
export type TimelineEntry = z.output<typeof timelineEntrySchema>;

/** `GET /approvals/{id}`: one approval with all its details. */
export const reviewerApprovalSchema = approvalAnswerSchema.extend(approvalSummarySchema.shape).extend({
  justification: z.string().nullable(),
  /** The author of the justification. Null if the requester does not say. */
  justificationFrom: z.enum(['model', 'config']).nullable(),
  /** Why a person has to decide, as a sentence. */
  riskReason: z.string().nullable(),
  /** Extra information from the tool's policy. Never executed. */
  context: z.unknown(),
  /** The part of the last approval that was not taken: its edit, unless the details have it, and its note. */
  draft: z.object({ edit: wireObjectOrNull, note: z.string().nullable() }).nullable(),
  /** The last messages, oldest first. */
  conversation: conversationSchema,
  /** JSON schema of `details` without the reserved key, for a form. */
  argumentsSchema: wireObjectOrNull,
  runUrl: z.string().nullable(),
  workflowUrl: z.string().nullable(),
  /** The effect of the expiry, as a sentence. Null without an expiry. */
  atExpiry: z.string().nullable(),
  /** Whom or what the action is about. Decides nothing. */
  subject: z.string().nullable(),
  /** Quick notes by language. */
  presets: presetsSchema.nullable(),
  /** Shows what the details mean. The details run, not the preview. */
  preview: previewSchema.nullable(),
  timeline: z.array(timelineEntrySchema),
  /** Of reviewers, oldest first. */
  comments: z.array(commentSchema),
  /** Callbacks of the decision, one per address, with every attempt. */
  deliveries: z.array(deliverySchema),
  /** Questions to the requester, oldest first. They are no part of what is decided on. */
  questions: questionsSchema,
  /** Digest of what a reviewer sees. Send it with the decision. */
  shown: z.string(),
  /** From 1. An edit that needs further votes is the next version. */
  version: z.number(),
  /** The edited details that the votes are on. Null if they are on `details`. */
  proposedDetails: wireObjectOrNull,
  /** The person that the assistant acts for may approve. */
  allowSelf: z.boolean(),
  /** Null if one decision of any reviewer suffices. */
  voting: votingSchema.nullable(),
  /** Whether the signed-in person may decide. Null once it is closed. */
  canDecide: canDecideSchema.nullable(),
  /** Null if it has no due time and no reminders, and once it is closed. */
  times: approvalTimesSchema.nullable(),
});
export type ReviewerApproval = z.output<typeof reviewerApprovalSchema>;

/** A decision in the history of a request. */
const pastDecisionSchema = approvalSummarySchema.extend({ decisionNote: z.string().nullable() });
export type PastDecision = z.output<typeof pastDecisionSchema>;
/**
 * `GET /approvals/{id}/history`: the last five decisions by people and rules on the same action of the same assistant, and
 * on the same subject, newest first.
 */
export const approvalHistorySchema = z.object({
  sameAction: z.array(pastDecisionSchema),
  sameSubject: z.array(pastDecisionSchema),
});
export type ApprovalHistory = z.output<typeof approvalHistorySchema>;

/**
 * `needs-you`: pending, without another reviewer's claim. `waiting`: pending, claimed by another reviewer. Both begin
 * with outcome questions and are sorted as asked. `done`: closed, last decided first. `all`: newest first.
 */
export const boxNames = ['needs-you', 'waiting', 'done', 'all'] as const;
export type Box = (typeof boxNames)[number];

/**
 * The order of open approvals. `deadline`: by due time, then age. `risk`: by level from critical to low, then as
 * `deadline`. `age`: oldest first.
 */
export const sortNames = ['deadline', 'risk', 'age'] as const;
export type Sort = (typeof sortNames)[number];

/** Filters by result. `rejected` excludes expired and withdrawn ones; `decided` is everything except pending. */
const statusFilters = ['pending', 'approved', 'rejected', 'expired', 'withdrawn', 'decided', 'all'] as const;

// PostgreSQL refuses NUL in a query. No stored text contains it.
const exactText = z
  .string()
  .max(300)
  .transform((text) => text.replaceAll('\0', '\uFFFD'));

/** The query of `GET /approvals`. */
export const listApprovalsSchema = z.object({
  box: z.enum(boxNames).default('all'),
  /**
   * Words or parts of words, in any letter case. All must occur in the id, action, summary, justification, assistant,
   * agent, person behind it, details, edit, note, reviewer or comments, within the first 20,000 characters of an approval.
   */
  q: z.string().max(200).optional(),
  assistant: exactText.optional(),
  /** The assistant of the Connection Key, or the name that the asking program gives itself. */
  askedBy: exactText.optional(),
  action: exactText.optional(),
  /** A level, in any letter case. */
  risk: exactText.transform((level) => level.toLowerCase()).optional(),
  /** `me`: only open ones that wait for a vote of the signed-in person. */
  waitingFor: z.enum(['me']).optional(),
  /** `me`: only open ones that the signed-in person or a group of this person has, by a claim or handed over. */
  assigned: z.enum(['me']).optional(),
  status: z.enum(statusFilters).default('all'),
  /** For the boxes `needs-you` and `waiting`. */
  sort: z.enum(sortNames).default('deadline'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  /** `nextCursor` of the page before. */
  cursor: z.string().optional(),
});
export type ListApprovals = z.output<typeof listApprovalsSchema>;
/**
 * Its answer. The last page has a null `nextCursor`. Earlier pages may be short or empty: a page examines a bounded
 * number of approvals.
 */
export const approvalListSchema = z.object({
  approvals: z.array(approvalSummarySchema),
  nextCursor: z.string().nullable(),
});
export type ApprovalList = z.output<typeof approvalListSchema>;

/** The query of `GET /approvals/records`: up to 50 ids with commas between them. */
export const readRecordsSchema = z.object({
  ids: z
    .string()
    .max(10_000)
    .transform((text) => [...new Set(text.split(',').filter((id) => id !== ''))])
    .refine((ids) => ids.length <= 50, 'must be at most 50 ids'),
});
/** Its answer: those that exist, in the order asked. */
export const recordListSchema = z.object({ approvals: z.array(reviewerApprovalSchema) });
export type RecordList = z.output<typeof recordListSchema>;

/** Highest count: it means "that many or more". */
export const countLimit = 10_000;
/** `GET /counts`, and the data of the event `counts`: counts for the signed-in user, without filters. */
export const countsSchema = z.object({ needsYou: z.number(), waiting: z.number(), done: z.number() });
export type Counts = z.output<typeof countsSchema>;

/** `GET /facets`: values to filter by, in alphabetical order. `assistants` are values of `askedBy`. */
export const facetsSchema = z.object({
  assistants: z.array(z.string()),
  actions: z.array(z.string()),
  /** True if there are requests that wait for groups. */
  turns: z.boolean(),
});
export type Facets = z.output<typeof facetsSchema>;

const note = forPeople.pipe(z.string().max(10_000)).nullish();

const digest = z
  .string()
  .max(200)
  .describe('`shown` of the approval as it was read: the digest of what was decided on.');

/**
 * The body of `POST /approvals/{id}/decide`. A call takes `approve` and `reject`, an outcome question the three
 * `outcomeAnswers`. `modifiedDetails` is the whole edited object, for approvals only. Answers with the
 * ReviewerApproval, which stays PENDING if it waits for further votes. 403: this person may not decide it.
 */
export const decideSchema = z
  .object({
    decision: z.enum(['approve', 'reject', ...outcomeAnswers]),
    modifiedDetails: wireObjectOrNull.optional(),
    /** Keys that the edit removes on purpose. Only needed without a schema. */
    removed: z.array(z.string()).max(1000).optional(),
    note,
    shown: digest.optional(),
    /** A passkey's answer to `POST …/step-up`, for the approval of a critical request. It is decided at once. */
    stepUp: assertionSchema.optional(),
    ...holdFields,
  })
  .refine(({ decision, modifiedDetails }) => decision === 'approve' || modifiedDetails == null, {
    path: ['modifiedDetails'],
    message: 'goes with the decision "approve" only',
  });
export type ReviewerDecision = z.output<typeof decideSchema>;

/** 409: the approval was decided or expired before, or it is not as `shown` says. `approval` is the present one. */
export const alreadyClosedSchema = z.object({ error: z.string(), approval: reviewerApprovalSchema });

/**
 * The body of `POST /approvals/decide`: one decision for several approvals, each in its own transaction. A batch with a
 * critical request is refused as a whole.
 */
export const decideManySchema = z.object({
  ids: z.array(z.string()).min(1).max(100),
  decision: z.enum(['approve', 'reject']),
  note,
  shown: z
    .record(z.string(), digest)
    .optional()
    .describe('The digest of what was decided on, by the id of the approval.'),
  ...holdFields,
});
/**
 * `voted`: the vote counts, and the approval waits for further ones. `refused`: the approval must be decided
 * individually, such as a question about an outcome, or it changed. `error`
 * says why.
 */
export const decideManyAnswerSchema = z.object({
  results: z.array(
    z.object({
      id: z.string(),
      outcome: z.enum(['decided', 'voted', 'held', 'already-closed', 'not-found', 'refused']),
      error: z.string().optional(),
      approval: approvalSummarySchema.optional(),
    }),
  ),
});
export type DecideManyAnswer = z.output<typeof decideManyAnswerSchema>;

/*
 * `PUT /approvals/{id}/claim` and `DELETE /approvals/{id}/claim` have no body and answer with the ReviewerApproval; 409
 * with `alreadyClosedSchema` when it is closed, 403 to a person who may not decide it. A claim replaces another reviewer's. Releasing another reviewer's claim
 * changes nothing.
 */

/** The data of the server-sent event `changed`: an approval was created, claimed, released or closed. */
export const changedEventSchema = z.object({ id: z.string() });
/*
 * `GET /events` also sends `counts` (countsSchema), shortly after changes, and `resync` (`{}`) when events may have been
 * lost: read everything again, as after a reconnect.
 */

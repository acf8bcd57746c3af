import { z } from 'zod';
import {
  APPROVAL_STATUSES,
  approvalAnswerSchema,
  conversationSchema,
  DECISION_REASON_CODES,
  forPeople,
  wireObjectOrNull,
} from '@holdpoint/cheqpoint/wire';
import { deliverySchema } from './review-admin.ts';

/*
 * The JSON API of our review server for reviewers, under `/reviewer-api`: what the web inbox, the command line and
 * programs of your own speak. Ours alone; hosted Cheqpoint has no such thing. Every call but a sign-in needs one: the
 * session's cookie, or `authorization: Bearer <token>`. A GET changes nothing. Errors are `{ "error": "<sentence>" }`.
 * All times are ISO 8601 with milliseconds and Z.
 */

/** What people may do: `reviewer` claims and decides, `admin` manages users, keys and rules, `auditor` reads all of it. */
export const ROLES = ['reviewer', 'admin', 'auditor'] as const;
export type Role = (typeof ROLES)[number];

/** The body of `POST /session`. With `browser` the token goes into a cookie that scripts can't read, and not into the answer. */
export const signInSchema = z.object({
  name: z.string().min(1),
  password: z.string().min(1),
  browser: z.boolean().default(false),
});
/** The body of `POST /session/link`: the one-time token of a sign-in link. */
export const signInByLinkSchema = z.object({ token: z.string().min(1), browser: z.boolean().default(false) });

/** `GET /session`: who is signed in. */
export const sessionSchema = z.object({
  reviewer: z.object({ name: z.string(), roles: z.array(z.enum(ROLES)) }),
  expiresAt: z.string(),
  server: z.object({ version: z.string() }),
});
export type Session = z.output<typeof sessionSchema>;

/** The answer to both sign-ins; the token, for programs only, goes into `authorization: Bearer …`. */
export const signedInSchema = sessionSchema.extend({ token: z.string().optional() });
export type SignedIn = z.output<typeof signedInSchema>;

/** `GET /sessions`: one's own, the newest first. `DELETE /sessions/{id}` ends one, `DELETE /session` the one that is used, `DELETE /sessions` all others. */
export const sessionListSchema = z.object({
  sessions: z.array(
    z.object({
      id: z.string(),
      createdAt: z.string(),
      expiresAt: z.string(),
      /** What the browser or program calls itself. */ agent: z.string().nullable(),
      current: z.boolean(),
    }),
  ),
});
export type SessionList = z.output<typeof sessionListSchema>;

/** `DELETE /sessions`: how many were ended. */
export const sessionsEndedSchema = z.object({ ended: z.number() });
export type SessionsEnded = z.output<typeof sessionsEndedSchema>;

/** `call`: whether a call may be made. `outcome`: whether one that was made happened (approved: it did; rejected: give up). */
const APPROVAL_KINDS = ['call', 'outcome'] as const;

/** "I'm on it": a hint to the others, that keeps nobody from deciding and lapses after 15 minutes. */
export const claimSchema = z.object({ by: z.string(), at: z.string() });
export type Claim = z.output<typeof claimSchema>;

/** One approval as lists show it. */
export const approvalSummarySchema = z.object({
  id: z.string(),
  kind: z.enum(APPROVAL_KINDS),
  status: z.enum(APPROVAL_STATUSES),
  action: z.string(),
  summary: z.string(),
  assistant: z.string(),
  agentName: z.string().nullable(),
  /** Whom the assistant acts for, as far as the request says so. */
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
  decidedAt: z.string().nullable(),
  /** Name of the reviewer; null while pending and when no person decided. */
  decidedBy: z.string().nullable(),
  decisionReasonCode: z.enum(DECISION_REASON_CODES).nullable(),
  autoDecisionRuleName: z.string().nullable(),
  /** Approved with other arguments than were asked for. */
  edited: z.boolean(),
});
export type ApprovalSummary = z.output<typeof approvalSummarySchema>;

/** What happened with an approval, oldest first. */
const TIMELINE_EVENTS = [
  'requested',
  'claimed',
  'released',
  'decided',
  'delivered',
  'delivery-failed',
  'delivery-abandoned',
] as const;
export const timelineEntrySchema = z.object({
  at: z.string(),
  /** Name of a reviewer or an assistant, or `the system`, or a rule's name. */
  actor: z.string(),
  event: z.enum(TIMELINE_EVENTS),
  /** A sentence without the actor, such as "approved it with edits". */
  text: z.string(),
});
export type TimelineEntry = z.output<typeof timelineEntrySchema>;

/** `GET /approvals/{id}`: one approval with all there is about it. */
export const reviewerApprovalSchema = approvalAnswerSchema.extend(approvalSummarySchema.shape).extend({
  justification: z.string().nullable(),
  /** Whose words the justification is; null where the asker does not say. */
  justificationFrom: z.enum(['model', 'config']).nullable(),
  /** Why it came to a person, as a sentence. */
  riskReason: z.string().nullable(),
  /** What the tool's policy adds for the reviewer; never carried out. */
  context: z.unknown(),
  /** The last messages, oldest first. */
  conversation: conversationSchema,
  /** JSON schema of `details` without the reserved key, for a form. */
  argumentsSchema: wireObjectOrNull,
  runUrl: z.string().nullable(),
  workflowUrl: z.string().nullable(),
  /** What happens when the time is over, as a sentence; null without an expiry. */
  atExpiry: z.string().nullable(),
  timeline: z.array(timelineEntrySchema),
  /** Of the decision, to each address that is told; with every attempt. */
  deliveries: z.array(deliverySchema),
});
export type ReviewerApproval = z.output<typeof reviewerApprovalSchema>;

/**
 * `needs-you`: pending, and nobody else is on it. `waiting`: pending, and somebody else is on it. Both in the order in
 * which they fall due, the oldest first. `done`: closed, the last decided first. `all`: the newest first.
 */
export const BOXES = ['needs-you', 'waiting', 'done', 'all'] as const;
export type Box = (typeof BOXES)[number];

/** How approvals may be narrowed by what became of them; `rejected` is a rejection, not an expiry or a withdrawal; `decided` is all but pending. */
const STATUS_FILTERS = ['pending', 'approved', 'rejected', 'expired', 'withdrawn', 'decided', 'all'] as const;

// No text in the database has NUL, and PostgreSQL refuses to look for one.
const exactText = z
  .string()
  .max(300)
  .transform((text) => text.replaceAll('\0', '\uFFFD'));

/** The query of `GET /approvals`. */
export const listApprovalsSchema = z.object({
  box: z.enum(BOXES).default('all'),
  /**
   * Words or parts of words, in any letter case, all of which must be found in the id, action, summary, justification,
   * assistant, agent, person behind it, details, edit, note or decider; of one approval the first 20,000 characters.
   */
  q: z.string().max(200).optional(),
  assistant: exactText.optional(),
  action: exactText.optional(),
  /** A level, in any letter case. */
  risk: exactText.transform((level) => level.toLowerCase()).optional(),
  status: z.enum(STATUS_FILTERS).default('all'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  /** `nextCursor` of the page before. */
  cursor: z.string().optional(),
});
export type ListApprovals = z.output<typeof listApprovalsSchema>;
/** Its answer. Only a null `nextCursor` says that this is the last page: one that looked at many approvals without finding enough is short, or even empty. */
export const approvalListSchema = z.object({
  approvals: z.array(approvalSummarySchema),
  nextCursor: z.string().nullable(),
});
export type ApprovalList = z.output<typeof approvalListSchema>;

/** No count goes beyond this: it means "that many or more". */
export const COUNT_LIMIT = 10_000;
/** `GET /counts`, and the data of the event `counts`: for the one who asks, without filters. */
export const countsSchema = z.object({ needsYou: z.number(), waiting: z.number(), done: z.number() });
export type Counts = z.output<typeof countsSchema>;

/** `GET /facets`: what can be filtered by, in the order of the alphabet. */
export const facetsSchema = z.object({ assistants: z.array(z.string()), actions: z.array(z.string()) });
export type Facets = z.output<typeof facetsSchema>;

const note = forPeople.pipe(z.string().max(10_000)).nullish();

/** The body of `POST /approvals/{id}/decide`; `modifiedDetails` are complete and go with an approval only. Answers with the ReviewerApproval. */
export const decideSchema = z
  .object({
    decision: z.enum(['approve', 'reject']),
    modifiedDetails: wireObjectOrNull.optional(),
    note,
  })
  .refine(({ decision, modifiedDetails }) => decision === 'approve' || modifiedDetails == null, {
    path: ['modifiedDetails'],
    message: 'a rejection has no edits; leave it out',
  });
export type Decide = z.output<typeof decideSchema>;

/** 409: somebody was quicker, or the time was over. `approval` has the decision that counts. */
export const alreadyClosedSchema = z.object({ error: z.string(), approval: reviewerApprovalSchema });

/** The body of `POST /approvals/decide`: one decision on several, each a transaction of its own. */
export const decideManySchema = z.object({
  ids: z.array(z.string()).min(1).max(100),
  decision: z.enum(['approve', 'reject']),
  note,
});
/** `refused`: it needs an answer of its own, such as a question about an outcome; `error` says why. */
export const decideManyAnswerSchema = z.object({
  results: z.array(
    z.object({
      id: z.string(),
      outcome: z.enum(['decided', 'already-closed', 'not-found', 'refused']),
      error: z.string().optional(),
      approval: approvalSummarySchema.optional(),
    }),
  ),
});
export type DecideManyAnswer = z.output<typeof decideManyAnswerSchema>;

/*
 * `PUT /approvals/{id}/claim` and `DELETE /approvals/{id}/claim` have no body and answer with the ReviewerApproval; 409
 * with `alreadyClosedSchema` when it is closed. A claim takes over from somebody else's. Releasing what one has not
 * claimed changes nothing.
 */

/** The data of the server-sent event `changed`: created, claimed, released or closed. Read it again. */
export const changedEventSchema = z.object({ id: z.string() });
/*
 * `GET /events` also sends `counts` (countsSchema), some time after changes, and `resync` (`{}`) when news may have been
 * lost: read everything again, as after a reconnect.
 */

/** One user, in `GET /users` as `{ users: User[] }`. */
export const userSchema = z.object({
  name: z.string(),
  roles: z.array(z.enum(ROLES)),
  /** Null for users from before this was kept. */
  createdAt: z.string().nullable(),
  /** Null: never. */
  lastSignInAt: z.string().nullable(),
});
export type User = z.output<typeof userSchema>;
export const userListSchema = z.object({ users: z.array(userSchema) });

const userName = z
  .string()
  .regex(
    /^[\p{L}\p{N}][\p{L}\p{N}._@+ -]{0,99}$/u,
    'must be 1 to 100 letters, digits, spaces or . _ @ + - and begin with a letter or digit',
  );
/** Length alone, as NIST SP 800-63B advises; no rules about kinds of characters. */
export const passwordSchema = z
  .string()
  .min(12, 'must have at least 12 characters')
  .max(1000, 'must have at most 1000 characters');
const roles = z
  .array(z.enum(ROLES))
  .min(1, 'must have at least one role')
  .transform((list) => [...new Set(list)]);

/** The body of `POST /users`; answers with the User. 409 when the name is taken. */
export const addUserSchema = z.object({ name: userName, password: passwordSchema, roles });
/** The body of `PATCH /users/{name}`; answers with the User. A new password ends the user's sessions. */
export const changeUserSchema = z
  .object({ password: passwordSchema.optional(), roles: roles.optional() })
  .refine(
    ({ password, roles: newRoles }) => password !== undefined || newRoles !== undefined,
    'must change the password, the roles, or both',
  );
// `DELETE /users/{name}` removes the user and ends the sessions; 409 for the last admin, as with a PATCH of the roles.

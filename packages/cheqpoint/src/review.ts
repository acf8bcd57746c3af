import type { JsonObject } from '@holdpoint/json';
import type { Presets, Preview } from './wire/preview.ts';

/** Risk of a call, in rising order. */
export type RiskLevel = 'low' | 'medium' | 'high' | 'critical';

/** The place where people decide: hosted Cheqpoint or our review server, reached with one Connection Key. */
export type ReviewService = {
  /**
   * Which extensions of our review server the service has. Asked once and remembered. Hosted Cheqpoint has none; a
   * service that looks like it is asked again every 5 minutes.
   *
   * @throws ReviewFailure when the service can't be reached.
   */
  capabilities(): Promise<{ idempotency: boolean; withdraw: boolean; pause: boolean; questions?: boolean }>;
  /**
   * POST /api/webhooks/inbound. Can't be aborted, since the caller must learn whether the request arrived.
   *
   * @throws ReviewFailure. Its `sent` says whether the request may have arrived.
   */
  request(request: ReviewRequest): Promise<ReviewAnswer>;
  /**
   * GET /api/approvals/{id}.
   *
   * @throws ReviewFailure.
   */
  read(id: string, signal: AbortSignal): Promise<ReviewAnswer>;
  /**
   * The same with `record`, the texts that reviewers see. Only our review server has them. Hosted Cheqpoint answers as
   * for `read`.
   *
   * @throws ReviewFailure.
   */
  readRecord(id: string, signal: AbortSignal): Promise<ReviewAnswer>;
  /**
   * Closes a pending request, and answers with its state afterwards. Needs the capability `withdraw`.
   *
   * @throws ReviewFailure.
   */
  close(id: string, reason: 'withdrawn' | 'superseded' | 'expired', signal: AbortSignal): Promise<ReviewAnswer>;
  /**
   * The person who paused the assistant of the Connection Key. Null if it is not paused. The answer is at most four
   * seconds old. A service without the capability `pause`, such as hosted Cheqpoint, has no kill switch: null.
   *
   * @throws ReviewFailure when it can't be known.
   */
  paused(signal: AbortSignal): Promise<Pause | null>;
  /**
   * GET /api/decisions: decisions on the requests of the Connection Key, after a cursor or since a time. Only our
   * review server has this feed, and older versions lack it. Every service but hosted Cheqpoint is asked for it. One
   * without it is asked again after 5 minutes.
   *
   * @throws ReviewFailure when the service can't answer.
   */
  decisions(from: { after: string } | { since: string }, signal: AbortSignal): Promise<DecisionsReply>;
  /**
   * GET /api/questions: a page of the reviewers' open questions that have waited `waitingMs`, oldest first. None without
   * the capability `questions`.
   *
   * @throws ReviewFailure.
   */
  openQuestions(query: { waitingMs: number; after?: string }, signal: AbortSignal): Promise<OpenQuestions>;
  /**
   * POST /api/approvals/{id}/answers. The first answer counts, and every call gets it. Needs the capability `questions`.
   *
   * @throws ReviewFailure. `gone` for a question that the request does not have.
   */
  answerQuestion(id: string, answer: QuestionAnswer, signal: AbortSignal): Promise<ReviewQuestion>;
};

/** A reviewer's question on a request. `problem`: why it was not answered. Times are ISO 8601. */
export type ReviewQuestion = {
  id: string;
  text: string;
  askedBy: string;
  askedAt: string;
  answer: string | null;
  problem: string | null;
  answeredAt: string | null;
};
export type QuestionAnswer = { question: string } & ({ answer: string } | { problem: string });
/** `cursor`: `after` of the next page. Null on the last. */
export type OpenQuestions = { questions: Array<{ id: string; approvalId: string }>; cursor: string | null };

/**
 * `no-feed`: the service has none. `unknown-cursor`: its database did not make the cursor, for example after a restore.
 * A decision may come twice.
 */
export type DecisionsReply =
  | { type: 'decisions'; ids: string[]; cursor: string; more: boolean }
  | { type: 'no-feed' }
  | { type: 'unknown-cursor' };

/** The kill switch of an assistant is on. `at`: ISO 8601. */
export type Pause = { by: string; at: string; reason: string | null };

/** One message of a conversation. */
export type Message = { role: 'user' | 'assistant'; text: string };

/** A request for review, as Holdpoint makes it. */
export type ReviewRequest = {
  action: string;
  summary: string;
  details: JsonObject;
  riskLevel: RiskLevel;
  justification?: string;
  callbackUrl?: string;
  /** Makes a retry safe. Sent to our review server only. */
  idempotencyKey: string;
  /** ISO 8601. */
  expiresAt?: string;
  /** JSON schema of the details, for the reviewer's form. */
  argumentsSchema?: JsonObject;
  workflowUrl?: string;
  /** Why a person is asked, in words. */
  riskReason?: string;
  /** Name of the assistant. Several assistants may share a Connection Key. */
  agentName?: string;
  /** The last messages, oldest first. */
  conversation?: Message[];
  /** Groups that decide, one after the other. Sent to our review server only. */
  by?: { group: string; approvals: number }[];
  /** The person that the assistant acts for may approve. */
  allowSelf?: boolean;
  /** The person that the assistant acts for. */
  onBehalfOf?: string;
  /** Whom or what the action is about. */
  subject?: string;
  /** Shown beside the arguments. The seal covers its digest. */
  preview?: Preview;
  /** Quick notes for reviewers. */
  presets?: Presets;
};

/** A request as the service shows it, with the differences in spelling removed. */
export type ReviewAnswer = {
  id: string | null;
  /** `unknown` for a word that Cheqpoint does not document, or for an edit that can't be read. Never an approval. */
  status: 'pending' | 'approved' | 'rejected' | 'unknown';
  /** The status word as received. */
  statusWord: string;
  details: JsonObject | null;
  /** The reviewer's edit, or null. An empty object is an edit. */
  modifiedDetails: JsonObject | null;
  /** Keys that the reviewer removed on purpose. Only our review server says. */
  removed?: string[];
  note: string | null;
  /** Link for the reviewer while the request is open. */
  reviewUrl: string | null;
  /** ISO 8601. */
  decidedAt: string | null;
  /** The deadline of the request on the clock of the service, which keeps it. ISO 8601. Only our review server has it. */
  expiresAt?: string;
  /** Name of the reviewer. Only our review server says. */
  decidedBy?: string;
  /** Who has to approve, one stage after the other, by the names of groups and people. Only our review server says. */
  stages?: Array<{ of: string[]; needed: number }>;
  /** The votes that decided, oldest first. Only our review server says, and only of a request with groups. */
  votes?: Array<{ by: string; onBehalfOf: string | null; vote: string }>;
  /** True if a rule, a limit or the system decided. */
  autoDecided: boolean;
  ruleName: string | null;
  /** Our review server sends a `DecisionReasonCode`. Hosted Cheqpoint may send other words. */
  reasonCode: string | null;
  /** True if the system rejected the request because it was not decided in time. */
  retryable: boolean;
  /** Questions of reviewers, oldest first. Only our review server has them, and only if there are any. */
  questions?: ReviewQuestion[];
  /** Set while the assistant is paused. */
  paused?: Pause | null | undefined;
  /** Facts that reviewers see beside the details. Hosted Cheqpoint does not send them. */
  record?: ReviewRecord;
};

/** The texts of a request as the service stored them, for programs that show it. */
export type ReviewRecord = {
  action: string | null;
  summary: string;
  riskLevel: string | null;
  riskReason: string | null;
  justification: string | null;
  createdAt: string | null;
  expiresAt: string | null;
  /** Digest of what reviewers see. */
  shown: string | null;
};

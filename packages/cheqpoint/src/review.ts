import type { JsonObject } from '@holdpoint/json';

/** How risky a call is, from harmless to grave. */
export type RiskLevel = 'low' | 'medium' | 'high' | 'critical';

/** Where people decide: hosted Cheqpoint or our review server. One per connection key. */
export interface ReviewService {
  /**
   * What the service can do beyond Cheqpoint's own contract; asked once and remembered; a service that looks
   * like the hosted one, which can do neither, is asked again every few minutes.
   * @throws ReviewFailure when unreachable.
   */
  capabilities(): Promise<{ idempotency: boolean; withdraw: boolean }>;
  /** POST /api/webhooks/inbound; ends by itself, and is never broken off. @throws ReviewFailure; its `sent` says whether the request may have arrived. */
  request(request: ReviewRequest): Promise<ReviewAnswer>;
  /** GET /api/approvals/{id}. @throws ReviewFailure. */
  read(id: string, signal: AbortSignal): Promise<ReviewAnswer>;
  /** Closes the request if it is still pending and answers with what it then is. Only where `withdraw` is true. */
  close(id: string, reason: 'withdrawn' | 'superseded' | 'expired', signal: AbortSignal): Promise<ReviewAnswer>;
}

/** Something that was said in a conversation. */
export type Message = { role: 'user' | 'assistant'; text: string };

export type ReviewRequest = {
  action: string;
  summary: string;
  details: JsonObject;
  riskLevel: RiskLevel;
  justification?: string;
  callbackUrl?: string;
  idempotencyKey: string;
  /** ISO 8601. */
  expiresAt?: string;
  /** JSON schema of the details, for the reviewer's form. */
  argumentsSchema?: JsonObject;
  workflowUrl?: string;
  /** Why a person is asked, in words. */
  riskReason?: string;
  /** The assistant that asks, for the reviewer: a Connection Key may be several assistants'. */
  agentName?: string;
  /** What was said last, oldest first. */
  conversation?: Message[];
};

/** A request as the service shows it, in one spelling. `status` is `unknown` for a word that is not Cheqpoint's. */
export type ReviewAnswer = {
  id: string | null;
  status: 'pending' | 'approved' | 'rejected' | 'unknown';
  /** The word as received. */
  statusWord: string;
  details: JsonObject | null;
  modifiedDetails: JsonObject | null;
  note: string | null;
  reviewUrl: string | null;
  decidedAt: string | null;
  autoDecided: boolean;
  ruleName: string | null;
  /** person, rule, expired, withdrawn, superseded, limit, loop, paused: our review server says it; hosted may say others. */
  reasonCode: string | null;
  retryable: boolean;
};

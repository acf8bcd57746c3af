import type { ChainedRow } from '../contract/audit-chain.ts';
import type { ApprovalStatus, DecisionReasonCode } from '@holdpoint/cheqpoint/wire';

/*
 * Both databases hold the same simple types: times are ISO 8601 texts with milliseconds and Z, so they sort;
 * objects are JSON texts; yes and no are 1 and 0.
 */
export interface ReviewTables {
  assistants: AssistantsTable;
  connection_keys: ConnectionKeysTable;
  approvals: ApprovalsTable;
  outbox: OutboxTable;
  delivery_attempts: DeliveryAttemptsTable;
  rules: RulesTable;
  audit: AuditTable;
  audit_head: AuditHeadTable;
  claims: ClaimsTable;
  approval_search: { approval_id: string; text: string };
  users: UsersTable;
  sessions: SessionsTable;
  sign_in_failures: SignInFailuresTable;
  used_login_tokens: { token_hash: string; used_at: string };
}

export interface AssistantsTable {
  id: string;
  name: string;
  /** Set while the kill switch is on. */
  paused_at: string | null;
  paused_by: string | null;
  pause_reason: string | null;
  /** Null: the default of the process. */
  requests_per_hour: number | null;
  requests_per_day: number | null;
  loop_identical_requests: number | null;
  loop_within_seconds: number | null;
}

export interface ConnectionKeysTable {
  id: string;
  /** SHA-256 of the key, in hex. The key itself is nowhere. */
  key_hash: string;
  assistant_id: string;
  /** Such as `cq_live_••••1234`. */
  masked: string;
  created_at: string;
  created_by: string | null;
  /** The hour of its last use, by its start. */
  last_used_at: string | null;
  /** When a replaced key stops working. */
  expires_at: string | null;
  revoked_at: string | null;
}

export interface ApprovalsTable {
  id: string;
  assistant_id: string;
  /** Unique per assistant, so it outlives a rotated key. */
  idempotency_key: string | null;
  request_digest: string;
  action: string;
  summary: string;
  details: string;
  /** Of the action and the details without Holdpoint's reserved key: equal for identical requests. */
  sameness_digest: string;
  justification: string | null;
  risk_level: string;
  risk_score: number | null;
  priority: string | null;
  agent_name: string | null;
  metadata: string | null;
  trace: string | null;
  arguments_schema: string | null;
  run_url: string | null;
  workflow_url: string | null;
  /** JSON list of messages. */
  conversation: string | null;
  risk_reason: string | null;
  on_behalf_of: string | null;
  /** JSON list; where the decision goes. */
  callback_urls: string;
  status: ApprovalStatus;
  modified_details: string | null;
  note: string | null;
  decided_at: string | null;
  decided_by: string | null;
  reason_code: DecisionReasonCode | null;
  rule_name: string | null;
  expires_at: string | null;
  /** `expires_at`, or `NEVER_DUE`: what waits is listed in this order. */
  due_at: string;
  created_at: string;
}

/** The `due_at` of what does not expire: behind all others. */
export const NEVER_DUE = '9999-12-31T23:59:59.999Z';

interface ClaimsTable {
  approval_id: string;
  /** Name of the user. */
  claimed_by: string;
  claimed_at: string;
}

export interface OutboxTable {
  id: string;
  /** A `notification` goes to the people who decide, a `decision` to whoever asked. */
  kind: 'decision' | 'notification';
  approval_id: string;
  url: string;
  /** The exact text that is sent and signed. */
  body: string;
  created_at: string;
  /** From when the 72 hours count. */
  tried_since: string;
  attempts: number;
  /** How many of them were made before a person last sent it again: pauses grow anew from there. */
  attempts_before_resend: number;
  next_attempt_at: string;
  /** Until then one process is at it; a process that dies loses it with time. */
  leased_until: string | null;
  last_problem: string | null;
  delivered_at: string | null;
  abandoned_at: string | null;
}

interface DeliveryAttemptsTable {
  delivery_id: string;
  number: number;
  at: string;
  took_ms: number;
  status: number | null;
  problem: string | null;
}

export interface RulesTable {
  id: string;
  position: number;
  name: string;
  /** JSON list. */
  conditions: string;
  decision: 'approve' | 'reject' | 'review';
  enabled: number;
  created_at: string;
  created_by: string;
  updated_at: string;
  updated_by: string;
}

export type AuditTable = ChainedRow;

interface AuditHeadTable {
  id: number;
  sequence: number;
  hash: string;
}

export interface UsersTable {
  id: string;
  name: string;
  password_hash: string;
  /** JSON list. */
  roles: string;
  /** Null for users from before there were roles. */
  created_at: string | null;
  last_sign_in_at: string | null;
  removed_at: string | null;
  /** Hash of the password that the settings of the process gave last; null for users made by hand. */
  seed_hash: string | null;
}

interface SessionsTable {
  id: string;
  token_hash: string;
  user_id: string;
  created_at: string;
  expires_at: string;
  /** What the browser or program calls itself. */
  agent: string | null;
}

/** Failed sign-ins in a row, by name and by address. */
interface SignInFailuresTable {
  /** `name:<SHA-256>` or `address:<IP address>`. */
  subject: string;
  failures: number;
  last_at: string;
  blocked_until: string | null;
}

import type { ApprovalStatus, DecisionReasonCode } from '../../schemas/cheqpoint-wire.ts';

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
  users: UsersTable;
  sessions: SessionsTable;
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
  created_at: string;
}

export interface OutboxTable {
  id: string;
  approval_id: string;
  url: string;
  /** The exact text that is sent and signed. */
  body: string;
  created_at: string;
  /** From when the 72 hours count. */
  tried_since: string;
  attempts: number;
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

export interface AuditTable {
  sequence: number;
  at: string;
  actor: string;
  event: string;
  subject: string;
  /** JSON. Of payloads only digests. */
  facts: string;
  previous_hash: string;
  hash: string;
}

interface AuditHeadTable {
  id: number;
  sequence: number;
  hash: string;
}

interface UsersTable {
  id: string;
  name: string;
  password_hash: string;
  failed_sign_ins: number;
  blocked_until: string | null;
}

interface SessionsTable {
  token_hash: string;
  user_id: string;
  created_at: string;
  expires_at: string;
}

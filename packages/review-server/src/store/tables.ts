import type { Generated, GeneratedAlways } from 'kysely';
import type { ProviderIdentitiesTable, UsedLogoutTokensTable } from './provider-tables.ts';
import type { ChainedRow } from '../contract/audit-chain.ts';
import type {
  AddresseesTable,
  DeputiesTable,
  GroupMembersTable,
  GroupsTable,
  StagesTable,
  VersionsTable,
  VotesTable,
} from './voting-tables.ts';
import type { PasskeyTables } from './passkey-tables.ts';
import type { ApprovalStatus, DecisionReasonCode } from '@holdpoint/cheqpoint/wire';
import type { StepsTable } from './steps-table.ts';

import type { QuestionsTable } from './questions-table.ts';

/*
 * Both databases hold the same simple types. Times are ISO 8601 texts with milliseconds and Z, so they sort. Objects are
 * JSON texts. Booleans are 1 and 0.
 */
export type ReviewTables = PasskeyTables & {
  assistants: AssistantsTable;
  connection_keys: ConnectionKeysTable;
  approvals: ApprovalsTable & ApprovalRanks;
  approval_previews: { approval_id: string; /** JSON object. */ preview: string };
  outbox: OutboxTable;
  delivery_attempts: DeliveryAttemptsTable;
  rules: RulesTable;
  audit: AuditTable;
  audit_pending: AuditPendingTable;
  audit_head: AuditHeadTable;
  claims: ClaimsTable;
  steps: StepsTable;
  questions: QuestionsTable;
  comments: { approval_id: string; number: number; user_id: string; text: string; at: string };
  approval_search: { approval_id: string; text: string };
  users: UsersTable;
  user_settings: UserSettingsTable;
  sessions: SessionsTable;
  sign_in_failures: SignInFailuresTable;
  /** Written by versions before `sign_in_links`. */
  used_login_tokens: { token_hash: string; used_at: string };
  sign_in_links: SignInLinksTable;
  groups: GroupsTable;
  group_members: GroupMembersTable;
  stages: StagesTable;
  addressees: AddresseesTable;
  versions: VersionsTable;
  votes: VotesTable;
  /** `owner`: id of a group, or `everyone`. `times`: JSON of `Times`. */
  times: { owner: string; times: string; updated_at: string; updated_by: string };
  deputies: DeputiesTable;
  provider_identities: ProviderIdentitiesTable;
  used_logout_tokens: UsedLogoutTokensTable;
};

export type AssistantsTable = {
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
};

export type ConnectionKeysTable = {
  id: string;
  /** SHA-256 of the key, in hex. The key itself is not stored. */
  key_hash: string;
  assistant_id: string;
  /** Such as `cq_live_••••1234`. */
  masked: string;
  created_at: string;
  created_by: string | null;
  /** Start of the hour of its last use. */
  last_used_at: string | null;
  /** When a replaced key stops working. */
  expires_at: string | null;
  revoked_at: string | null;
};

export type ApprovalsTable = {
  id: string;
  assistant_id: string;
  /** Unique per assistant, so it survives a key rotation. */
  idempotency_key: string | null;
  request_digest: string;
  /** Of the digests in the audit. Null for approvals of earlier releases. */
  audit_key: string | null;
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
  /** Whom or what the action is about. Groups decisions in the history. */
  subject: string | null;
  /** JSON object: quick notes by language. */
  presets: string | null;
  /** SHA-256 of the preview in `approval_previews`. Null without one. */
  preview_digest: string | null;
  /** JSON list of the addresses that receive the decision. */
  callback_urls: string;
  status: ApprovalStatus;
  modified_details: string | null;
  note: string | null;
  decided_at: string | null;
  decided_by: string | null;
  reason_code: DecisionReasonCode | null;
  rule_name: string | null;
  /** Place among the decisions of its assistant. Null until the feed is read. */
  decision_number: number | null;
  expires_at: string | null;
  /** `expires_at`, or `neverDue`: open approvals are listed in this order. */
  due_at: string;
  created_at: string;
  /** From 1. An edit that needs further votes is the next version. */
  version: number;
  /** The stage that takes votes, from 1. */
  stage: number;
  /** 1 if it has rows in `stages`. 0: one decision of any reviewer. */
  addressed: number;
  /** 1 if the person that the assistant acts for may approve. */
  allow_self: number;
  /** The edited details of the present version. Null for those of the request. */
  proposed_details: string | null;
  /** Id of the user who wrote the present version. Null for the request itself. */
  proposed_by: string | null;
};

/** Places in the order of open approvals. */
type ApprovalRanks = {
  /** 0: an outcome question, 1: a call. */
  question_rank: Generated<number>;
  /** From 0, critical, to 3, low. The database computes it from the level. */
  risk_rank: GeneratedAlways<number>;
};

/** The `due_at` of approvals that do not expire: last in the order. */
export const neverDue = '9999-12-31T23:59:59.999Z';

type ClaimsTable = {
  approval_id: string;
  /** Name of the user, or of the group when it was handed over. */
  claimed_by: string;
  claimed_at: string;
  /** Name of the user who handed the approval over. Null for a claim of one's own. */
  assigned_by: string | null;
  group_id: string | null;
};

export type OutboxTable = {
  id: string;
  /** A `notification` goes to reviewers, a `decision` to the requester. */
  kind: 'decision' | 'notification';
  approval_id: string;
  url: string;
  /** The exact text to send and sign. */
  body: string;
  created_at: string;
  /** Start of the 72 hours. */
  tried_since: string;
  attempts: number;
  /** Number of attempts before the last manual resend. Pauses restart there. */
  attempts_before_resend: number;
  next_attempt_at: string;
  /** End of the lease of one process. */
  leased_until: string | null;
  last_problem: string | null;
  delivered_at: string | null;
  /** Set if the delivery tells of a question. */
  question_id: string | null;
  abandoned_at: string | null;
};

type DeliveryAttemptsTable = {
  delivery_id: string;
  number: number;
  at: string;
  took_ms: number;
  status: number | null;
  problem: string | null;
};

export type RulesTable = {
  id: string;
  position: number;
  name: string;
  /** JSON list. */
  conditions: string;
  decision: 'approve' | 'reject' | 'review';
  /** JSON list of the groups that decide. Null: the request says. */
  by: string | null;
  enabled: number;
  created_at: string;
  created_by: string;
  updated_at: string;
  updated_by: string;
};

/** Linked rows: the hash chain. */
export type AuditTable = ChainedRow & {
  /** Its number in `audit_pending`. Absent for rows that were linked in their own transaction. */
  entry?: number | null;
};

/** Committed entries that no server has linked yet. Always empty on SQLite. */
type AuditPendingTable = {
  entry: GeneratedAlways<number>;
  at: string;
  actor: string;
  event: string;
  subject: string;
  facts: string;
};

type AuditHeadTable = {
  id: number;
  sequence: number;
  hash: string;
};

export type UsersTable = {
  id: string;
  name: string;
  password_hash: string;
  /** JSON list. */
  roles: string;
  /** Null for users created before this was recorded. */
  created_at: string | null;
  last_sign_in_at: string | null;
  removed_at: string | null;
  /** Hash of the last password from the settings of the process. Null for users added by an administrator. */
  seed_hash: string | null;
  /** JSON list of further names of the person, such as e-mail addresses. */
  aliases: string;
};

type UserSettingsTable = {
  user_id: string;
  /** JSON object. */
  settings: string;
};

type SessionsTable = {
  id: string;
  token_hash: string;
  user_id: string;
  created_at: string;
  expires_at: string;
  /** The client's `user-agent`. */
  agent: string | null;
  /** Set for sessions that began at the identity provider. */
  provider_issuer: string | null;
  provider_subject: string | null;
  /** Id of the session at the provider. */
  provider_sid: string | null;
  /** Sealed. */
  provider_id_token: string | null;
};

/** Failed sign-ins in a row, by name and by address. */
type SignInFailuresTable = {
  /** `name:<SHA-256>` or `address:<IP address>`. */
  subject: string;
  failures: number;
  last_at: string;
  blocked_until: string | null;
};

type SignInLinksTable = {
  /** SHA-256 of the token, in hex. */
  token_hash: string;
  expires_at: string;
  used_at: string | null;
};

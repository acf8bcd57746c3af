import type { CallKey } from './call-key.ts';
import type { Payload } from './payload.ts';

/** One tool call of a turn as `takeTurn` plans it. */
export type PlannedCall = {
  /** `tool` runs one of the assistant's tools, `approval` only asks; a later release adds child runs. */
  kind: 'tool' | 'approval';
  /** OpenAI's `call_id`: names the output that answers this call, and may repeat across turns. */
  callId: string;
  tool: string;
  arguments: Payload;
  /** SHA-256 over tool name and canonical arguments: equal for a repeated call. */
  fingerprint: string;
  plan: CallPlan;
  /** How long one attempt of the tool may take, in milliseconds. */
  timeoutMs: number;
};

/**
 * `execute`: the policy lets it run. `review`: a person decides first. `answer`: the model gets this output at once
 * (unknown tool, bad arguments, an outcome carried over) and nobody is bothered.
 */
export type CallPlan = { type: 'execute' } | { type: 'review' } | { type: 'answer'; output: Payload };

/** What the model gets for one call. */
export type CallOutput = {
  callId: string;
  key: CallKey;
  output: Payload;
  /** A tool's own result (`text` or `json`), as opposed to a sentence of ours. */
  result?: 'text' | 'json';
  /** Milliseconds since the epoch. */
  obtainedAt: number;
};

/** How a call ended, for people and for counting. */
export type SettledAs =
  | 'ran'
  | 'approved'
  | 'answered'
  | 'rejected'
  | 'expired'
  | 'withdrawn'
  | 'superseded'
  | 'repeated'
  | 'failed'
  | 'confirmed'
  | 'given-up'
  | 'unknown-tool'
  | 'bad-arguments';

import type { CallKey } from './call-key.ts';
import type { Payload } from './payload.ts';

/** One tool call of a turn as `takeTurn` plans it. */
export type PlannedCall = {
  /** `tool` runs one of the assistant's tools. `approval` is a standalone approval. */
  kind: 'tool' | 'approval';
  /** OpenAI's `call_id`, which the output names. It may repeat across turns. */
  callId: string;
  tool: string;
  arguments: Payload;
  /** SHA-256 over tool name and canonical arguments. Equal for a repeated call. */
  fingerprint: string;
  plan: CallPlan;
  /** How long one attempt of the tool may take, in milliseconds. */
  timeoutMs: number;
  /** The Task Queue of tools, if the worker of the turn had slots for tools apart. */
  toolQueue?: string;
};

/**
 * `execute`: the policy lets it run. `review`: a person decides first. `answer`: the model gets this output at once, without a
 * review (unknown tool, bad arguments, an outcome carried over).
 */
export type CallPlan = { type: 'execute' } | { type: 'review' } | { type: 'answer'; output: Payload };

/** The output of one call for the model. */
export type CallOutput = {
  callId: string;
  key: CallKey;
  output: Payload;
  /** Set for a tool's own result, with its format. Absent for one of Holdpoint's texts. */
  result?: 'text' | 'json';
  /** Milliseconds since the epoch. */
  obtainedAt: number;
};

/** How a call ended. */
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

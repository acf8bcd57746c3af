/**
 * Names one tool call in Temporal, at Cheqpoint, in the effect ledger and as the tool's idempotency key. It consists of
 * the Workflow's first run id (which survives continue-as-new and reset), the turn, the position in the turn and
 * OpenAI's call id, which alone may repeat. Safe in URLs and HTTP headers.
 */
export type CallKey = string;

export type CallKeyParts = { firstRunId: string; turn: number; position: number; callId: string };

/** Writes a call key: `<first run id>/<turn>/<position>/<call id, percent-encoded>`. */
export function callKey(parts: CallKeyParts): CallKey {
  return `${parts.firstRunId}/${parts.turn}/${parts.position}/${encodeURIComponent(parts.callId)}`;
}

/** Parses a call key. Undefined for text that `callKey` did not write. */
export function parseCallKey(key: string): CallKeyParts | undefined {
  const match = /^([^/]+)\/(\d+)\/(\d+)\/([^/]*)$/.exec(key);
  if (!match) return undefined;
  const [, firstRunId, turn, position, callId] = match as unknown as [string, string, string, string, string];
  try {
    return { firstRunId, turn: Number(turn), position: Number(position), callId: decodeURIComponent(callId) };
  } catch {
    return undefined;
  }
}

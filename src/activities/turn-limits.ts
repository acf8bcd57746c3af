import type { Json } from '@holdpoint/json';
import { largestInlineBytes } from '../domain/payload.ts';
import { failure } from './failure.ts';
import type { RequestedCall } from './ports.ts';

/*
 * Limits of one turn. Temporal accepts 2 MB for the input or result of an Activity and 4 MB for a Workflow Task. A larger
 * Workflow Task fails on every attempt, which would block the run.
 */

/** Calls of one turn that are planned. */
const mostCalls = 100;
/** More calls than this mean that the model server is broken. */
const mostCallsRead = 1_000;
/** For the arguments of all calls of a turn in the history. */
const argumentBytes = 512 * 1024;
/** For the other input of all Activities of a turn, which may start at once. */
const activityBytes = 2 * 1024 * 1024;
/** Key, ids and the rest of one Activity's input. */
const fixedBytes = 2 * 1024;
/** Characters of a call id, which goes into HTTP headers and addresses. OpenAI's ids have up to 64. */
const longestCallId = 256;

/** The number of calls that are planned, and the size in bytes above which arguments travel as a reference. */
export type TurnLimits = { calls: number; inlineBytes: number };

/**
 * The limits of a turn with these calls. A call beyond them gets an output that says so, and the model asks again.
 * @throws ModelResponseFailed for more calls than any model makes, or an unusable call id.
 */
export function turnLimits(calls: readonly RequestedCall[], context: Json): TurnLimits {
  if (calls.length > mostCallsRead)
    throw failure(
      'ModelResponseFailed',
      `The model asked for ${calls.length} tool calls in one turn; at most ${mostCallsRead} are read.`,
    );
  const odd = calls.find(({ callId }) => callId.length > longestCallId || !callId.isWellFormed());
  if (odd)
    throw failure(
      'ModelResponseFailed',
      `A call id of the model has ${odd.callId.length} characters or is not valid Unicode, so it can't be used: ${JSON.stringify(odd.callId.slice(0, 40))}.`,
    );
  const contextBytes = Buffer.byteLength(JSON.stringify(context ?? null));
  const most = Math.max(1, Math.min(mostCalls, Math.floor(activityBytes / (contextBytes + fixedBytes))));
  return {
    calls: most,
    inlineBytes: Math.min(largestInlineBytes, Math.floor(argumentBytes / Math.max(1, calls.length))),
  };
}

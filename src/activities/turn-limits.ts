import type { Json } from '@holdpoint/json';
import { largestInlineBytes } from '../domain/payload.ts';
import { failure } from './failure.ts';
import type { RequestedCall } from './ports.ts';

/*
 * What one turn may ask for. Temporal takes 2 MB for one Activity's input or result and 4 MB for one Workflow Task, and
 * a Workflow Task above that fails for ever: the run would stand still and nobody could see why.
 */

/** Calls of one turn that are looked at, at most. */
const mostCalls = 100;
/** A turn with more than this is no turn: the model server is broken. */
const mostCallsRead = 1_000;
/** For the arguments of all calls of a turn, as they stand in the history. */
const argumentBytes = 512 * 1024;
/** For what Activities of one turn are given beside arguments, when all of them start at once. */
const activityBytes = 2 * 1024 * 1024;
/** Key, ids and the rest of one Activity's input. */
const fixedBytes = 2 * 1024;
/** OpenAI's own ids have up to 64. It becomes part of HTTP headers and addresses. */
const longestCallId = 256;

/** How a turn's calls are taken: how many, and above how many bytes arguments travel as a reference. */
export type TurnLimits = { calls: number; inlineBytes: number };

/**
 * The limits of a turn with these calls. What is beyond `calls` gets an output that says so, and the model asks again.
 * @throws ModelResponseFailed for a number or an id of calls that no model makes.
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

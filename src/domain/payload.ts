import type { Json } from '@holdpoint/json';

/** A value in a history: inline, or a reference into Holdpoint's database if its JSON is longer than `largestInlineBytes`. */
export type Payload = { type: 'inline'; value: Json } | { type: 'stored'; digest: string; bytes: number };

/** The form of a stored value's digest: SHA-256 of its JSON text, in lower-case hex. */
export const digestForm = /^[0-9a-f]{64}$/;

/** Bytes of JSON above which a value travels as a reference. */
export const largestInlineBytes = 64 * 1024;
/**
 * The same limit for the output of a call. Up to a hundred outputs go to the model in one Activity input, for which Temporal's
 * limit is 2 MB.
 */
export const largestInlineOutputBytes = 4 * 1024;

/** The payload of a small value. */
export function inline(value: Json): Payload {
  return { type: 'inline', value };
}

import type { Json } from '@holdpoint/json';

/**
 * A value on its way through a Workflow: carried in the history when small, a reference into Holdpoint's database
 * when its JSON is larger than `largestInlineBytes`.
 */
export type Payload = { type: 'inline'; value: Json } | { type: 'stored'; digest: string; bytes: number };

/** The form of a stored value's digest: SHA-256 of its JSON text, in lower-case hex. */
export const digestForm = /^[0-9a-f]{64}$/;

/** JSON above this many bytes is kept in the database and travels as a reference. */
export const largestInlineBytes = 64 * 1024;
/**
 * Likewise for what settles a call: up to a hundred of these go back to the model together, in one Activity's input, and
 * Temporal takes 2 MB of that. A Workflow Task above its limits fails for ever.
 */
export const largestInlineOutputBytes = 4 * 1024;

/** The payload of a value known to be small. */
export function inline(value: Json): Payload {
  return { type: 'inline', value };
}

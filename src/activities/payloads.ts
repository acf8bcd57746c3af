import type { Json } from '@holdpoint/json';
import { largestInlineBytes, type Payload } from '../domain/payload.ts';
import { failure } from './failure.ts';
import type { RunValues } from './ports.ts';

/** A value for the history: inline, or a reference if its JSON is longer than `largest` bytes. */
export async function toPayload(value: Json, values: RunValues, largest = largestInlineBytes): Promise<Payload> {
  const json = JSON.stringify(value);
  if (Buffer.byteLength(json) <= largest) return { type: 'inline', value };
  return { type: 'stored', ...(await values.put(json)) };
}

/**
 * The value of a payload.
 * @throws ConversationLost (parks) when a stored value is not in the database, or not one of this run.
 */
export async function fromPayload(payload: Payload, values: RunValues): Promise<Json> {
  if (payload.type === 'inline') return payload.value;
  const json = await values.get(payload.digest);
  if (json === undefined) {
    throw failure(
      'ConversationLost',
      `A stored value of ${payload.bytes} bytes (${payload.digest}) is not in Holdpoint's database, or belongs to another run. Point HOLDPOINT_DATABASE_URL at the database this run was started with, then retry the run.`,
    );
  }
  return JSON.parse(json) as Json;
}

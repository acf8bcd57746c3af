import type { Json } from '@holdpoint/json';
import type { StoredValues } from '../../activities/ports.ts';
import type { Payload } from '../../domain/payload.ts';

/**
 * A value for the history of a run that may not have started yet. Undefined when its JSON has more than `largest` bytes
 * and there is no database.
 */
export async function toLimitedPayload(
  value: Json,
  { values, runId, largest }: { values: StoredValues | undefined; runId: string; largest: number },
): Promise<Payload | undefined> {
  const json = JSON.stringify(value);
  if (Buffer.byteLength(json) <= largest) return { type: 'inline', value };
  return values && { type: 'stored', ...(await values.put(json, { runId, firstRunId: null })) };
}

import type { Json } from '@holdpoint/json';
import type { Payload } from '../../domain/payload.ts';

/** Values too large for the history, by digest; what `adapters/database` keeps. */
export type LargeValues = {
  put(json: string): Promise<{ digest: string; bytes: number }>;
  get(digest: string): Promise<string | undefined>;
};

/** A value for the history; undefined when its JSON has more than `largest` bytes and there is no database. */
export async function toLimitedPayload(
  value: Json,
  values: LargeValues | undefined,
  largest: number,
): Promise<Payload | undefined> {
  const json = JSON.stringify(value);
  if (Buffer.byteLength(json) <= largest) return { type: 'inline', value };
  return values && { type: 'stored', ...(await values.put(json)) };
}

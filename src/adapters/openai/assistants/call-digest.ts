import type { Json } from '@holdpoint/json';
import { digestOf } from '@holdpoint/json/canonical';

/** Digest of a call. Equal for the same tool with equal JSON arguments, regardless of spacing and key order. */
export function callDigest(name: string, written: string): string {
  return digestOf([name, parsed(written)]);
}

function parsed(written: string): Json {
  try {
    return JSON.parse(written) as Json;
  } catch {
    return written;
  }
}

import type { Json } from '@holdpoint/json';
import { digestOf } from '@holdpoint/json/canonical';

/** Equal for calls of the same tool whose arguments are the same JSON, however they are spelled. */
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

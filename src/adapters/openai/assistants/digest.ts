import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Json } from '@holdpoint/json';

/** SHA-256 (hex) over the canonical JSON (RFC 8785) of a value. */
export function digest(value: Json): string {
  return createHash('sha256')
    .update(canonicalize(value) ?? '')
    .digest('hex');
}

/** Equal for calls of the same tool whose arguments are the same JSON, however they are spelled. */
export function callDigest(name: string, written: string): string {
  return digest([name, parsed(written)]);
}

function parsed(written: string): Json {
  try {
    return JSON.parse(written) as Json;
  } catch {
    return written;
  }
}

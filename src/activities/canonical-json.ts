import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Json } from '../domain/json.ts';

/** JSON in the one spelling of RFC 8785, so that equal values are equal text wherever they have been. */
export function canonicalJson(value: Json): string {
  return canonicalize(value) as string;
}

/** SHA-256 (hex) over the canonical JSON of a value. */
export function digestOf(value: Json): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}

/** Whether two values are the same JSON. */
export function sameJson(one: Json, other: Json): boolean {
  return canonicalJson(one) === canonicalJson(other);
}

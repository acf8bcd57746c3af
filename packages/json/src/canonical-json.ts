import canonicalize from 'canonicalize';
import { sha256 } from './digest.ts';
import type { Json } from './json.ts';

/** JSON in the one spelling of RFC 8785: equal values are equal texts. */
export function canonicalJson(value: Json): string {
  return canonicalize(value) as string;
}

/** SHA-256 (hex) of the canonical JSON of a value. */
export function digestOf(value: Json): string {
  return sha256(canonicalJson(value));
}

/** True if two values are the same JSON. */
export function sameJson(one: Json, other: Json): boolean {
  return canonicalJson(one) === canonicalJson(other);
}

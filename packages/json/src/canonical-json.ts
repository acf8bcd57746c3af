import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Json } from './json.ts';

/** JSON in the one spelling of RFC 8785, so that equal values are equal text wherever they have been. */
export function canonicalJson(value: Json): string {
  return canonicalize(value) as string;
}

/** SHA-256 of a text's UTF-8 form, in lower-case hex. */
export function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** SHA-256 (hex) over the canonical JSON of a value. */
export function digestOf(value: Json): string {
  return sha256(canonicalJson(value));
}

/** Whether two values are the same JSON. */
export function sameJson(one: Json, other: Json): boolean {
  return canonicalJson(one) === canonicalJson(other);
}

import { randomBytes } from 'node:crypto';
import { hmacSha256, sha256 } from '@holdpoint/json/digest';

/** A key for the digests of a new approval. It is stored with the approval, and removed with it. */
export const newAuditKey = (): string => randomBytes(32).toString('hex');

/**
 * The fact that binds an entry of the audit to a text, such as `noteHmac`. Without the approval's key it tells nothing
 * about the text. Approvals of releases without keys have none: their fact is `noteSha256`.
 */
export function digestFact(name: string, text: string | null, key: string | null): Record<string, string | null> {
  if (key === null) return { [`${name}Sha256`]: text === null ? null : sha256(text) };
  return { [`${name}Hmac`]: text === null ? null : hmacSha256(key, text).toString('hex') };
}

import { createHash } from 'node:crypto';

/** SHA-256 in lower-case hex and the length in bytes of a text's UTF-8 form. */
export function digestOf(text: string): { digest: string; bytes: number } {
  return { digest: createHash('sha256').update(text, 'utf8').digest('hex'), bytes: Buffer.byteLength(text, 'utf8') };
}

import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** SHA-256 of bytes, or of a text's UTF-8 form. */
export function sha256Bytes(data: string | Uint8Array): Buffer {
  return createHash('sha256').update(data).digest();
}

/** `sha256Bytes` in lower-case hex. */
export function sha256(data: string | Uint8Array): string {
  return sha256Bytes(data).toString('hex');
}

/** HMAC-SHA256 of bytes, or of a text's UTF-8 form. */
export function hmacSha256(secret: string, data: string | Uint8Array): Buffer {
  return createHmac('sha256', secret).update(data).digest();
}

/** True if two secrets are equal. The time depends only on their length. */
export function equalInConstantTime(one: string | Uint8Array, other: string | Uint8Array): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}

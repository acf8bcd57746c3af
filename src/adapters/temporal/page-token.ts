import { sha256Bytes } from '@holdpoint/json/digest';
import { RunsFailure } from '../../domain/runs-failure.ts';

const markBytes = 6;

/** Temporal's page token as URL text. Null at the end of a list. */
export function writePageToken(token: Uint8Array): string | null {
  return token.length === 0 ? null : Buffer.concat([mark(token), token]).toString('base64url');
}

/** Reads a page token. Temporal's client retries a malformed token until the deadline, so it is refused here. @throws RunsFailure. */
export function readPageToken(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64url');
  const token = bytes.subarray(markBytes);
  if (token.length === 0 || !mark(token).equals(bytes.subarray(0, markBytes)))
    throw new RunsFailure('refused', 'This page token is not from a list of runs. Leave it out to get the first page.');
  return token;
}

function mark(token: Uint8Array): Buffer {
  return sha256Bytes(token).subarray(0, markBytes);
}

import { createHash } from 'node:crypto';
import { RunsFailure } from '../../domain/runs-failure.ts';

const markBytes = 6;

/** Temporal's page token as text for an address; null at the end of a list. */
export function writePageToken(token: Uint8Array): string | null {
  return token.length === 0 ? null : Buffer.concat([mark(token), token]).toString('base64url');
}

/** Temporal takes an odd token for a fault of its own and answers it by trying again, so it must not get one. @throws RunsFailure. */
export function readPageToken(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64url');
  const token = bytes.subarray(markBytes);
  if (token.length === 0 || !mark(token).equals(bytes.subarray(0, markBytes)))
    throw new RunsFailure(
      'refused',
      'This page token was not given out by a list of runs. Leave it out to begin at the first page.',
    );
  return token;
}

function mark(token: Uint8Array): Buffer {
  return createHash('sha256').update(token).digest().subarray(0, markBytes);
}

import { equalInConstantTime, hmacSha256 } from '@holdpoint/json/digest';
import { RunsFailure } from '../../domain/runs-failure.ts';

const markBytes = 16;

export type PageTokens = {
  /** Temporal's page token as URL text, signed for one query. Null at the end of a list. */
  write(token: Uint8Array, query: string): string | null;
  /**
   * Temporal's page token. Temporal's client retries a malformed one until the deadline, so only our own are passed on.
   * @throws RunsFailure `refused` for a token that none of our secrets signed for this query.
   */
  read(text: string, query: string): Uint8Array;
};

/** The first secret signs, all verify. */
export function createPageTokens(secrets: readonly string[]): PageTokens {
  return {
    write: (token, query) =>
      token.length === 0 ? null : Buffer.concat([mark(secrets[0] ?? '', token, query), token]).toString('base64url'),
    read(text, query) {
      const bytes = Buffer.from(text, 'base64url');
      const [given, token] = [bytes.subarray(0, markBytes), bytes.subarray(markBytes)];
      if (token.length === 0 || !secrets.some((secret) => equalInConstantTime(mark(secret, token, query), given)))
        throw new RunsFailure(
          'refused',
          'This page token is not from a list of this gateway with the same filters. Leave it out to get the first page.',
        );
      return token;
    },
  };
}

function mark(secret: string, token: Uint8Array, query: string): Buffer {
  return hmacSha256(secret, Buffer.concat([Buffer.from(`page token of ${query}\0`), token])).subarray(0, markBytes);
}

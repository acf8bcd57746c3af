import { equalInConstantTime, hmacSha256 } from '@holdpoint/json/digest';

/** What an inbox token says. It is narrower than the caller that asked for it. */
export type InboxToken = {
  /** Name of the caller whose permissions it has at most. */
  caller: string;
  /** Name of the person at the review server. */
  person: string;
  /** True if the person may resume parked runs. */
  mayRetry: boolean;
  /** Milliseconds since the epoch. */
  expiresAt: number;
};

const prefix = 'hp_inbox_';

/** True for a text that looks like an inbox token. */
export function isInboxToken(text: string): boolean {
  return text.startsWith(prefix);
}

export type InboxTokens = {
  make(token: InboxToken): string;
  /** What the token says. Undefined if none of the secrets signed it, or it has expired. */
  verify(text: string, now: number): InboxToken | undefined;
};

/** Signs tokens for the runs pages of the inbox. The first secret signs, all verify. */
export function createInboxTokens(secrets: readonly string[]): InboxTokens {
  return {
    make(token) {
      const said = Buffer.from(JSON.stringify(token)).toString('base64url');
      return `${prefix}${said}.${mark(secrets[0] ?? '', said).toString('base64url')}`;
    },
    verify(text, now) {
      const [said, given, ...rest] = text.slice(prefix.length).split('.');
      if (!isInboxToken(text) || !said || !given || rest.length > 0) return undefined;
      const sent = Buffer.from(given, 'base64url');
      if (!secrets.some((secret) => equalInConstantTime(mark(secret, said), sent))) return undefined;
      // Its mark covers the text, so this process or one with the same secret wrote it.
      const token = JSON.parse(Buffer.from(said, 'base64url').toString()) as InboxToken;
      return token.expiresAt > now ? token : undefined;
    },
  };
}

function mark(secret: string, said: string): Buffer {
  return hmacSha256(secret, Buffer.from(`inbox token\0${said}`));
}

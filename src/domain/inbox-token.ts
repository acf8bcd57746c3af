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

/** The beginning of each token. */
export const inboxTokenPrefix = 'hp_inbox_';

/** True for a text that looks like an inbox token. */
export function isInboxToken(text: string): boolean {
  return text.startsWith(inboxTokenPrefix);
}

export type InboxTokens = {
  make(token: InboxToken): string;
  /** What the token says. Undefined if none of the secrets signed it, or it has expired. */
  verify(text: string, now: number): InboxToken | undefined;
};

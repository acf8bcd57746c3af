import { equalInConstantTime, hmacSha256 } from '@holdpoint/json/digest';
import { inboxTokenPrefix, isInboxToken, type InboxToken, type InboxTokens } from '../domain/inbox-token.ts';

/** Signs tokens for the runs pages of the inbox. The first secret signs, all verify. */
export function createInboxTokens(secrets: readonly string[]): InboxTokens {
  return {
    make(token) {
      const said = Buffer.from(JSON.stringify(token)).toString('base64url');
      return `${inboxTokenPrefix}${said}.${mark(secrets[0] ?? '', said)}`;
    },
    verify(text, now) {
      const [said, given, ...rest] = text.slice(inboxTokenPrefix.length).split('.');
      if (!isInboxToken(text) || !said || !given || rest.length > 0) return undefined;
      // Compares texts, since other texts decode to the same bytes.
      const isSigned = (secret: string) => equalInConstantTime(Buffer.from(mark(secret, said)), Buffer.from(given));
      if (!secrets.some(isSigned)) return undefined;
      // Its mark covers the text, so this process or one with the same secret wrote it.
      const token = JSON.parse(Buffer.from(said, 'base64url').toString()) as InboxToken;
      return token.expiresAt > now ? token : undefined;
    },
  };
}

function mark(secret: string, said: string): string {
  return hmacSha256(secret, Buffer.from(`inbox token\0${said}`)).toString('base64url');
}

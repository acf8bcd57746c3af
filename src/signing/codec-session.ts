import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { hmacSha256 } from '@holdpoint/json/digest';

const algorithm = 'aes-256-gcm';
const [ivBytes, tagBytes] = [12, 16];

/** How long a browser may ask for decrypted values after a sign-in, in milliseconds. */
export const codecSessionMs = 12 * 3_600_000;

export type CodecSessions = {
  /** The cookie for a browser whose user gave this API key. */
  make(apiKey: string): string;
  /** The API key in a cookie. Undefined if no gateway made it, or its time is over. */
  open(cookie: string): string | undefined;
};

/**
 * Cookies that carry an API key, encrypted with a key of HOLDPOINT_SECRET. The first secret encrypts, all decrypt. The
 * gateway checks the API key at each request, so a revoked one ends the session.
 */
export function createCodecSessions(secrets: readonly string[], now: () => Date): CodecSessions {
  const keys = secrets.map((secret) => hmacSha256(secret, 'holdpoint-codec-session-1'));
  return {
    make(apiKey) {
      const iv = randomBytes(ivBytes);
      const cipher = createCipheriv(algorithm, keys[0] as Buffer, iv, { authTagLength: tagBytes });
      const text = JSON.stringify({ apiKey, until: now().getTime() + codecSessionMs });
      const encrypted = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), encrypted]).toString('base64url');
    },
    open(cookie) {
      const bytes = Buffer.from(cookie, 'base64url');
      for (const key of keys) {
        const content = opened(bytes, key);
        if (content !== undefined) return content.until > now().getTime() ? content.apiKey : undefined;
      }
      return undefined;
    },
  };
}

/** The token in the address by which the UI of `holdpoint dev` decodes: that UI can send neither key nor cookie. */
export function localUiToken(secret: string): string {
  return hmacSha256(secret, 'holdpoint-codec-local-ui-1').toString('base64url');
}

function opened(bytes: Buffer, key: Buffer): { apiKey: string; until: number } | undefined {
  try {
    const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, ivBytes), { authTagLength: tagBytes });
    decipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
    const text = Buffer.concat([decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()]);
    return JSON.parse(text.toString('utf8')) as { apiKey: string; until: number };
  } catch {
    return undefined;
  }
}

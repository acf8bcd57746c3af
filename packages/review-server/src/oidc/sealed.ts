import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const algorithm = 'aes-256-gcm';
const ivBytes = 12;
const tagBytes = 16;

/** Use of a sealed text. A text sealed for one use is refused for another. */
type Purpose = 'sign-in' | 'sign-in-problem' | 'id-token';

/** Seals texts that the browser or the database keeps for the server: hidden, unforgeable, and with an end. */
export type Seal = {
  close(purpose: Purpose, value: unknown, until: Date): string;
  /** Undefined for a text that is forged, of another use, or too old. */
  open(purpose: Purpose, sealed: string): unknown;
};

/** All servers with the same session secret open each other's texts. */
export function createSeal(sessionSecret: string, clock: () => Date): Seal {
  const key = Buffer.from(hkdfSync('sha256', sessionSecret, '', 'holdpoint: sealed sign-in texts', 32));
  return {
    close(purpose, value, until) {
      const iv = randomBytes(ivBytes);
      const cipher = createCipheriv(algorithm, key, iv).setAAD(Buffer.from(purpose));
      const text = JSON.stringify({ until: until.getTime(), value });
      return Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString(
        'base64url',
      );
    },
    open(purpose, sealed) {
      const bytes = Buffer.from(sealed, 'base64url');
      if (bytes.length <= ivBytes + tagBytes) return undefined;
      const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, ivBytes), { authTagLength: tagBytes })
        .setAAD(Buffer.from(purpose))
        .setAuthTag(bytes.subarray(-tagBytes));
      let text: string;
      try {
        text = decipher.update(bytes.subarray(ivBytes, -tagBytes), undefined, 'utf8') + decipher.final('utf8');
      } catch {
        return undefined;
      }
      const { until, value } = JSON.parse(text) as { until: number; value: unknown };
      return clock().getTime() < until ? value : undefined;
    },
  };
}

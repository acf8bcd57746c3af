import { sha256 } from '@holdpoint/json/digest';
import { randomBytes } from 'node:crypto';

const form = /^hp_live_([0-9a-f]{40})([0-9a-f]{6})$/;

/** A new API key: `hp_live_`, 160 random bits, and a checksum by which a mistyped key is told from an unknown one. */
export function makeApiKey(): string {
  const random = randomBytes(20).toString('hex');
  return `hp_live_${random}${checksum(random)}`;
}

/** True if the text has the form of an API key and its checksum is right. */
export function isApiKey(text: string): boolean {
  const [, random = '', given] = form.exec(text) ?? [];
  return given !== undefined && checksum(random) === given;
}

/** The form of an API key that may be shown. */
export function maskApiKey(key: string): string {
  return `hp_live_••••${key.slice(-4)}`;
}

function checksum(random: string): string {
  return sha256(`hp_live_${random}`).slice(0, 6);
}

import { createHash } from 'node:crypto';
import { parseJsonObject } from '../json-value.ts';

const sealMark = 'gAAAAAB';
const sealLength = 16;

function sealOf(payload: string): string {
  return createHash('sha256').update(`stand-in:${payload}`).digest('base64url').slice(0, sealLength);
}

/**
 * The `encrypted_content` of a reasoning item: its item id and model, with a checksum. Every stand-in can open it, so a
 * transcript can be replayed after a restart.
 */
export function sealReasoning(id: string, model: string): string {
  const payload = Buffer.from(JSON.stringify({ id, model })).toString('base64url');
  return `${sealMark}${sealOf(payload)}${payload}`;
}

/** Opens sealed reasoning. Undefined for altered or foreign content. */
export function openReasoning(content: string): { readonly id: string; readonly model: string } | undefined {
  if (!content.startsWith(sealMark)) return undefined;
  const payload = content.slice(sealMark.length + sealLength);
  if (content.slice(sealMark.length, sealMark.length + sealLength) !== sealOf(payload)) return undefined;
  const { id, model } = parseJsonObject(Buffer.from(payload, 'base64url').toString()) ?? {};
  return typeof id === 'string' && typeof model === 'string' ? { id, model } : undefined;
}

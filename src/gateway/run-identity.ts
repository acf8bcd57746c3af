import { createHash, randomInt, randomUUID } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { CreateRun } from '../schemas/rest.ts';
import type { AskApproval } from '@holdpoint/client';

/** Letters that can't be mistaken for one another. */
const alphabet = '23456789abcdefghjkmnpqrstuvwxyz';

/** A new run's id, `<assistant>-<yyyymmdd>-<6 random>`: people read it in Temporal's lists. */
export function newRunId(assistant: string, now: Date): string {
  const day = now.toISOString().slice(0, 10).replaceAll('-', '');
  const random = Array.from({ length: 6 }, () => alphabet[randomInt(alphabet.length)]).join('');
  return `${slug(assistant)}-${day}-${random}`;
}

/** The id of a message that came without an idempotency key. */
export function newMessageId(): string {
  return randomUUID();
}

/** The id of the one run that an idempotency key may start: readable, and as distinct as the key. */
export function runIdOfKey(idempotencyKey: string): string {
  return `${slug(idempotencyKey)}-${createHash('sha256').update(idempotencyKey).digest('hex').slice(0, 24)}`;
}

/** SHA-256 over all of a request that makes a run what it is. */
export function inputDigest({
  assistant,
  input,
  context,
  continueFrom,
  maxTurns,
}: CreateRun & { assistant: string }): string {
  return createHash('sha256')
    .update(
      canonicalize({
        assistant,
        input,
        context: context ?? null,
        continueFrom: continueFrom ?? null,
        maxTurns: maxTurns ?? null,
      }) ?? '',
    )
    .digest('hex');
}

/** SHA-256 over all of a request that makes an approval what it is. */
export function approvalDigest(request: AskApproval): string {
  const { id: _, idempotencyKey: __, ...asked } = request;
  return createHash('sha256')
    .update(canonicalize({ approval: asked }) ?? '')
    .digest('hex');
}

function slug(text: string): string {
  return (
    text
      .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
      .replaceAll(/^[-.]+|[-.]+$/g, '')
      .slice(0, 60) || 'run'
  );
}

import type { Json } from '@holdpoint/json';
import { digestOf } from '@holdpoint/json/canonical';
import { sha256 } from '@holdpoint/json/digest';
import { randomInt, randomUUID } from 'node:crypto';
import { operatorName } from '../domain/caller.ts';
import { randomRunId, slug } from '../domain/run-id.ts';
import type { CreateRun } from '../schemas/rest.ts';
import type { AskApproval } from '@holdpoint/client';

/** A new run id, readable in Temporal's lists. */
export function newRunId(assistant: string, now: Date): string {
  return randomRunId({ assistant, now, length: 6, below: randomInt });
}

/** A new message id, for a message without an idempotency key. */
export function newMessageId(): string {
  return randomUUID();
}

/**
 * The run id of a caller's idempotency key: a readable start and a digest. Each caller has its own keys. Those of
 * HOLDPOINT_API_KEY have the ids of earlier versions.
 */
export function runIdOfKey(idempotencyKey: string, caller: string): string {
  const named = caller === operatorName ? idempotencyKey : JSON.stringify([caller, idempotencyKey]);
  return `${slug(idempotencyKey)}-${sha256(named).slice(0, 24)}`;
}

/** SHA-256 over the fields of a request that define the run. */
export function inputDigest({
  assistant,
  input,
  context,
  continueFrom,
  maxTurns,
}: CreateRun & { assistant: string }): string {
  return digestOf({
    assistant,
    input,
    context: context ?? null,
    continueFrom: continueFrom ?? null,
    maxTurns: maxTurns ?? null,
  } as Json);
}

/** SHA-256 over the fields of a request that define the approval. */
export function approvalDigest(request: AskApproval): string {
  const { id: _, idempotencyKey: __, ...asked } = request;
  return digestOf({ approval: asked } as Json);
}

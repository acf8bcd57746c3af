import { log } from '@temporalio/workflow';
import {
  largestInlineMessageBytes,
  mostWaitingMessages,
  rememberedMessages,
  type MessagesView,
  type UserMessage,
} from '../domain/user-message.ts';
import type { Payload } from '../domain/payload.ts';
import type { RunProgress } from '../domain/run.ts';
import { bytesOf } from '../domain/bytes-of.ts';

/** Characters of an id or a digest. */
const longestName = 200;

/**
 * Handles the `message` Signal: queues the message for the next turn. With `supersede`, calls that wait for a decision are
 * replaced, including those that the current turn has yet to make. Malformed, duplicate and excess messages are ignored.
 */
export function queueMessage(progress: RunProgress, sent: unknown): void {
  const message = readMessage(sent);
  if (!message) return;
  const { id, digest, text, whenWaiting } = message;
  if (progress.heard.some((known) => known.id === id)) return;
  if (progress.messages.length >= 2 * mostWaitingMessages) {
    log.warn('A message was dropped: too many are queued.', { waiting: progress.messages.length });
    return;
  }
  progress.heard = [...progress.heard, { id, digest }].slice(-rememberedMessages);
  progress.messages.push(text);
  if (whenWaiting !== 'supersede') return;
  progress.supersede = true;
  for (const call of progress.calls) if (call.step.type !== 'done') call.supersede = true;
}

/** Answers the `messages` Query: how many messages are queued, and the digest of the message with this id. */
export function messagesView(progress: RunProgress, id: unknown): MessagesView {
  return { waiting: progress.messages.length, known: progress.heard.find((known) => known.id === id)?.digest ?? null };
}

/**
 * Moves the queued messages into the next turn. A turn that was attempted stays unchanged, since part of it may have arrived.
 * A message restarts the count of `maxTurns`.
 */
export function takeMessages(progress: RunProgress): void {
  progress.next.messages.push(...progress.messages.splice(0));
  delete progress.supersede;
  if (progress.next.messages.length > 0) progress.turnsBefore = progress.turn;
}

function readMessage(value: unknown): UserMessage | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { id, digest, text, whenWaiting } = value as { [field in keyof UserMessage]: unknown };
  const payload = readText(text);
  if (!payload || !isName(id) || !isName(digest)) return undefined;
  return { id, digest, text: payload, whenWaiting: whenWaiting === 'supersede' ? 'supersede' : 'queue' };
}

/** The text alone: extra fields would be carried along until they exceed Temporal's limits. */
function readText(payload: unknown): Payload | undefined {
  if (typeof payload !== 'object' || payload === null) return undefined;
  const { type, value, digest, bytes } = payload as { [field: string]: unknown };
  if (type === 'stored' && isName(digest) && typeof bytes === 'number') return { type, digest, bytes };
  if (
    type === 'inline' &&
    typeof value === 'string' &&
    value.length <= largestInlineMessageBytes &&
    bytesOf(JSON.stringify(value)) <= largestInlineMessageBytes
  )
    return { type, value };
  return undefined;
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length <= longestName;
}

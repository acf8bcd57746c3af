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
import { bytesOf } from './bytes-of.ts';

/** Characters of an id or a digest. */
const longestName = 200;

/**
 * Hears what the user says to the run. It waits for the next turn; with `supersede` no call waits for a person before
 * that, be it open now or still to come from a turn under way. Anything may arrive here, from anybody, in any number: what is no message, came
 * before, or is beyond what a run can carry changes nothing.
 */
export function hearMessage(progress: RunProgress, said: unknown): void {
  const message = readMessage(said);
  if (!message) return;
  const { id, digest, text, whenWaiting } = message;
  if (progress.heard.some((known) => known.id === id)) return;
  if (progress.messages.length >= 2 * mostWaitingMessages) {
    log.warn('A message was dropped: too many wait already.', { waiting: progress.messages.length });
    return;
  }
  progress.heard = [...progress.heard, { id, digest }].slice(-rememberedMessages);
  progress.messages.push(text);
  if (whenWaiting !== 'supersede') return;
  progress.supersede = true;
  for (const call of progress.calls) if (call.step.type !== 'done') call.supersede = true;
}

/** Whether a message came, and how many wait: for whoever is about to send one. */
export function messagesView(progress: RunProgress, id: unknown): MessagesView {
  return { waiting: progress.messages.length, known: progress.heard.find((known) => known.id === id)?.digest ?? null };
}

/**
 * Moves what was said into the next turn. A turn that was tried is never added to: part of it may have arrived. `maxTurns`
 * counts anew, since somebody wants more.
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

/** The text by itself: whatever else came with it would be carried along, up to Temporal's limits and the run's end. */
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

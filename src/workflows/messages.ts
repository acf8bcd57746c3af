import { log } from '@temporalio/workflow';
import { largestInlineMessageBytes, mostWaitingMessages, rememberedMessages, type MessagesView, type UserMessage } from '../domain/message.ts';
import type { Payload } from '../domain/payload.ts';
import type { RunProgress } from '../domain/run.ts';
import { bytesOf } from './bytes-of.ts';

const longestId = 200;

/**
 * Hears what the user says to the run. It waits for the next turn; with `supersede` no call waits for a person before
 * that, be it open now or still to come from a turn under way. Anything may arrive here, from anybody, in any number: what is no message, came
 * before, or is beyond what a run can carry changes nothing.
 */
export function hearMessage(progress: RunProgress, message: unknown): void {
  if (!isMessage(message)) return;
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

function isMessage(value: unknown): value is UserMessage {
  if (typeof value !== 'object' || value === null) return false;
  const { id, digest, text } = value as { [field in keyof UserMessage]: unknown };
  return [id, digest].every((each) => typeof each === 'string' && each.length <= longestId) && isText(text);
}

function isText(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const payload = value as Payload;
  if (payload.type === 'stored') return typeof payload.digest === 'string' && payload.digest.length <= longestId && typeof payload.bytes === 'number';
  return payload.type === 'inline' && typeof payload.value === 'string' && payload.value.length <= largestInlineMessageBytes && bytesOf(JSON.stringify(payload.value)) <= largestInlineMessageBytes;
}

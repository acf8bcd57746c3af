import type { TranscriptEntry } from '../../../activities/ports.ts';
import { wellFormed } from '../../../domain/well-formed.ts';
import type { Json } from '@holdpoint/json';
import { textField } from './response-object.ts';
import type { Item } from './response-object.ts';

/**
 * Returns the input items that replay a saved conversation, in order. Encrypted reasoning stays beside its call, since
 * the server can read it without having stored it. If reasoning is left out, ids are left out too: the server refuses
 * an item with an id but without its reasoning.
 * @param plainUpTo The entry up to which the server refused reasoning. Null for none.
 */
export function replayItems(entries: readonly TranscriptEntry[], plainUpTo: string | null): Item[] {
  const lastPlain = plainUpTo === null ? -1 : entries.findIndex((entry) => entry.id === plainUpTo);
  return entries.flatMap((entry, position) =>
    entry.surface === 'assistants'
      ? itemsOfThread([...entry.sent, ...entry.received] as Item[])
      : [...(entry.sent as Item[]), ...receivedItems(entry.received as Item[], position <= lastPlain)],
  );
}

/** The items of a thread. A run that began over the Assistants API continues over the Responses API. */
function itemsOfThread(items: readonly Item[]): Item[] {
  return items.flatMap((item): Item[] => {
    if (item.type === 'message')
      return [{ type: 'message', role: textField(item, 'role'), content: textField(item, 'text') }];
    if (item.type === 'function_call') return [callItem(item)];
    return item.type === 'function_call_output' ? [item] : [];
  });
}

function receivedItems(items: readonly Item[], plain: boolean): Item[] {
  const reasoningStays = !plain && items.every((item) => item.type !== 'reasoning' || hasOwnContent(item));
  return items
    .filter((item) => reasoningStays || item.type !== 'reasoning')
    .map((item) => inputItem(item, reasoningStays));
}

function hasOwnContent(reasoning: Item): boolean {
  return typeof reasoning['encrypted_content'] === 'string' && reasoning['encrypted_content'] !== '';
}

function inputItem(item: Item, withId: boolean): Item {
  const fields = Object.entries(item).filter(
    ([name, value]) => value !== null && name !== 'created_by' && (withId || name !== 'id'),
  );
  const kept = Object.fromEntries(fields) as Item;
  if (kept.type === 'function_call') return callItem(kept);
  return kept.type === 'message' ? messageItem(kept) : kept;
}

/**
 * A call with arguments that every server can read. The transcript stores arguments as the model wrote them. If they
 * are not a JSON object, an object that quotes them is sent.
 */
function callItem(call: Item): Item {
  return { ...call, arguments: objectText(textField(call, 'arguments')) };
}

function objectText(written: string): string {
  if (/^\s*(null\s*)?$/.test(written)) return '{}';
  try {
    const value = JSON.parse(written) as Json;
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return /\\ud[89a-f]/i.test(written) ? JSON.stringify(wellFormed(value)) : written.toWellFormed();
  } catch {
    // Quoted below.
  }
  return JSON.stringify({ invalid_arguments: written.toWellFormed() });
}

/** The model's message with the part type `output_text`. Some servers write `text`. */
function messageItem(message: Item): Item {
  const { content, role } = message;
  if (!Array.isArray(content) || (role !== undefined && role !== 'assistant')) return message;
  const named = (content as Item[]).map((part) => (part.type === 'text' ? { ...part, type: 'output_text' } : part));
  return { ...message, content: named };
}

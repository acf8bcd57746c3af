import type { TranscriptEntry } from '../../../activities/ports.ts';
import { textField } from './response-object.ts';
import type { Item } from './response-object.ts';

/**
 * The input items that say a saved conversation again, in their order. Reasoning stays beside its call where the server
 * can read it without having kept it, that is encrypted. Where reasoning is left out, ids are too: an item that names
 * its id is refused without the reasoning that led to it.
 * @param plainUpTo Entry whose reasoning, and all before it, was refused earlier; null for none.
 */
export function replayItems(entries: readonly TranscriptEntry[], plainUpTo: string | null): Item[] {
  const lastPlain = plainUpTo === null ? -1 : entries.findIndex((entry) => entry.id === plainUpTo);
  return entries.flatMap((entry, position) =>
    entry.surface === 'assistants'
      ? itemsOfThread([...entry.sent, ...entry.received] as Item[])
      : [...(entry.sent as Item[]), ...receivedItems(entry.received as Item[], position <= lastPlain)],
  );
}

/** What was said in a thread: a run that was begun by the Assistants API goes on where that is no more. */
function itemsOfThread(items: readonly Item[]): Item[] {
  return items.flatMap((item): Item[] => {
    if (item.type === 'message')
      return [{ type: 'message', role: textField(item, 'role'), content: textField(item, 'text') }];
    return item.type === 'function_call' || item.type === 'function_call_output' ? [item] : [];
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
  return Object.fromEntries(fields) as Item;
}

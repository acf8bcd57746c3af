import type { OpenAI } from 'openai';
import { textField } from './response-object.ts';
import type { Item } from './response-object.ts';

/** How far back the end of a conversation is searched. One turn adds far fewer items. */
const mostItems = 500;

/** A conversation that can't be gone on with: what stood at its end is gone, or was never written to its end. */
export class DamagedConversation extends Error {}

type Search = {
  client: OpenAI;
  conversationId: string;
  sent: readonly Item[];
  /** Ids of items that stood in the conversation before this turn; the search ends there. */
  before: ReadonlySet<string>;
  signal: AbortSignal;
};

/**
 * What the model added after this turn's items, if these stand in the conversation already: the reply to an earlier
 * attempt was lost. Undefined when they don't.
 * @throws DamagedConversation when what stood before this turn is not there.
 */
export async function itemsAfterSent({
  client,
  conversationId,
  sent,
  before,
  signal,
}: Search): Promise<Item[] | undefined> {
  const answered = new Set(
    sent.flatMap((item) => (item.type === 'function_call_output' ? [textField(item, 'call_id')] : [])),
  );
  const tail: Item[] = [];
  let reachedBefore = before.size === 0;
  for await (const listed of client.conversations.items.list(
    conversationId,
    { order: 'desc', limit: 100 },
    { signal },
  )) {
    const item = listed as unknown as Item;
    reachedBefore ||= before.has(textField(item, 'id'));
    if (before.size > 0 && reachedBefore) break;
    // Without known ids the call itself is the mark. A call id may stand in an earlier turn too, so not the other way round.
    if (before.size === 0 && item.type === 'function_call' && answered.has(textField(item, 'call_id'))) break;
    tail.unshift(item);
    if (tail.length >= mostItems) break;
  }
  // An output further back may carry the same call id and belong to an earlier turn, so nothing can be told any more.
  if (!reachedBefore) throw new DamagedConversation();
  const last = tail.findLastIndex((item) => sent.some((one) => saysTheSame(one, item)));
  if (last === -1) return undefined;
  const after = tail.slice(last + 1);
  const end = after.findIndex((item) => !isOfModel(item));
  return end === -1 ? after : after.slice(0, end);
}

/** The newest item's id; null in an empty conversation. */
export async function newestItem(client: OpenAI, conversationId: string, signal: AbortSignal): Promise<string | null> {
  const page = await client.conversations.items.list(conversationId, { order: 'desc', limit: 1 }, { signal });
  return (page.data[0] as { id?: string } | undefined)?.id ?? null;
}

function saysTheSame(sent: Item, listed: Item): boolean {
  if (sent.type !== listed.type) return false;
  if (sent.type === 'function_call_output') return sent['call_id'] === listed['call_id'];
  return listed['role'] === 'user' && itemText(sent) === itemText(listed);
}

function itemText({ content }: Item): string {
  return typeof content === 'string'
    ? content
    : ((content ?? []) as Item[]).map((part) => textField(part, 'text')).join('');
}

function isOfModel(item: Item): boolean {
  return item.type === 'message' ? item['role'] === 'assistant' : !item.type.endsWith('_output');
}

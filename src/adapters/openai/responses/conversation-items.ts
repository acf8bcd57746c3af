import type { OpenAI } from 'openai';
import { textField } from './response-object.ts';
import type { Item } from './response-object.ts';

/** Items that are searched at the end of a conversation. One turn adds far fewer. */
const mostItems = 500;

/** A conversation that can't be continued: its last items were removed, or its last turn is incomplete. */
export class DamagedConversation extends Error {}

type Search = {
  client: OpenAI;
  conversationId: string;
  sent: readonly Item[];
  /** Ids of items that were in the conversation before this turn. The search ends there. */
  before: ReadonlySet<string>;
  signal: AbortSignal;
};

/**
 * Returns the items that the model added after this turn's items, if the conversation already contains those. That
 * happens when the reply to an earlier attempt was lost. Undefined if it does not contain them.
 * @throws DamagedConversation if the items before this turn are missing.
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
    // Without known ids the search ends at the call that was answered.
    if (before.size === 0 && item.type === 'function_call' && answered.has(textField(item, 'call_id'))) break;
    tail.unshift(item);
    if (tail.length >= mostItems) break;
  }
  // Beyond the searched items an output may belong to an earlier turn with the same call id, so the state is unknown.
  if (!reachedBefore) throw new DamagedConversation();
  const last = tail.findLastIndex((item) => sent.some((one) => saysTheSame(one, item)));
  if (last === -1) return undefined;
  const after = tail.slice(last + 1);
  const end = after.findIndex((item) => !isOfModel(item));
  return end === -1 ? after : after.slice(0, end);
}

/** The newest item's id. Null for an empty conversation. */
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

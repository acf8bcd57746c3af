/** One item of a conversation in its wire form: a message, a call, an output, a reasoning item and so on. */
export type Item = {
  readonly type: string;
  readonly id?: string;
  readonly call_id?: string;
  readonly [key: string]: unknown;
};

/** The text of a message's or an output's `content`: the string, or its text parts joined. */
export function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .map((part: unknown) => {
      const { text, refusal } = (part ?? {}) as { text?: unknown; refusal?: unknown };
      if (typeof text === 'string') return text;
      return typeof refusal === 'string' ? refusal : '';
    })
    .join('\n');
}

/** True for an item of the model, false for one of its caller. */
export function isModelItem(item: Item): boolean {
  if (item.type === 'message') return item['role'] === 'assistant';
  return item.type === 'reasoning' || item.type === 'mcp_approval_request' || item.type.endsWith('_call');
}

function lastUserIndex(items: readonly Item[]): number {
  return items.findLastIndex((item) => item.type === 'message' && item['role'] === 'user');
}

/** The texts of all user messages, oldest first. */
export function userTexts(items: readonly Item[]): readonly string[] {
  return items
    .filter((item) => item.type === 'message' && item['role'] === 'user')
    .map((item) => textOf(item['content']));
}

/** The text of the newest user message, or the empty string. */
export function latestUserText(items: readonly Item[]): string {
  return textOf(items[lastUserIndex(items)]?.['content']);
}

/** The items after the newest user message. */
export function itemsSinceUser(items: readonly Item[]): readonly Item[] {
  return items.slice(lastUserIndex(items) + 1);
}

/**
 * The number of model turns since the newest user message. Counts items instead of requests, so a repeated turn (a lost
 * reply, a replayed transcript) gets the same answer.
 */
export function turnsSinceUser(items: readonly Item[]): number {
  const recent = itemsSinceUser(items);
  return recent.filter((item, index) => isModelItem(item) && !isModelItem(recent[index - 1] ?? { type: 'none' }))
    .length;
}

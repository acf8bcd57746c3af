import { isModelItem, type Item, type Reply, type ScriptFunction, textOf } from '@holdpoint/openai-stand-in';

/** The model's replies, by turn. A function gets the number of earlier requests for that turn. */
export type Steps = ReadonlyArray<Reply | ((askedBefore: number) => Reply)>;

/** One run as the model sees it, by whichever API it comes. */
export type Conversation = {
  script: ScriptFunction;
  /** All that it saw last. */
  seen: () => readonly Item[];
  /** Every output that the model got for a call, in order, as its last input contains it. */
  given: () => Array<{ callId: string; output: string }>;
  /** The user's messages, in order. */
  heard: () => string[];
};

/**
 * A model that replies with these steps to a run whose input begins with `text`. The turn is counted from the model's
 * input, so a repeated turn gets the same reply. Calls without an output are not counted.
 */
export function conversation(text: string, steps: Steps): Conversation {
  const asked = new Map<number, number>();
  return conversationWith(text, (items) => {
    const turn = items.filter(
      (item, index) => isModelItem(item) && !isModelItem(items[index - 1] ?? { type: 'none' }),
    ).length;
    const before = asked.get(turn) ?? 0;
    asked.set(turn, before + 1);
    const step = steps[turn] ?? { text: 'done' };
    return typeof step === 'function' ? step(before) : step;
  });
}

/**
 * A model of whims: each time that it is asked, also for the same turn again, it says the next of these, then "done".
 */
export function whimsicalConversation(text: string, replies: readonly Reply[]): Conversation {
  let asked = 0;
  return conversationWith(text, () => replies[asked++] ?? { text: 'done' });
}

function conversationWith(text: string, reply: (items: readonly Item[]) => Reply): Conversation {
  let seen: readonly Item[] = [];
  return {
    script: {
      name: text,
      reply({ items }) {
        if (
          !items.some((item) => item.type === 'message' && item['role'] === 'user' && textOf(item['content']) === text)
        )
          return undefined;
        seen = items;
        return reply(items);
      },
    },
    seen: () => seen,
    given: () =>
      seen
        .filter(({ type }) => type === 'function_call_output')
        .map((item) => ({ callId: String(item.call_id), output: textOf(item['output']) })),
    heard: () =>
      seen.filter((item) => item.type === 'message' && item['role'] === 'user').map((item) => textOf(item['content'])),
  };
}

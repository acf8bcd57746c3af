import { inSeconds, type Clock } from '../clock.ts';
import { newId, newItemId } from '../ids.ts';
import type { Item } from '../item.ts';
import { conversationLocked, notFound } from '../openai-error.ts';

/** A conversation: its items, which never expire, and the response that works on it, if any. */
export type Conversation = {
  readonly id: string;
  readonly createdAt: number;
  metadata: Readonly<Record<string, string>>;
  items: readonly Item[];
  lockedBy: string | undefined;
};

/** Adds a missing id to an item, and a missing status to a message or call. */
export function withId(item: Item): Item {
  return item.id === undefined ? { ...item, id: newItemId(item.type) } : item;
}

/** The conversations of this server, by id. */
export class ConversationStore {
  readonly #clock: Clock;
  readonly #conversations = new Map<string, Conversation>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  create(items: readonly Item[], metadata: Readonly<Record<string, string>>): Conversation {
    const conversation: Conversation = {
      id: newId('conv'),
      createdAt: inSeconds(this.#clock),
      metadata,
      items: items.map(withId),
      lockedBy: undefined,
    };
    this.#conversations.set(conversation.id, conversation);
    return conversation;
  }

  /** @throws OpenAIError 404 for a deleted or unknown conversation. */
  get(id: string): Conversation {
    const conversation = this.#conversations.get(id);
    if (conversation === undefined) throw notFound('Conversation', id);
    return conversation;
  }

  find(id: string): Conversation | undefined {
    return this.#conversations.get(id);
  }

  delete(id: string): void {
    this.#conversations.delete(this.get(id).id);
  }

  /**
   * Locks a conversation until `unlock`. @throws OpenAIError `conversation_locked` while another response works on it.
   */
  lock(conversation: Conversation, responseId: string): void {
    if (conversation.lockedBy !== undefined) throw conversationLocked();
    conversation.lockedBy = responseId;
  }

  unlock(conversation: Conversation): void {
    conversation.lockedBy = undefined;
  }
}

import { inSeconds, type Clock } from '../clock.ts';
import { newId, newItemId } from '../ids.ts';
import type { Item } from '../item.ts';
import { conversationLocked, notFound } from '../openai-error.ts';

/** A conversation: items without an end date, and the response that works on them, if one does. */
export interface Conversation {
  readonly id: string;
  readonly createdAt: number;
  metadata: Readonly<Record<string, string>>;
  items: readonly Item[];
  lockedBy: string | undefined;
}

/** Gives an item an id of its kind unless it has one, and a message or call its status. */
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

  /** Throws 404 for one that was deleted or never was. */
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

  /** Keeps others out until `unlock`. Throws `conversation_locked` when another response is at work. */
  lock(conversation: Conversation, responseId: string): void {
    if (conversation.lockedBy !== undefined) throw conversationLocked();
    conversation.lockedBy = responseId;
  }

  unlock(conversation: Conversation): void {
    conversation.lockedBy = undefined;
  }
}

import { inSeconds, type Clock } from '../clock.ts';
import type { Item } from '../item.ts';
import { nothingFound } from './assistants-errors.ts';
import { newAssistantsId } from './assistants-id.ts';
import type { CreateMessageRequest, CreateThreadRequest } from './assistants-schema.ts';
import type { RunObject, StepObject } from './run.ts';

/** A message in its wire form. */
export type MessageObject = {
  readonly id: string;
  readonly object: 'thread.message';
  readonly role: 'user' | 'assistant';
  readonly content: readonly unknown[];
  readonly run_id: string | null;
  readonly [field: string]: unknown;
};

/** A run with the server's internal state. */
export type StoredRun = {
  wire: RunObject;
  steps: StepObject[];
  /** Polls since it last began to work. */
  polls: number;
  /** Time when it last began to work, in milliseconds since the epoch. */
  since: number;
  readonly staysInProgress: boolean;
};

export type StoredThread = {
  wire: Readonly<Record<string, unknown>> & { readonly id: string };
  messages: MessageObject[];
  runs: StoredRun[];
  /** The model's view: messages and answered calls, in order. */
  items: Item[];
};

type MessageFields = Pick<MessageObject, 'role' | 'content'> & Partial<MessageObject>;

/** The threads of this server. A thread lives until it is deleted. */
export class ThreadStore {
  readonly #clock: Clock;
  readonly #threads = new Map<string, StoredThread>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  create({ messages = [], metadata, tool_resources: toolResources }: CreateThreadRequest): StoredThread {
    const id = newAssistantsId('thread');
    const thread: StoredThread = {
      wire: {
        id,
        object: 'thread',
        created_at: inSeconds(this.#clock),
        metadata: metadata ?? {},
        tool_resources: toolResources ?? null,
      },
      messages: [],
      runs: [],
      items: [],
    };
    this.#threads.set(id, thread);
    for (const message of messages) this.addGiven(thread, message);
    return thread;
  }

  find(id: string): StoredThread | undefined {
    return this.#threads.get(id);
  }

  /** @throws OpenAIError 404. */
  get(id: string): StoredThread {
    const thread = this.find(id);
    if (thread === undefined) throw nothingFound('thread', id);
    return thread;
  }

  list(): readonly StoredThread[] {
    return [...this.#threads.values()];
  }

  delete(id: string): void {
    this.#threads.delete(this.get(id).wire.id);
  }

  /** Adds a caller's message. */
  addGiven(thread: StoredThread, { role, content, metadata, attachments }: CreateMessageRequest): MessageObject {
    const parts = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
    const wireParts = parts.map((part) =>
      part.type === 'text' ? { type: 'text', text: { value: (part as { text: string }).text, annotations: [] } } : part,
    );
    const text = parts.map((part) => (part.type === 'text' ? (part as { text: string }).text : '')).join('\n');
    return this.add(
      thread,
      { role, content: wireParts, metadata: metadata ?? {}, attachments: attachments ?? [] },
      text,
    );
  }

  /** Adds a message of the caller or the model. `text`: its text for the model. */
  add(thread: StoredThread, fields: MessageFields, text: string): MessageObject {
    const now = inSeconds(this.#clock);
    const message: MessageObject = {
      id: newAssistantsId('msg'),
      object: 'thread.message',
      created_at: now,
      thread_id: thread.wire.id,
      status: 'completed',
      completed_at: now,
      incomplete_at: null,
      incomplete_details: null,
      assistant_id: null,
      run_id: null,
      attachments: [],
      metadata: {},
      ...fields,
    };
    thread.messages.push(message);
    thread.items.push({
      type: 'message',
      id: message.id,
      role: message.role,
      content: [{ type: message.role === 'user' ? 'input_text' : 'output_text', text }],
    });
    return message;
  }
}

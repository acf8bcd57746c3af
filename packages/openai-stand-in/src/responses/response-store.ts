import { inSeconds, type Clock } from '../clock.ts';
import type { Conversation, ConversationStore } from '../conversations/conversation-store.ts';
import type { Item } from '../item.ts';
import { badRequest, notFound } from '../openai-error.ts';
import type { ReplyOutcome } from './perform-reply.ts';
import { usageOf, type ResponseObject, type ResponseStatus } from './response-object.ts';
import type { CreateResponseRequest } from './request-schema.ts';

/** Progress of a background response, by polls or by time, whichever comes first. */
export type BackgroundPace = {
  /** The poll that finds the response finished. The one before finds it `in_progress`. @default 2 */
  readonly pollsUntilFinished: number;
  /** Milliseconds on the stand-in's clock until it is finished. It is `queued` for the first third. @default 2000 */
  readonly milliseconds: number;
};

/** A response with the server's internal state. */
export type StoredResponse = {
  readonly request: CreateResponseRequest;
  readonly base: ResponseObject;
  readonly history: readonly Item[];
  readonly input: readonly Item[];
  readonly outcome: ReplyOutcome;
  readonly conversation: Conversation | undefined;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly staysInProgress: boolean;
  polls: number;
  final: ResponseObject | undefined;
};

export const thirtyDaysMs = 30 * 24 * 60 * 60 * 1000;
/** Lifetime of a response that is stored only for polling, in milliseconds. */
export const tenMinutesMs = 10 * 60 * 1000;

/** The responses of this server, by id. A background response advances when it is read, by polls and the clock. */
export class ResponseStore {
  readonly #clock: Clock;
  readonly #conversations: ConversationStore;
  readonly #pace: BackgroundPace;
  readonly #responses = new Map<string, StoredResponse>();

  constructor(clock: Clock, conversations: ConversationStore, pace: BackgroundPace) {
    this.#clock = clock;
    this.#conversations = conversations;
    this.#pace = pace;
  }

  /** Stores a response and returns its current state. Without `background` it is finished at once. */
  add(stored: StoredResponse): ResponseObject {
    this.#forgetExpired();
    this.#responses.set(stored.base.id, stored);
    return stored.request.background === true && stored.request.stream !== true
      ? this.#view(stored)
      : this.#finish(stored, stored.outcome.status);
  }

  /** Reads a response and counts a poll. @throws OpenAIError 404 if it is unknown, expired, deleted or not stored. */
  poll(id: string): ResponseObject {
    const stored = this.#get(id);
    stored.polls += 1;
    return this.#view(stored);
  }

  /** Reads a response without counting a poll. Undefined if it can't be retrieved. */
  find(id: string): { readonly stored: StoredResponse; readonly response: ResponseObject } | undefined {
    const stored = this.#responses.get(id);
    if (stored === undefined || !this.#isRetrievable(stored)) return undefined;
    return { stored, response: this.#view(stored) };
  }

  /**
   * Cancels a background response. A finished one is unchanged. @throws OpenAIError 404, or 400 without `background`.
   */
  cancel(id: string): ResponseObject {
    const stored = this.#get(id);
    if (stored.request.background !== true) throw badRequest('Cannot cancel a synchronous response.');
    return this.#view(stored).status === 'queued' || this.#view(stored).status === 'in_progress'
      ? this.#finish(stored, 'cancelled')
      : this.#view(stored);
  }

  /** @throws OpenAIError 404 if it can't be retrieved. */
  delete(id: string): void {
    this.forget(this.#get(id).base.id);
  }

  /** Removes a response without an error, like an expiry. */
  forget(id: string): void {
    const stored = this.#responses.get(id);
    if (stored?.conversation?.lockedBy === id) this.#conversations.unlock(stored.conversation);
    this.#responses.delete(id);
  }

  inputItems(id: string): readonly Item[] {
    const { history, input } = this.#get(id);
    return [...history, ...input];
  }

  /** An item of any stored response. */
  findItem(id: string): Item | undefined {
    return [...this.#responses.values()]
      .filter((stored) => this.#isRetrievable(stored))
      .flatMap(({ outcome, input }) => [...outcome.output, ...input])
      .find((item) => item.id === id);
  }

  /** All responses that are not expired or deleted, including those that can't be retrieved. */
  list(): readonly ResponseObject[] {
    return [...this.#responses.values()].map((stored) => this.#view(stored));
  }

  /** Advances the response that works on a conversation, so its lock ends with it. */
  settle(conversation: Conversation): void {
    const stored = conversation.lockedBy === undefined ? undefined : this.#responses.get(conversation.lockedBy);
    if (stored !== undefined) this.#view(stored);
  }

  #get(id: string): StoredResponse {
    const stored = this.#responses.get(id);
    if (stored === undefined || !this.#isRetrievable(stored)) throw notFound('Response', id);
    return stored;
  }

  #isRetrievable({ request, expiresAt }: StoredResponse): boolean {
    return (request.store !== false || request.background === true) && this.#clock.now() < expiresAt;
  }

  #view(stored: StoredResponse): ResponseObject {
    if (stored.final !== undefined) return stored.final;
    const elapsed = this.#clock.now() - stored.createdAt;
    const { milliseconds, pollsUntilFinished } = this.#pace;
    if ((elapsed >= milliseconds || stored.polls >= pollsUntilFinished) && !stored.staysInProgress)
      return this.#finish(stored, stored.outcome.status);
    const isQueued = elapsed < milliseconds / 3 && stored.polls === 0;
    return { ...stored.base, status: isQueued ? 'queued' : 'in_progress' };
  }

  #finish(stored: StoredResponse, status: ResponseStatus): ResponseObject {
    const { base, history, input, outcome, conversation, request } = stored;
    const output = status === 'cancelled' ? [] : outcome.output;
    stored.final = {
      ...base,
      status,
      output,
      completed_at: status === 'completed' ? inSeconds(this.#clock) : null,
      error: status === 'cancelled' ? null : outcome.error,
      incomplete_details: status === 'cancelled' ? null : outcome.incompleteDetails,
      usage: status === 'cancelled' || status === 'failed' ? null : usageOf([...history, ...input], request, output),
    };
    if (conversation !== undefined) {
      this.#conversations.unlock(conversation);
      if (status === 'completed') conversation.items = [...conversation.items, ...input, ...output];
    }
    return stored.final;
  }

  #forgetExpired(): void {
    for (const [id, { expiresAt }] of this.#responses) if (this.#clock.now() >= expiresAt) this.forget(id);
  }
}

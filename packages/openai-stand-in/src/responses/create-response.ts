import type { Clock } from '../clock.ts';
import { withId, type Conversation, type ConversationStore } from '../conversations/conversation-store.ts';
import { checkPairing } from '../call-pairing.ts';
import type { RequestFaults } from '../faults/fault-book.ts';
import { newId } from '../ids.ts';
import type { Item } from '../item.ts';
import type { JsonObject } from '../json-value.ts';
import { badRequest, modelNotFound, previousResponseNotFound } from '../openai-error.ts';
import type { ScriptInput } from '../scripts/script.ts';
import type { ScriptBook } from '../scripts/script-book.ts';
import { acceptReplay, invalidEncryptedContent } from './check-replay.ts';
import { checkRequest, functionToolsOf, toolChoiceOf } from './check-request.ts';
import { performReply, type ReplyOutcome } from './perform-reply.ts';
import type { CreateResponseRequest } from './request-schema.ts';
import { newResponseObject, type ResponseObject } from './response-object.ts';
import { tenMinutesMs, thirtyDaysMs, type ResponseStore } from './response-store.ts';

type Parts = {
  readonly clock: Clock;
  readonly responses: ResponseStore;
  readonly conversations: ConversationStore;
  readonly scripts: ScriptBook;
  readonly retiredModels: ReadonlySet<string>;
};

/** Handles `POST /v1/responses`: finds the continued items, checks the request, and takes the model's turn. */
export class ResponseCreator {
  readonly #parts: Parts;
  /** Call ids that a script used twice in one response. */
  readonly #repeatedCallIds = new Set<string>();
  readonly #reasoningBefore = new Map<string, string>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Creates and stores the response. Returns its first state. @throws OpenAIError. */
  async create(request: CreateResponseRequest, faults: RequestFaults): Promise<ResponseObject> {
    const { clock, responses, conversations, retiredModels } = this.#parts;
    checkRequest(request);
    if (retiredModels.has(request.model)) throw modelNotFound(request.model);
    const conversation = this.#conversationOf(request);
    const history = conversation?.items ?? this.#historyOf(request, faults);
    const { items: input, transformations } = this.#acceptInput(request, history, faults);
    checkPairing(history, input, { repeatedCallIds: this.#repeatedCallIds });

    const id = newId('resp');
    if (conversation !== undefined) conversations.lock(conversation, id);
    try {
      await faults.pause('during');
      const outcome = this.#perform(request, [...history, ...input]);
      const base = newResponseObject(id, request, clock, conversation?.id ?? null);
      const keptOnlyForPolling = request.background === true && request.store !== true;
      return responses.add({
        request,
        base: { ...base, input_transformations: transformations },
        history,
        input,
        outcome,
        conversation,
        createdAt: clock.now(),
        expiresAt: clock.now() + (keptOnlyForPolling ? tenMinutesMs : thirtyDaysMs),
        staysInProgress: request.background === true && faults.take('stay_in_progress') !== undefined,
        polls: 0,
        final: undefined,
      });
    } catch (error) {
      if (conversation !== undefined) conversations.unlock(conversation);
      throw error;
    }
  }

  /** The items that a request continues, if they are found. Checks nothing and changes no state. */
  peekHistory(body: JsonObject): readonly Item[] {
    const { conversation, previous_response_id: parent } = body;
    if (typeof parent === 'string') {
      const found = this.#parts.responses.find(parent);
      return found === undefined ? [] : [...found.stored.history, ...found.stored.input, ...found.response.output];
    }
    const id =
      typeof conversation === 'string' ? conversation : (conversation as { id?: unknown } | null | undefined)?.id;
    return typeof id === 'string' ? (this.#parts.conversations.find(id)?.items ?? []) : [];
  }

  #conversationOf({ conversation }: CreateResponseRequest): Conversation | undefined {
    if (conversation === undefined || conversation === null) return undefined;
    const found = this.#parts.conversations.get(typeof conversation === 'string' ? conversation : conversation.id);
    this.#parts.responses.settle(found);
    return found;
  }

  #historyOf({ previous_response_id: id }: CreateResponseRequest, faults: RequestFaults): readonly Item[] {
    if (typeof id !== 'string') return [];
    const { responses } = this.#parts;
    if (responses.find(id) !== undefined && faults.take('forget_parent') !== undefined) responses.forget(id);
    const found = responses.find(id);
    if (found === undefined || found.stored.request.store === false) {
      throw previousResponseNotFound(id, faults.take('unknown_parent_404') === undefined ? 400 : 404);
    }
    const { stored, response } = found;
    if (response.status === 'queued' || response.status === 'in_progress')
      throw badRequest(
        `Previous response with id '${id}' is not finished: its status is '${response.status}'.`,
        'previous_response_id',
      );
    return [...stored.history, ...stored.input, ...response.output];
  }

  #acceptInput(
    request: CreateResponseRequest,
    history: readonly Item[],
    faults: RequestFaults,
  ): ReturnType<typeof acceptReplay> {
    const { input = [], model } = request;
    const items: readonly Item[] =
      typeof input === 'string'
        ? [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: input }] }]
        : input;
    const encrypted = items.find((item) => item.type === 'reasoning' && typeof item['encrypted_content'] === 'string');
    if (encrypted !== undefined && faults.take('refuse_encrypted_reasoning') !== undefined)
      throw invalidEncryptedContent(String(encrypted.id));
    const findItem = (id: string) => history.find((item) => item.id === id) ?? this.#parts.responses.findItem(id);
    const accepted = acceptReplay(items, { model, history, findItem, reasoningBefore: this.#reasoningBefore });
    return { ...accepted, items: accepted.items.map(withId) };
  }

  #perform(request: CreateResponseRequest, items: readonly Item[]): ReplyOutcome {
    const format = request.text?.format;
    const scriptInput: ScriptInput = {
      model: request.model,
      items,
      tools: functionToolsOf(request),
      toolChoice: toolChoiceOf(request),
      parallelToolCalls: request.parallel_tool_calls ?? true,
      maxOutputTokens: request.max_output_tokens ?? null,
      outputSchema: format?.type === 'json_schema' ? format.schema : null,
      metadata: request.metadata ?? {},
    };
    const reply = this.#parts.scripts.reply(scriptInput);
    if (reply.modelRetired === true) throw modelNotFound(request.model);
    const encrypted = request.store === false || (request.include ?? []).includes('reasoning.encrypted_content');
    const outcome = performReply(reply, scriptInput, { encrypted });
    this.#remember(outcome.output);
    return outcome;
  }

  #remember(output: readonly Item[]): void {
    const callIds = output.flatMap(({ call_id: callId }) => (callId === undefined ? [] : [callId]));
    for (const [index, callId] of callIds.entries())
      if (callIds.indexOf(callId) !== index) this.#repeatedCallIds.add(callId);
    for (const [index, item] of output.entries()) {
      const before = output[index - 1];
      if (before?.type === 'reasoning' && before.id !== undefined && item.id !== undefined)
        this.#reasoningBefore.set(item.id, before.id);
    }
  }
}

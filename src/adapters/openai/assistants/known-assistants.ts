import { digestOf } from '@holdpoint/json/canonical';
import type { OpenAI } from 'openai';
import type { Assistant } from '../../../assistant/assistant.ts';
import type { JsonObject } from '@holdpoint/json';

/** Pages of a hundred that are searched before an assistant is created. */
const mostPages = 20;

/**
 * The ids of assistants at OpenAI. An assistant is the one that the definition names, else an earlier one with the
 * definition's digest in its metadata, else a new one. Two workers may create one each, and both work.
 */
export class KnownAssistants {
  readonly #client: OpenAI;
  readonly #ids = new Map<string, string>();

  constructor(client: OpenAI) {
    this.#client = client;
  }

  async idOf(assistant: Assistant, signal: AbortSignal): Promise<string> {
    if (assistant.assistantId !== null) return assistant.assistantId;
    const body = bodyOf(assistant);
    const key = digestOf(body);
    const known = this.#ids.get(key) ?? (await this.#find(key, signal)) ?? (await this.#make(body, key, signal));
    this.#ids.set(key, known);
    return known;
  }

  /** Forgets a deleted assistant. The next `idOf` searches for it or creates it. */
  forget(assistant: Assistant): void {
    this.#ids.delete(digestOf(bodyOf(assistant)));
  }

  async #find(key: string, signal: AbortSignal): Promise<string | undefined> {
    let seen = 0;
    for await (const { id, metadata } of this.#client.beta.assistants.list({ order: 'asc', limit: 100 }, { signal })) {
      if (metadata?.['holdpoint_definition'] === key) return id;
      seen += 1;
      if (seen >= mostPages * 100) return undefined;
    }
    return undefined;
  }

  async #make(body: JsonObject, key: string, signal: AbortSignal): Promise<string> {
    const made = { ...body, metadata: { holdpoint_definition: key } } as unknown as OpenAI.Beta.AssistantCreateParams;
    return (await this.#client.beta.assistants.create(made, { signal })).id;
  }
}

function bodyOf({ name, model, instructions, tools, strict }: Assistant): JsonObject {
  return {
    name,
    model,
    ...(instructions !== null && { instructions }),
    tools: tools.map((tool) => ({
      type: 'function',
      function: {
        name: tool.name,
        description: tool.description,
        parameters: tool.parametersSchema,
        ...(strict !== null && { strict }),
      },
    })),
  };
}

import type { z } from 'zod';
import { inSeconds, type Clock } from '../clock.ts';
import { modelNotFound } from '../openai-error.ts';
import { checkFunctionParameters } from '../responses/strict-schema.ts';
import { nothingFound } from './assistants-errors.ts';
import { newAssistantsId } from './assistants-id.ts';
import type { AssistantsTool, createAssistantSchema, updateAssistantSchema } from './assistants-schema.ts';

/** An assistant in its wire form. */
export type AssistantObject = {
  readonly id: string;
  readonly model: string;
  readonly instructions: string | null;
  readonly tools: readonly AssistantsTool[];
  readonly temperature: number | null;
  readonly top_p: number | null;
  readonly response_format: unknown;
  readonly [field: string]: unknown;
};

/** @throws OpenAIError 400 for a function with an invalid parameter schema. */
export function checkTools(tools: readonly AssistantsTool[] | null | undefined): void {
  for (const [index, tool] of (tools ?? []).entries()) {
    if (tool.type !== 'function' || !('function' in tool)) continue;
    const { name, parameters, strict } = tool.function;
    checkFunctionParameters(name, parameters, strict === true, `tools[${index}].function.parameters`);
  }
}

/** The assistants of this server, oldest first. */
export class AssistantStore {
  readonly #clock: Clock;
  readonly #retiredModels: ReadonlySet<string>;
  readonly #assistants = new Map<string, AssistantObject>();

  constructor(clock: Clock, retiredModels: ReadonlySet<string>) {
    this.#clock = clock;
    this.#retiredModels = retiredModels;
  }

  create(request: z.infer<typeof createAssistantSchema>): AssistantObject {
    const base: AssistantObject = {
      id: newAssistantsId('asst'),
      object: 'assistant',
      created_at: inSeconds(this.#clock),
      model: request.model,
      name: null,
      description: null,
      instructions: null,
      tools: [],
      tool_resources: null,
      metadata: {},
      temperature: 1,
      top_p: 1,
      response_format: 'auto',
    };
    return this.#put(base, request);
  }

  update(id: string, request: z.infer<typeof updateAssistantSchema>): AssistantObject {
    return this.#put(this.get(id), request);
  }

  /** @throws OpenAIError 404. */
  get(id: string): AssistantObject {
    const assistant = this.#assistants.get(id);
    if (assistant === undefined) throw nothingFound('assistant', id);
    return assistant;
  }

  list(): readonly AssistantObject[] {
    return [...this.#assistants.values()];
  }

  delete(id: string): void {
    this.#assistants.delete(this.get(id).id);
  }

  #put(base: AssistantObject, request: z.infer<typeof updateAssistantSchema>): AssistantObject {
    if (request.model !== undefined && this.#retiredModels.has(request.model)) throw modelNotFound(request.model);
    checkTools(request.tools);
    const given = Object.fromEntries(
      Object.entries(request).filter(([, value]) => value !== undefined && value !== null),
    );
    const assistant: AssistantObject = { ...base, ...given };
    this.#assistants.set(assistant.id, assistant);
    return assistant;
  }
}

import type { JsonObject } from '../domain/json.ts';
import type { Assistant } from './assistant.ts';
import { branded, hasBrand } from './brand.ts';
import { deepFrozen } from './deep-frozen.ts';
import { checkOneOf, checkOptions, checkText, durationMs, refuse, shown } from './invalid-definition.ts';
import type { Duration, Tool } from './tool.ts';

/** What `defineAssistant` takes. */
export type AssistantDefinition = {
  /** 1 to 64 of `a-z A-Z 0-9 _ -`; what runs are started by. */
  name: string;
  /** Which OpenAI API it is reached by. Default `responses`, which compatible servers have too. */
  api?: 'responses';
  /** The model's name as OpenAI or the compatible server knows it, for example `gpt-5`. */
  model: string;
  /** What the model is told before everything else. Sent with every turn, so a change reaches open runs. */
  instructions?: string;
  /** Up to 128 tools made by `defineTool`, with different names. Default none. */
  tools?: readonly Tool[];
  /** Turns before a run fails with `MaxTurnsExceeded`; a run may bring its own number. Default 50. */
  maxTurns?: number;
  /** Whether OpenAI keeps the responses (30 days). False: every turn sends the whole transcript. Default true. */
  store?: boolean;
  /**
   * True lets OpenAI work in the background and polls it, for turns that take many minutes. `deadline` is when we give
   * a turn up and cancel it there: text (`'1 hour'`, the default) or milliseconds.
   */
  background?: boolean | { deadline?: Duration };
  /** `'run'`: one OpenAI conversation for each run. `{ id }`: that conversation. Default: chained by response id. */
  conversation?: 'run' | { id: string };
  /** Whether the model may ask for several calls in one turn. Default true. */
  parallelToolCalls?: boolean;
  /**
   * Further fields of OpenAI's request as they are: `temperature`, `reasoning`, `max_output_tokens`, `tool_choice`, ….
   * `stream: false` for a server that can't stream. What Holdpoint sets by itself is refused.
   */
  modelSettings?: JsonObject;
  /** This assistant's own Cheqpoint Connection Key. Default: `CHEQPOINT_CONNECTION_KEY`. Never logged. */
  connectionKey?: string;
};

const options = ['name', 'api', 'model', 'instructions', 'tools', 'maxTurns', 'store', 'background', 'conversation', 'parallelToolCalls', 'modelSettings', 'connectionKey'];

const setByHoldpoint: Record<string, string> = {
  model: 'Use the option model.',
  instructions: 'Use the option instructions.',
  tools: 'Use the option tools.',
  store: 'Use the option store.',
  background: 'Use the option background.',
  conversation: 'Use the option conversation.',
  parallel_tool_calls: 'Use the option parallelToolCalls.',
  input: "It is the run's own.",
  previous_response_id: "It is the run's own.",
  metadata: 'Holdpoint writes the run and the turn there.',
  stream_options: 'Holdpoint reads the stream.',
};

const mostTools = 128;

/**
 * Defines an assistant: a model, what it is told, and the tools it may ask for.
 * @throws InvalidDefinition at once for anything wrong: which assistant, which option, what to do.
 */
export function defineAssistant(input: AssistantDefinition): Assistant {
  const owner = `Assistant ${shown((input as { name?: unknown } | undefined)?.name)}`;
  checkOptions(owner, 'the definition', input, options);
  if (typeof input.name !== 'string' || !/^[a-zA-Z0-9_-]{1,64}$/.test(input.name)) refuse(owner, 'name must be 1 to 64 letters, digits, "_" or "-".');
  checkOneOf(owner, 'api', input.api, ['responses']);
  if (input.model === undefined) refuse(owner, "model is missing. Write the model's name, for example 'gpt-5'.");
  checkText(owner, 'model', input.model);
  if (input.instructions !== undefined && typeof input.instructions !== 'string') refuse(owner, 'instructions must be a text.');
  if (input.maxTurns !== undefined && !(Number.isSafeInteger(input.maxTurns) && input.maxTurns > 0)) refuse(owner, `maxTurns must be a whole number above zero, not ${shown(input.maxTurns)}.`);
  checkOneOf(owner, 'store', input.store, [true, false]);
  checkOneOf(owner, 'parallelToolCalls', input.parallelToolCalls, [true, false]);
  if (input.connectionKey !== undefined && (typeof input.connectionKey !== 'string' || input.connectionKey.trim() === '')) refuse(owner, 'connectionKey must be a Cheqpoint Connection Key, or left out to use CHEQPOINT_CONNECTION_KEY.');
  checkTools(owner, input.tools);
  checkModelSettings(owner, input.modelSettings);
  const background = backgroundOf(owner, input.background);
  const conversation = conversationOf(owner, input.conversation);
  if (input.store === false && background) refuse(owner, 'background needs a stored response to poll. Leave background out, or store: false.');
  if (input.store === false && conversation) refuse(owner, 'a conversation is kept at OpenAI. Leave conversation out, or store: false.');
  return branded('assistant', {
    name: input.name,
    api: input.api ?? 'responses',
    model: input.model,
    instructions: input.instructions ?? null,
    tools: Object.freeze([...(input.tools ?? [])]),
    maxTurns: input.maxTurns ?? null,
    store: input.store ?? true,
    background,
    conversation,
    parallelToolCalls: input.parallelToolCalls ?? true,
    modelSettings: deepFrozen(structuredClone(input.modelSettings ?? {})),
    connectionKey: input.connectionKey ?? null,
  } satisfies Assistant);
}

function checkTools(owner: string, tools: unknown): void {
  if (tools === undefined) return;
  if (!Array.isArray(tools)) refuse(owner, 'tools must be an array of tools made by defineTool.');
  if (tools.length > mostTools) refuse(owner, `tools has ${tools.length} tools, and OpenAI takes ${mostTools}. Split the assistant.`);
  const names = new Set<string>();
  for (const [position, tool] of tools.entries()) {
    if (!hasBrand('tool', tool)) refuse(owner, `tools[${position}] was not made by defineTool. Wrap it: defineTool({ … }).`);
    const { name } = tool as Tool;
    if (names.has(name)) refuse(owner, `tools has two tools named "${name}". Rename one.`);
    names.add(name);
  }
}

function checkModelSettings(owner: string, settings: unknown): void {
  if (settings === undefined) return;
  if (!isPlain(settings)) refuse(owner, 'modelSettings must be an object of fields of the OpenAI request.');
  for (const [field, advice] of Object.entries(setByHoldpoint)) {
    if (Object.hasOwn(settings, field)) refuse(owner, `modelSettings.${field} is set by Holdpoint. ${advice}`);
  }
  if (Object.hasOwn(settings, 'stream') && settings['stream'] !== false) refuse(owner, 'modelSettings.stream can only be false: Holdpoint streams by itself where the server can.');
  const odd = Object.keys(settings).find((field) => !isJson(settings[field]));
  if (odd !== undefined) refuse(owner, `modelSettings.${odd} must be JSON: texts, finite numbers, true, false, null, arrays and plain objects.`);
  const include = settings['include'];
  if (include !== undefined && !(Array.isArray(include) && include.every((one) => typeof one === 'string'))) refuse(owner, 'modelSettings.include must be an array of texts.');
}

function isJson(value: unknown): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (Array.isArray(value)) return value.every(isJson);
  return isPlain(value) && Object.values(value).every(isJson);
}

function isPlain(value: unknown): value is { [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null);
}

function backgroundOf(owner: string, background: AssistantDefinition['background']): Assistant['background'] {
  if (background === undefined || background === false) return null;
  if (background === true) return Object.freeze({ deadlineMs: durationMs(owner, 'background.deadline', '1 hour') });
  checkOptions(owner, 'background', background, ['deadline']);
  return Object.freeze({ deadlineMs: durationMs(owner, 'background.deadline', background.deadline ?? '1 hour') });
}

function conversationOf(owner: string, conversation: AssistantDefinition['conversation']): Assistant['conversation'] {
  if (conversation === undefined) return null;
  if (conversation === 'run') return 'run';
  if (typeof conversation === 'string') refuse(owner, `conversation must be 'run' or { id: 'conv_…' }, not ${shown(conversation)}.`);
  checkOptions(owner, 'conversation', conversation, ['id']);
  checkText(owner, 'conversation.id', conversation.id);
  return Object.freeze({ id: conversation.id });
}

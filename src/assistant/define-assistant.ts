import type { Json } from '@holdpoint/json';
import type { Assistant } from './assistant.ts';
import { branded, hasBrand } from './brand.ts';
import {
  checkDuration,
  checkOneOf,
  checkOptions,
  checkText,
  refuse,
  shown,
  type SpanLimit,
} from './invalid-definition.ts';
import { checkModelSettings, readModelSettings } from './model-settings.ts';
import { checkReviewBy } from './check-review-by.ts';
import type { ReviewBy } from './review-by.ts';
import type { Duration, RunFacts, Tool } from './tool.ts';

/** The options of `defineAssistant`. */
export type AssistantDefinition = {
  /** The name by which runs are started: 1 to 64 of `a-z A-Z 0-9 _ -`. */
  name: string;
  /**
   * The OpenAI API. Compatible servers have `responses` too. `assistants` (threads, runs, `submit_tool_outputs`) is for
   * servers that still have it: OpenAI ended it on 2026-08-26.
   * @default 'responses'
   */
  api?: Assistant['api'];
  /**
   * The model's name at OpenAI or the compatible server, for example `gpt-5`. Required without `assistantId`.
   * @default the model of the existing assistant
   */
  model?: string;
  /** The system prompt. A change reaches open runs with their next request. */
  instructions?: string;
  /**
   * Up to 128 tools of `defineTool` or `fromAgentsTool`, with different names.
   * @default []
   */
  tools?: readonly Tool[];
  /**
   * Turns before a run fails with `MaxTurnsExceeded`. A run may set its own number.
   * @default 50
   */
  maxTurns?: number;
  /**
   * `responses` only. Whether OpenAI keeps the responses (30 days). If false, every turn sends the whole transcript.
   * `undefined` sends nothing, for a server that refuses the field.
   * @default true
   */
  store?: boolean | undefined;
  /**
   * `responses` only. Whether a turn continues the last response by `previous_response_id`. If false, every turn sends
   * the whole transcript, for a server that can't continue responses.
   * @default true
   */
  chain?: boolean;
  /**
   * `responses` only. True lets OpenAI work in the background and polls it, for turns that take many minutes. After
   * `deadline` (text or milliseconds, default `'1 hour'`) the turn is cancelled at OpenAI.
   * @default false
   */
  background?: boolean | { deadline?: Duration };
  /**
   * `responses` only. `'run'`: one OpenAI conversation for each run. `{ id }`: this conversation.
   * @default responses are chained by id, without a conversation
   */
  conversation?: 'run' | { id: string };
  /**
   * `assistants` only. The id of an existing assistant (`asst_…`). It keeps its tools: declare the same ones here, so
   * that they can run. `model` and `instructions` override its own.
   * @default an assistant made from this definition, reused while the definition stays the same
   */
  assistantId?: string;
  /**
   * `assistants` only. An existing thread: its id (`thread_…`), or a function that finds the id for a run, for example
   * in its `context`, and returns null for a new thread.
   * @default a new thread for each run
   */
  thread?: string | ((run: RunFacts<never>) => string | null | Promise<string | null>);
  /**
   * True if the model may make several calls in one turn. `undefined` leaves the field out of the request.
   * @default true
   */
  parallelToolCalls?: boolean | undefined;
  /**
   * True if the model must follow the tools' schemas (`strict`). `undefined` leaves the field out of the request.
   * @default true
   */
  strict?: boolean | undefined;
  /**
   * Further fields of OpenAI's request: `temperature`, `reasoning`, `max_output_tokens`, `tool_choice`, …
   * (`assistants`: `reasoning_effort`, `max_completion_tokens`, …). `stream: false` is for a server that can't stream.
   * Fields that Holdpoint sets are refused. `metadata: undefined` and `include: undefined` leave these out. A
   * `tool_choice` that forces a call holds for the first turn after each message of the user.
   * @default {}
   */
  modelSettings?: { [field: string]: Json | undefined };
  /**
   * The assistant's Cheqpoint Connection Key. Never logged.
   * @default the variable CHEQPOINT_CONNECTION_KEY
   */
  connectionKey?: string;
  /**
   * Groups of the review server that decide on calls of tools without `review.by`.
   * @default any reviewer
   */
  reviewBy?: ReviewBy;
  /**
   * The field of the run's `context` that names the person the run acts for, with dots between keys, such as
   * `'customer.agent'`. This person can't approve the run's calls. The value is a text, or an object with `email`,
   * `name` or `id`. It is shown to reviewers.
   * @default 'user', else 'onBehalfOf', else 'requestedBy'
   */
  actsFor?: string;
};

const options = [
  'name',
  'api',
  'model',
  'instructions',
  'tools',
  'maxTurns',
  'store',
  'chain',
  'background',
  'conversation',
  'assistantId',
  'thread',
  'parallelToolCalls',
  'strict',
  'modelSettings',
  'connectionKey',
  'reviewBy',
  'actsFor',
];

/** Options of one API only, with the advice for the other. */
const ofResponses = {
  store: 'Leave it out: threads are always kept there.',
  chain: 'Leave it out: threads are always kept there.',
  background: 'Leave it out: every run works in the background there.',
  conversation: "Use thread: 'thread_…', or leave it out for a new thread for each run.",
};
const ofAssistants = {
  assistantId: 'Write model, instructions and tools instead.',
  thread: "Use conversation: 'run', or { id: 'conv_…' }.",
};

/** `takeTurn` ends after 24 hours. */
const longestTurn: SpanLimit = {
  ms: 24 * 60 * 60_000,
  shown: '24 hours',
  advice: 'A turn ends after that.',
};

const mostTools = 128;

/**
 * Defines an assistant: a model, its instructions and its tools.
 * @example
 * const support = defineAssistant({
 *   name: 'support',
 *   model: 'gpt-5',
 *   instructions: 'Help customers with their payments.',
 *   tools: [refund],
 * });
 * @throws InvalidDefinition for an invalid option. The message names the assistant and the option, and says what to
 * write instead.
 */
export function defineAssistant(input: AssistantDefinition): Assistant {
  const owner = `Assistant ${shown((input as { name?: unknown } | undefined)?.name)}`;
  checkOptions(owner, 'the definition', input, options);
  if (typeof input.name !== 'string' || !/^[a-zA-Z0-9_-]{1,64}$/.test(input.name))
    refuse(owner, 'name must be 1 to 64 letters, digits, "_" or "-".');
  checkOneOf(owner, 'api', input.api, ['responses', 'assistants']);
  const { api = 'responses' } = input;
  checkForApi(owner, api, input);
  if (input.model === undefined && input.assistantId === undefined)
    refuse(owner, "model is missing. Write the model's name, for example 'gpt-5'.");
  if (input.model !== undefined) checkText(owner, 'model', input.model);
  if (input.instructions !== undefined && typeof input.instructions !== 'string')
    refuse(owner, 'instructions must be a text.');
  if (input.maxTurns !== undefined && !(Number.isSafeInteger(input.maxTurns) && input.maxTurns > 0))
    refuse(owner, `maxTurns must be a whole number above zero, not ${shown(input.maxTurns)}.`);
  checkOneOf(owner, 'store', input.store, [true, false]);
  checkOneOf(owner, 'chain', input.chain, [true, false]);
  checkOneOf(owner, 'strict', input.strict, [true, false]);
  checkOneOf(owner, 'parallelToolCalls', input.parallelToolCalls, [true, false]);
  if (
    input.connectionKey !== undefined &&
    (typeof input.connectionKey !== 'string' || input.connectionKey.trim() === '')
  )
    refuse(owner, 'connectionKey must be a Cheqpoint Connection Key, or left out to use CHEQPOINT_CONNECTION_KEY.');
  checkReviewBy(owner, 'reviewBy', input.reviewBy);
  if (input.actsFor !== undefined) checkText(owner, 'actsFor', input.actsFor);
  checkTools(owner, input.tools);
  checkModelSettings(owner, api, input.modelSettings);
  const background = backgroundOf(owner, input.background);
  const conversation = conversationOf(owner, input.conversation);
  if (input.store === false && background)
    refuse(owner, 'background needs a stored response to poll. Leave background out, or store: false.');
  if (input.store === false && conversation)
    refuse(owner, 'a conversation is kept at OpenAI. Leave conversation out, or store: false.');
  return branded('assistant', {
    name: input.name,
    api,
    model: input.model ?? null,
    instructions: input.instructions ?? null,
    tools: Object.freeze([...(input.tools ?? [])]),
    maxTurns: input.maxTurns ?? null,
    store: input.store ?? unset(input, 'store', true),
    chain: input.chain ?? true,
    background,
    conversation,
    assistantId: input.assistantId ?? null,
    thread: input.thread ?? null,
    parallelToolCalls: input.parallelToolCalls ?? unset(input, 'parallelToolCalls', true),
    strict: input.strict ?? unset(input, 'strict', true),
    ...readModelSettings(input.modelSettings),
    connectionKey: input.connectionKey ?? null,
    ...(input.reviewBy !== undefined && { reviewBy: input.reviewBy }),
    ...(input.actsFor !== undefined && { actsFor: input.actsFor }),
  } satisfies Assistant);
}

/** Null (send nothing) for an option that is explicitly `undefined`, else its default. */
function unset(input: AssistantDefinition, option: keyof AssistantDefinition, byDefault: boolean): boolean | null {
  return Object.hasOwn(input, option) ? null : byDefault;
}

function checkForApi(owner: string, api: Assistant['api'], input: AssistantDefinition): void {
  const [others, other] = api === 'responses' ? [ofAssistants, 'assistants'] : [ofResponses, 'responses'];
  for (const [option, advice] of Object.entries(others)) {
    if (input[option as keyof AssistantDefinition] !== undefined)
      refuse(owner, `${option} is of api: '${other}', and this assistant has api: '${api}'. ${advice}`);
  }
  if (input.assistantId !== undefined) checkText(owner, 'assistantId', input.assistantId);
  if (input.thread !== undefined && typeof input.thread !== 'function') checkText(owner, 'thread', input.thread);
}

function checkTools(owner: string, tools: unknown): void {
  if (tools === undefined) return;
  if (!Array.isArray(tools)) refuse(owner, 'tools must be an array of tools made by defineTool.');
  if (tools.length > mostTools)
    refuse(owner, `tools has ${tools.length} tools, and OpenAI takes ${mostTools}. Split the assistant.`);
  const names = new Set<string>();
  for (const [position, tool] of tools.entries()) {
    if (!hasBrand('tool', tool))
      refuse(owner, `tools[${position}] was not made by defineTool. Wrap it: defineTool({ … }).`);
    const { name } = tool as Tool;
    if (names.has(name)) refuse(owner, `tools has two tools named "${name}". Rename one.`);
    names.add(name);
  }
}

function backgroundOf(owner: string, background: AssistantDefinition['background']): Assistant['background'] {
  if (background === undefined || background === false) return null;
  if (background !== true) checkOptions(owner, 'background', background, ['deadline']);
  const deadline = background === true ? undefined : background.deadline;
  return Object.freeze({ deadlineMs: checkDuration(owner, 'background.deadline', deadline ?? '1 hour', longestTurn) });
}

function conversationOf(owner: string, conversation: AssistantDefinition['conversation']): Assistant['conversation'] {
  if (conversation === undefined) return null;
  if (conversation === 'run') return 'run';
  if (typeof conversation === 'string')
    refuse(owner, `conversation must be 'run' or { id: 'conv_…' }, not ${shown(conversation)}.`);
  checkOptions(owner, 'conversation', conversation, ['id']);
  checkText(owner, 'conversation.id', conversation.id);
  return Object.freeze({ id: conversation.id });
}

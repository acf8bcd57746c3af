import type { Json, JsonObject } from '@holdpoint/json';
import type { Assistant } from './assistant.ts';
import { deepFrozen } from './deep-frozen.ts';
import { refuse } from './invalid-definition.ts';

const setByHoldpoint: Record<string, string> = {
  model: 'Use the option model.',
  instructions: 'Use the option instructions.',
  tools: 'Use the option tools.',
  parallel_tool_calls: 'Use the option parallelToolCalls.',
  metadata: 'Holdpoint writes the run and the turn there; `metadata: undefined` leaves it out.',
};

/** Fields of one API that Holdpoint sets, with the advice. */
const ofThisApi: Record<Assistant['api'], Record<string, string>> = {
  responses: {
    store: 'Use the option store.',
    background: 'Use the option background.',
    conversation: 'Use the option conversation.',
    input: 'Holdpoint fills it for each run.',
    previous_response_id: 'Holdpoint fills it for each run.',
    stream_options: 'Holdpoint reads the stream.',
  },
  assistants: {
    assistant_id: 'Use the option assistantId.',
    thread_id: 'Use the option thread.',
    thread: 'Use the option thread.',
    additional_messages: 'Holdpoint fills them for each run.',
    stream: 'Holdpoint polls runs of the Assistants API.',
  },
};

const ofOtherApi: Record<Assistant['api'], Record<string, string>> = {
  responses: {
    max_completion_tokens: 'Write max_output_tokens.',
    max_prompt_tokens: 'Leave it out.',
    reasoning_effort: 'Write reasoning: { effort }.',
    response_format: 'Write text: { format }.',
    truncation_strategy: 'Write truncation.',
  },
  assistants: {
    max_output_tokens: 'Write max_completion_tokens; it counts for all turns of one run at OpenAI together.',
    reasoning: 'Write reasoning_effort.',
    text: 'Write response_format.',
    truncation: 'Write truncation_strategy.',
    include: 'Leave it out.',
    store: 'Leave it out: threads are always kept.',
    background: 'Leave it out: every run works in the background there.',
    conversation: 'Use the option thread.',
    previous_response_id: 'Leave it out.',
  },
};

/** Refuses settings that are not JSON, that Holdpoint sets, or that belong to the other API. */
export function checkModelSettings(owner: string, api: Assistant['api'], settings: unknown): void {
  if (settings === undefined) return;
  if (!isPlain(settings)) refuse(owner, 'modelSettings must be an object of fields of the OpenAI request.');
  for (const [field, advice] of Object.entries({ ...setByHoldpoint, ...ofThisApi[api] })) {
    if (settings[field] !== undefined) refuse(owner, `modelSettings.${field} is set by Holdpoint. ${advice}`);
  }
  for (const [field, advice] of Object.entries(ofOtherApi[api])) {
    if (settings[field] !== undefined) refuse(owner, `modelSettings.${field} is not in api: '${api}'. ${advice}`);
  }
  if (settings['stream'] !== undefined && settings['stream'] !== false)
    refuse(owner, 'modelSettings.stream can only be false: Holdpoint streams where the server can.');
  const odd = Object.keys(settings).find((field) => settings[field] !== undefined && !isJson(settings[field]));
  if (odd !== undefined)
    refuse(
      owner,
      `modelSettings.${odd} must be JSON: texts, finite numbers, true, false, null, arrays and plain objects.`,
    );
  const include = settings['include'];
  if (include !== undefined && !(Array.isArray(include) && include.every((one) => typeof one === 'string')))
    refuse(owner, 'modelSettings.include must be an array of texts.');
}

/** The settings to send, and the names of the fields that `undefined` leaves out. */
export function readModelSettings(
  settings: { [field: string]: Json | undefined } = {},
): Pick<Assistant, 'modelSettings' | 'leavesOut'> {
  const fields = Object.entries(settings);
  return {
    modelSettings: deepFrozen(
      structuredClone(Object.fromEntries(fields.filter(([, value]) => value !== undefined)) as JsonObject),
    ),
    leavesOut: Object.freeze(fields.filter(([, value]) => value === undefined).map(([field]) => field)),
  };
}

function isJson(value: unknown): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (Array.isArray(value)) return value.every(isJson);
  return isPlain(value) && Object.values(value).every(isJson);
}

function isPlain(value: unknown): value is { [key: string]: unknown } {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null)
  );
}

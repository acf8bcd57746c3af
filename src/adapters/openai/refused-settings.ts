import type { JsonObject } from '@holdpoint/json';
import { withoutKnownFields, type DescribedError } from './described-error.ts';
import type { SurfaceLog } from './surface-log.ts';

/** Fields that a request can leave out, each with the assistant's setting that leaves it out from the start. */
export const droppable = {
  parallel_tool_calls: 'parallelToolCalls: undefined',
  store: 'store: undefined',
  tool_choice: 'no modelSettings.tool_choice',
  strict: 'strict: undefined',
  metadata: 'modelSettings: { metadata: undefined }',
  include: 'modelSettings: { include: undefined }',
  stream: 'modelSettings: { stream: false }',
  background: 'no background',
} as const;

export type Droppable = keyof typeof droppable;

const names = Object.keys(droppable) as Droppable[];

/** Names that are ordinary words too. They count only if the refusal marks them as a name, for example by quotes. */
const ordinaryWords: readonly string[] = ['store', 'strict', 'stream', 'metadata', 'include', 'background'];

/** The same settings in words. */
const inWords: Partial<Record<Droppable, RegExp>> = {
  parallel_tool_calls: /\bparallel (tool|function)[ -]?(call|use)/i,
  tool_choice: /\btool[ -]choice\b|\bforc(ed|ing) (a )?(tool|function)/i,
  store: /\b(stor(ing|age of)|persist(ing|ence of)) (the )?(model )?(responses?|outputs?|completions?)\b/i,
  stream: /\bstreaming\b|\bstreamed responses?\b/i,
  strict: /\bstrict (mode|schemas?|tools?|function calling)\b|\bstructured outputs\b/i,
  background: /\bbackground (mode|responses?|processing)\b/i,
};

const unsupported =
  /n(ot|'t|’t) (yet )?(be )?(currently )?(supported|implemented|permitted|allowed|accepted|available|recogni[sz]ed|enabled|valid|expected)|unsupported|no (endpoint|model|provider)s? .*support|unimplemented|unknown|unrecogni[sz]ed|unexpected|extra|invalid|additional propert|can(no|')t (be )?use|must (not )?be|does(n't| not) (support|take|accept|allow|implement)|do(n't| not) (support|take|accept|allow)|no support|\brequires?\b|\bonly\b[^.]* (supported|allowed|permitted|accepted|available)|(is|are) (disabled|off|deprecated)/i;

/**
 * The fields of a request that a refusal names. Empty for other refusals, such as one of a schema that is not strict
 * enough.
 */
function refusedSettings(error: DescribedError, body: JsonObject): Droppable[] {
  const { status = 0, param } = error;
  const isRefusal = unsupported.test(error.text);
  const text = withoutKnownFields(error.text);
  if ([401, 402, 408, 409, 429].includes(status) || (status >= 502 && status !== 0)) return [];
  if (/not persisted|invalid schema for function/i.test(text)) return [];
  // A router answers 404 if none of its models takes a field. Any other 404 means that an object is missing.
  const possible = status === 404 ? names.filter((name) => !ordinaryWords.includes(name)) : names;
  return possible.filter(
    (name) => isSent(body, name) && (isParam(param, name) || isNamed(text, name, { status, isRefusal })),
  );
}

function isParam(param: string, name: string): boolean {
  return param === name || param.split(/[.[\]]+/).includes(name);
}

function isNamed(
  text: string,
  name: Droppable,
  { status, isRefusal }: { status: number; isRefusal: boolean },
): boolean {
  if (status === 501 && new RegExp(`\\b${name}\\b`, 'i').test(text)) return true;
  if (!isRefusal) return false;
  if (inWords[name]?.test(text)) return true;
  const marked = new RegExp(`["'\`“‘]${name}["'\`”’]|\\b${name}\\s*[=:]|[.\\]]${name}\\b`, 'i');
  if (marked.test(text)) return true;
  if (!ordinaryWords.includes(name)) return new RegExp(`\\b${name}\\b`, 'i').test(text);
  const asName = `(parameters?|arguments?|fields?|propert(y|ies)|options?|settings?|unsupported|unknown|unrecogni[sz]ed|unexpected|extra)[:,]?\\s+${name}\\b`;
  return new RegExp(
    `\\b${name}\\s+(is|parameter|argument|field|property|option|setting|=|must)\\b|${asName}`,
    'i',
  ).test(text);
}

function isSent(body: JsonObject, name: Droppable): boolean {
  if (name === 'strict')
    return ((body['tools'] ?? []) as JsonObject[]).some(
      (tool) => 'strict' in tool || 'strict' in ((tool['function'] ?? {}) as JsonObject),
    );
  if (name === 'stream') return body['stream'] === true;
  return name in body;
}

type Leaving = {
  log: SurfaceLog;
  request: { runId: string; turn: number; assistant: { name: string } };
  /** Fields that this run leaves out. */
  without: Set<Droppable>;
};

/**
 * Leaves out the fields that a refusal names, for the rest of the run. False if it names no field that is still sent.
 */
export function leaveOut({ log, request, without }: Leaving, error: DescribedError, body: JsonObject): boolean {
  const refused = refusedSettings(error, body).filter((name) => !without.has(name));
  for (const name of refused) {
    without.add(name);
    log.warn(
      { runId: request.runId, turn: request.turn, setting: name, status: error.status },
      `The server refuses "${name}". This run leaves it out from now on. Write ${droppable[name]} in the assistant "${request.assistant.name}" to leave it out from the start.`,
    );
  }
  return refused.length > 0;
}

/** Reads the fields that the run leaves out, as the previous turn stored them. */
export function readWithout(noted: unknown): Set<Droppable> {
  return new Set(Array.isArray(noted) ? names.filter((name) => noted.includes(name)) : []);
}

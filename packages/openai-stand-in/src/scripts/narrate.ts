import { itemsSinceUser, textOf, type Item } from '../item.ts';
import { isJsonObject, parseJsonObject, type JsonObject } from '../json-value.ts';

/** The last sentence of every answer of the built-in scripts. */
const standInNote = "(This answer comes from Holdpoint's stand-in for the model.)";

const longestQuote = 2_000;
const notDonePattern =
  /\bdenied\b|\brejected\b|\bnot carried out\b|^unknown tool\b|^invalid arguments\b|^tool ".*" failed\b|\bunknown whether\b/i;

/** A call since the newest user message, with its output. */
type AnsweredCall = {
  readonly name: string;
  readonly arguments: JsonObject;
  readonly output: string;
};

/** The calls since the newest user message that have an output, in order. */
export function answeredCalls(items: readonly Item[]): readonly AnsweredCall[] {
  const waiting: Item[] = [];
  const answered: AnsweredCall[] = [];
  for (const item of itemsSinceUser(items)) {
    if (item.type === 'function_call') waiting.push(item);
    if (item.type !== 'function_call_output') continue;
    const call = waiting.find(({ call_id }) => call_id === item.call_id);
    if (call === undefined) continue;
    waiting.splice(waiting.indexOf(call), 1);
    answered.push({
      name: String(call['name']),
      arguments: parseJsonObject(String(call['arguments'])) ?? {},
      output: textOf(item['output']),
    });
  }
  return answered;
}

function quote(text: string): string {
  return text.length > longestQuote ? `${text.slice(0, longestQuote)}… (${text.length} characters)` : text;
}

/** The changes that an output reports: in `changedByReviewer`, or as another value for an argument's name. */
function changes(call: AnsweredCall, output: JsonObject): readonly string[] {
  const named = output['changedByReviewer'];
  const changed = isJsonObject(named)
    ? Object.entries(named).map(
        ([key, value]) =>
          [key, isJsonObject(value) ? value['from'] : undefined, isJsonObject(value) ? value['to'] : value] as const,
      )
    : Object.entries(call.arguments)
        .filter(([key, value]) => key in output && JSON.stringify(output[key]) !== JSON.stringify(value))
        .map(([key, value]) => [key, value, output[key]] as const);
  return changed.map(
    ([key, from, to]) => `${key} ${JSON.stringify(from) ?? 'nothing'} → ${JSON.stringify(to) ?? 'nothing'}`,
  );
}

/** Describes the outcome of a call in one or two sentences, with its output quoted. */
export function narrate(
  call: AnsweredCall,
  done: string = `"${call.name}" was done`,
  notDone: string = `"${call.name}" was not done`,
): string {
  const output = parseJsonObject(call.output) ?? {};
  const outcome = typeof output['result'] === 'string' ? output['result'] : call.output;
  if (notDonePattern.test(outcome) || output['success'] === false) return `${notDone}: ${quote(call.output)}`;
  const changed = changes(call, output);
  const note = output['reviewerNote'];
  return [
    changed.length > 0 ? `${done}, with values changed by the reviewer: ${changed.join(', ')}.` : `${done}.`,
    ...(typeof note === 'string' ? [`The reviewer's note: ${quote(note)}`] : []),
    `The tool answered: ${quote(call.output)}`,
  ].join(' ');
}

/** An answer from the sentences about each call, with the stand-in's note at the end. */
export function finalAnswer(sentences: readonly string[]): string {
  return [...sentences, standInNote].join('\n');
}

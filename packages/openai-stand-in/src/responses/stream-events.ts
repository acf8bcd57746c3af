import type { Item } from '../item.ts';
import type { ResponseObject } from './response-object.ts';

/** One server-sent event of a streamed response. */
export type StreamEvent = {
  readonly type: string;
  readonly sequence_number: number;
  readonly [field: string]: unknown;
};

type Unnumbered = { readonly type: string; readonly [field: string]: unknown };

const pieceLength = 24;

function pieces(text: string): readonly string[] {
  return text.match(new RegExp(`[^]{1,${pieceLength}}`, 'gu')) ?? [];
}

function* ofMessage(item: Item, place: { output_index: number; item_id: unknown }): Generator<Unnumbered> {
  const content = item['content'] as readonly { type: string; text?: string; refusal?: string }[];
  for (const [content_index, part] of content.entries()) {
    const at = { ...place, content_index };
    const isText = part.type === 'output_text';
    const [kind, text] = isText
      ? (['output_text', part.text ?? ''] as const)
      : (['refusal', part.refusal ?? ''] as const);
    yield {
      type: 'response.content_part.added',
      ...at,
      part: isText ? { ...part, text: '' } : { ...part, refusal: '' },
    };
    for (const delta of pieces(text))
      yield { type: `response.${kind}.delta`, ...at, delta, ...(isText ? { logprobs: [] } : {}) };
    yield { type: `response.${kind}.done`, ...at, ...(isText ? { text, logprobs: [] } : { refusal: text }) };
    yield { type: 'response.content_part.done', ...at, part };
  }
}

function* ofReasoning(item: Item, place: { output_index: number; item_id: unknown }): Generator<Unnumbered> {
  for (const [summary_index, part] of (item['summary'] as readonly { text: string }[]).entries()) {
    const at = { ...place, summary_index };
    yield { type: 'response.reasoning_summary_part.added', ...at, part: { ...part, text: '' } };
    for (const delta of pieces(part.text)) yield { type: 'response.reasoning_summary_text.delta', ...at, delta };
    yield { type: 'response.reasoning_summary_text.done', ...at, text: part.text };
    yield { type: 'response.reasoning_summary_part.done', ...at, part };
  }
}

function started(item: Item): Item {
  switch (item.type) {
    case 'message':
      return { ...item, status: 'in_progress', content: [] };
    case 'function_call':
      return { ...item, status: 'in_progress', arguments: '' };
    case 'reasoning':
      return { ...item, summary: [] };
    default:
      return item;
  }
}

function* ofItem(item: Item, output_index: number): Generator<Unnumbered> {
  const place = { output_index, item_id: item.id };
  yield { type: 'response.output_item.added', output_index, item: started(item) };
  if (item.type === 'message') yield* ofMessage(item, place);
  if (item.type === 'reasoning') yield* ofReasoning(item, place);
  if (item.type === 'function_call') {
    const text = String(item['arguments']);
    for (const delta of pieces(text)) yield { type: 'response.function_call_arguments.delta', ...place, delta };
    // A call that was cut off has no `done` event.
    if (item['status'] !== 'incomplete')
      yield { type: 'response.function_call_arguments.done', ...place, arguments: text, name: item['name'] };
  }
  yield { type: 'response.output_item.done', output_index, item };
}

function* unnumbered(response: ResponseObject): Generator<Unnumbered> {
  const early = { ...response, output: [], usage: null, completed_at: null, error: null, incomplete_details: null };
  const isBackground = response['background'] === true;
  yield { type: 'response.created', response: { ...early, status: isBackground ? 'queued' : 'in_progress' } };
  if (isBackground) yield { type: 'response.queued', response: { ...early, status: 'queued' } };
  yield { type: 'response.in_progress', response: { ...early, status: 'in_progress' } };
  for (const [index, item] of response.output.entries()) yield* ofItem(item, index);
  yield { type: `response.${response.status}`, response };
}

/** The events of a finished response, in OpenAI's order, numbered from 0. */
export function* streamEvents(response: ResponseObject): Generator<StreamEvent> {
  let sequence_number = 0;
  for (const event of unnumbered(response)) {
    yield { ...event, sequence_number };
    sequence_number += 1;
  }
}

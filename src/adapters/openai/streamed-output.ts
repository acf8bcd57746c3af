import { isJsonObject } from '@holdpoint/json';
import { textField } from './responses/response-object.ts';
import type { Item } from './responses/response-object.ts';

/** The fields that are read of a stream event. */
export type StreamEvent = {
  type?: string;
  output_index?: unknown;
  content_index?: unknown;
  item_id?: unknown;
  delta?: unknown;
  text?: unknown;
  refusal?: unknown;
  arguments?: unknown;
  name?: unknown;
  part?: unknown;
  item?: Item;
  response?: unknown;
  error?: unknown;
};

/** One item while it streams. */
type Piece = {
  ids: Set<string>;
  index: number | undefined;
  item: Item | undefined;
  done: boolean;
  texts: Map<number, string>;
  refusal: string;
  args: string | undefined;
  name: string;
};

/**
 * Assembles the items of a response from the events of its stream. Some servers leave items out of the last event if
 * they sent them before, and some send only deltas.
 */
export class StreamedOutput {
  readonly #pieces: Piece[] = [];
  id: string | null = null;
  previousResponseId: string | null = null;

  add(event: StreamEvent): void {
    const { type = '', response } = event;
    if (isJsonObject(response)) {
      if (typeof response['id'] === 'string') this.id = response['id'];
      if (typeof response['previous_response_id'] === 'string')
        this.previousResponseId = response['previous_response_id'];
    }
    if (event.item && /output_item\.(added|done)$/.test(type)) this.#addItem(event, event.item, type.endsWith('.done'));
    else if (/(output_text|[^_]text|refusal|content_part|function_call_arguments)\.(delta|done)$/.test(type))
      this.#addPart(event, type);
  }

  /** The items so far, in the order in which they began. */
  get output(): Item[] {
    return this.#pieces.flatMap((piece) => itemOf(piece) ?? []);
  }

  #addItem({ output_index: index }: StreamEvent, item: Item, done: boolean): void {
    const ids = [item['id'], item['call_id']].filter((id) => typeof id === 'string');
    const byId = this.#pieces.find((piece) => ids.some((id) => piece.ids.has(id)));
    const byIndex = this.#pieces.find(
      (piece) => !piece.done && typeof index === 'number' && piece.index === index && fits(piece, item, ids),
    );
    // Deltas without an id or an index belong to the item that follows them.
    const byKind = this.#pieces.find(
      (piece) =>
        !piece.done &&
        piece.item === undefined &&
        kindOf(piece) === item.type &&
        (piece.index === undefined || index === undefined) &&
        (piece.ids.size === 0 || ids.length === 0),
    );
    const piece = (byId?.done && done ? undefined : byId) ?? byIndex ?? byKind ?? this.#begin(index);
    for (const id of ids) piece.ids.add(id);
    piece.item = { ...piece.item, ...item };
    piece.done = done;
  }

  #addPart(event: StreamEvent, type: string): void {
    const isCall = type.includes('function_call_arguments');
    const piece = this.#pieceOf(event, isCall ? 'function_call' : 'message');
    if (isCall) {
      if (typeof event.name === 'string') piece.name = event.name;
      piece.args = typeof event.arguments === 'string' ? event.arguments : (piece.args ?? '') + text(event.delta);
      return;
    }
    const part = isJsonObject(event.part) ? event.part : {};
    if (type.includes('refusal') || part['type'] === 'refusal') {
      piece.refusal = text(event.refusal) || text(part['refusal']) || piece.refusal + text(event.delta);
      return;
    }
    const at = typeof event.content_index === 'number' ? event.content_index : 0;
    piece.texts.set(at, text(event.text) || text(part['text']) || (piece.texts.get(at) ?? '') + text(event.delta));
  }

  #pieceOf({ item_id: id, output_index: index }: StreamEvent, kind: string): Piece {
    const isKind = (piece: Piece) => (piece.item?.type ?? kindOf(piece) ?? kind) === kind;
    const byId = typeof id === 'string' ? this.#pieces.find((piece) => piece.ids.has(id)) : undefined;
    const byIndex =
      typeof index === 'number'
        ? this.#pieces.findLast((piece) => piece.index === index && isKind(piece) && !(id && piece.ids.size > 0))
        : undefined;
    const known =
      byId ?? byIndex ?? (id === undefined && index === undefined ? this.#pieces.findLast(isKind) : undefined);
    if (known) return known;
    const piece = this.#begin(index);
    if (typeof id === 'string') piece.ids.add(id);
    return piece;
  }

  #begin(index: unknown): Piece {
    const piece: Piece = {
      ids: new Set(),
      index: typeof index === 'number' ? index : undefined,
      item: undefined,
      done: false,
      texts: new Map(),
      refusal: '',
      args: undefined,
      name: '',
    };
    this.#pieces.push(piece);
    return piece;
  }
}

/**
 * The items of the last event, and the earlier ones that it leaves out. A call in both is one call, even if its ids
 * differ.
 */
export function withStreamed(final: readonly Item[], streamed: readonly Item[]): Item[] {
  const rest = [...final];
  const missing = streamed.filter((item) => {
    const place = rest.findIndex((one) => isSame(one, item));
    if (place >= 0) rest.splice(place, 1);
    return place < 0;
  });
  const messages = final.filter(({ type }) => type === 'message');
  const saysNothing = messages.every((message) => !hasText(message));
  const added = missing.filter((item) =>
    item.type === 'message' ? saysNothing && hasText(item) : item.type === 'function_call' || final.length === 0,
  );
  const replaced = added.some(({ type }) => type === 'message');
  return [...final.filter((item) => !(replaced && item.type === 'message' && !hasText(item))), ...added];
}

function isSame(one: Item, other: Item): boolean {
  if (one.type !== other.type) return false;
  const sameId = ['id', 'call_id'].some((field) => textField(one, field) !== '' && one[field] === other[field]);
  if (one.type === 'message') return sameId && hasText(one) >= hasText(other);
  if (sameId || one.type !== 'function_call') return true;
  return one['name'] === other['name'] && one['arguments'] === other['arguments'];
}

function itemOf(piece: Piece): Item | undefined {
  const { item, texts, refusal, args, name } = piece;
  const kind = item?.type ?? kindOf(piece);
  if (kind === 'function_call') {
    const written = item?.['arguments'];
    const kept = typeof written === 'object' && written !== null ? written : text(written) || (args ?? '');
    const id = [...piece.ids][0];
    return {
      ...(id !== undefined && { id }),
      name,
      ...item,
      type: 'function_call',
      arguments: kept,
      ...(!piece.done && { status: 'completed' }),
    };
  }
  if (kind === 'message') {
    if (item && (piece.done || texts.size === 0) && hasText(item)) return item;
    const content = [
      ...[...texts].toSorted(([one], [other]) => one - other).map(([, said]) => ({ type: 'output_text', text: said })),
      ...(refusal === '' ? [] : [{ type: 'refusal', refusal }]),
    ];
    if (content.length === 0) return piece.done ? item : undefined;
    return { role: 'assistant', ...item, type: 'message', content, ...(!piece.done && { status: 'completed' }) };
  }
  return piece.done ? item : undefined;
}

function kindOf({ texts, refusal, args }: Piece): string | undefined {
  if (args !== undefined) return 'function_call';
  return texts.size > 0 || refusal !== '' ? 'message' : undefined;
}

function hasText({ content }: Item): boolean {
  if (typeof content === 'string') return content !== '';
  if (!Array.isArray(content)) return false;
  return content.some(
    (part) =>
      isJsonObject(part) && ['text', 'refusal'].some((field) => typeof part[field] === 'string' && part[field] !== ''),
  );
}

function fits(piece: Piece, item: Item, ids: readonly string[]): boolean {
  const kind = piece.item?.type ?? kindOf(piece);
  return (
    (kind === undefined || kind === item.type) &&
    (piece.item === undefined || ids.length === 0 || piece.ids.size === 0 || ids.some((id) => piece.ids.has(id)))
  );
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

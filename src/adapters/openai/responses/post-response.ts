import { APIError } from 'openai';
import type { OpenAI } from 'openai';
import { Stream } from 'openai/streaming';
import type { JsonObject } from '@holdpoint/json';
import { ModelFailure } from '../../../domain/model-failure.ts';
import { readResponseObject } from './response-object.ts';
import type { Item, ResponseObject } from './response-object.ts';

type PostOptions = {
  client: OpenAI;
  signal: AbortSignal;
  onDelta: (characters: number) => void;
  /** A stream that is silent for so long is given up. */
  silenceMs: number;
};

/** `POST /responses`, streamed or not; a server that answers a streaming request with plain JSON is accepted. */
export async function postResponse(
  body: JsonObject,
  { client, signal, onDelta, silenceMs }: PostOptions,
): Promise<ResponseObject> {
  const silence = new AbortController();
  const response = await client.responses
    .create(body as unknown as OpenAI.Responses.ResponseCreateParams, {
      signal: AbortSignal.any([signal, silence.signal]),
    })
    .asResponse();
  if (!response.headers.get('content-type')?.includes('text/event-stream'))
    return readResponseObject(await response.json());

  let timer: NodeJS.Timeout | undefined;
  const rearm = () => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(), silenceMs);
  };
  try {
    rearm();
    const final = await readStream(client, response, (characters) => {
      rearm();
      if (characters > 0) onDelta(characters);
    });
    signal.throwIfAborted();
    if (final) return final;
    throw new ModelFailure(
      'ModelUnavailable',
      silence.signal.aborted
        ? `OpenAI's stream was silent for ${Math.round(silenceMs / 1000)} s.`
        : "OpenAI's stream broke off before the response had ended.",
    );
  } finally {
    clearTimeout(timer);
    silence.abort();
  }
}

type StreamEvent = { type?: string; delta?: unknown; item?: Item; response?: unknown; error?: unknown };

const finalEvents = new Set(['response.completed', 'response.incomplete', 'response.failed', 'response.cancelled']);

/** Reads events up to the one that ends the response; undefined when none comes. */
async function readStream(
  client: OpenAI,
  response: Response,
  onEvent: (characters: number) => void,
): Promise<ResponseObject | undefined> {
  const events = Stream.fromSSEResponse<StreamEvent>(response, new AbortController(), client, false, 'events');
  const items: Item[] = [];
  for await (const event of events) {
    onEvent(typeof event.delta === 'string' ? event.delta.length : 0);
    if (event.type === 'error' || (event.error && !event.response))
      throw new APIError(undefined, event.error ?? event, undefined, response.headers);
    if (event.type === 'response.output_item.done' && event.item) items.push(event.item);
    if (event.type !== undefined && finalEvents.has(event.type)) {
      const final = readResponseObject(event.response);
      // Some servers send the items only one by one.
      return final.output.length === 0 ? { ...final, output: items } : final;
    }
  }
  return undefined;
}

import { APIError } from 'openai';
import type { OpenAI } from 'openai';
import { Stream } from 'openai/streaming';
import { isJsonObject, type JsonObject } from '@holdpoint/json';
import { ModelFailure } from '../../../domain/model-failure.ts';
import { wasSilent } from '../longest-silence.ts';
import { readResponseObject } from './response-object.ts';
import type { ResponseObject } from './response-object.ts';
import { StreamedOutput, withStreamed } from '../streamed-output.ts';
import type { StreamEvent } from '../streamed-output.ts';

type PostOptions = {
  client: OpenAI;
  signal: AbortSignal;
  onDelta: (characters: number) => void;
  /** Milliseconds without an event after which a stream fails. */
  silenceMs: number;
};

/** `POST /responses`, streamed or not. A plain JSON answer to a streaming request is accepted. */
export async function postResponse(
  body: JsonObject,
  { client, signal, onDelta, silenceMs }: PostOptions,
): Promise<ResponseObject> {
  const silence = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const rearm = () => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(), silenceMs);
  };
  try {
    // Without a stream the answer begins when the model has ended: the client's own time limit holds.
    if (body['stream'] === true) rearm();
    const response = await client.responses
      .create(body as unknown as OpenAI.Responses.ResponseCreateParams, {
        signal: AbortSignal.any([signal, silence.signal]),
      })
      .asResponse();
    rearm();
    const streamed = await asStream(response);
    if (!streamed) return readJson(await response.json(), response.headers);
    const final = await readStream(client, streamed, (characters) => {
      rearm();
      if (characters > 0) onDelta(characters);
    });
    signal.throwIfAborted();
    if (final) return final;
    if (silence.signal.aborted) throw wasSilent(silenceMs);
    throw new ModelFailure('ModelUnavailable', "OpenAI's stream ended before the response was complete.");
  } catch (error) {
    signal.throwIfAborted();
    throw silence.signal.aborted ? wasSilent(silenceMs) : error;
  } finally {
    clearTimeout(timer);
    silence.abort();
  }
}

/** The answer as a stream of events. Undefined for plain JSON. Some servers stream with another content type. */
async function asStream(response: Response): Promise<Response | undefined> {
  const type = response.headers.get('content-type') ?? '';
  if (type.includes('text/event-stream')) return response;
  if (type.includes('json')) return undefined;
  const text = await response.clone().text();
  if (!/^\s*(data|event|id):/.test(text)) return undefined;
  return new Response(text, { headers: response.headers });
}

/** Reads a response object in plain JSON. @throws APIError for an error with status 200. */
function readJson(body: unknown, headers: Headers): ResponseObject {
  const { error, output, status } = (body ?? {}) as { error?: unknown; output?: unknown; status?: unknown };
  if (error && output == null && (status == null || typeof status === 'number'))
    throw new APIError(undefined, asErrorBody(error), undefined, headers);
  return readResponseObject(body);
}

/** The final status of a response, by the name of the event that ends its stream. */
const endings: Record<string, string> = {
  'response.completed': 'completed',
  'response.done': 'completed',
  'response.incomplete': 'incomplete',
  'response.failed': 'failed',
  'response.cancelled': 'cancelled',
};

type NamedEvent = { event: string | null; data: unknown };

/** Reads events until one ends the response. Undefined if the stream ends before that. */
async function readStream(
  client: OpenAI,
  response: Response,
  onEvent: (characters: number) => void,
): Promise<ResponseObject | undefined> {
  const named = Stream.fromSSEResponse<NamedEvent>(response, new AbortController(), client, true, 'events');
  const streamed = new StreamedOutput();
  for await (const { event: name, data } of named) {
    if (!isJsonObject(data)) continue;
    // Some servers write the type in the line `event:` only.
    const event = (typeof data['type'] === 'string' || name === null ? data : { ...data, type: name }) as StreamEvent;
    onEvent(typeof event.delta === 'string' ? event.delta.length : 0);
    if (event.type === 'error' || (event.error && !event.response))
      throw new APIError(undefined, asErrorBody(event.error ?? event), undefined, response.headers);
    streamed.add(event);
    const status = event.type === undefined ? undefined : endings[event.type];
    if (status === undefined) continue;
    const final = readResponseObject(event.response, { streamed, status });
    return { ...final, output: withStreamed(final.output, streamed.output) };
  }
  return undefined;
}

function asErrorBody(error: unknown): object {
  return typeof error === 'object' && error !== null ? error : { message: String(error) };
}

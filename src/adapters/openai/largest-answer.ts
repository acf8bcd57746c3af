import { ModelFailure } from '../../domain/model-failure.ts';

/** The largest answer that is read, in bytes, a stream of events as a whole. OpenAI's longest are a few megabytes. */
const largestAnswerBytes = 64 * 1024 * 1024;

/** Wraps `fetch` so that an answer beyond `bytes` fails instead of filling the worker's memory. */
export function withLargestAnswer(innerFetch: typeof fetch, bytes = largestAnswerBytes): typeof fetch {
  return async (input, init) => {
    const response = await innerFetch(input, init);
    if (response.body === null) return response;
    let read = 0;
    const counted = response.body.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          read += chunk.byteLength;
          if (read > bytes)
            controller.error(
              new ModelFailure(
                'ModelUnavailable',
                `OpenAI's answer was given up after ${bytes} bytes: no model answers that much.`,
              ),
            );
          else controller.enqueue(chunk);
        },
      }),
    );
    return new Response(counted, response);
  };
}

import { ModelFailure } from '../../domain/model-failure.ts';

/** The size limit of one answer in bytes, for a stream its total. OpenAI's longest answers have a few megabytes. */
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
                `OpenAI's answer exceeded ${bytes} bytes and was aborted. Check that OPENAI_BASE_URL is the address of a model server.`,
              ),
            );
          else controller.enqueue(chunk);
        },
      }),
    );
    return new Response(counted, response);
  };
}

import { ModelFailure } from '../../domain/model-failure.ts';

/**
 * Wraps `fetch` so that a call fails when nothing arrives for `silenceMs`: before the head of the answer, and between
 * two parts of its body. The time limit of OpenAI's client ends with the head.
 */
export function withLongestSilence(innerFetch: typeof fetch, silenceMs: number): typeof fetch {
  return async (input, init) => {
    const silence = new AbortController();
    const fail = () => silence.abort(wasSilent(silenceMs));
    let timer = setTimeout(fail, silenceMs).unref();
    const clear = () => clearTimeout(timer);
    const signal = AbortSignal.any([silence.signal, ...(init?.signal ? [init.signal] : [])]);
    // The body of the answer fails with the reason of the signal too.
    const response = await innerFetch(input, { ...init, signal }).catch((error: unknown) => {
      clear();
      throw error;
    });
    if (response.body === null) {
      clear();
      return response;
    }
    const watched = response.body.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          clear();
          timer = setTimeout(fail, silenceMs).unref();
          controller.enqueue(chunk);
        },
        flush: clear,
      }),
    );
    return new Response(watched, response);
  };
}

/** The failure of an answer that was silent for too long. */
export function wasSilent(silenceMs: number): ModelFailure {
  return new ModelFailure(
    'ModelUnavailable',
    `OpenAI's answer was silent for ${silenceMs / 1000} s (HOLDPOINT_MODEL_SILENCE_SECONDS). The request is sent again.`,
  );
}

import { ReviewFailure } from '../review-failure.ts';
import { neverConnected, problemOf } from './connection-problem.ts';

/** Largest accepted answer, in bytes. An answer of Cheqpoint has a few kilobytes plus the details. */
const largestAnswerBytes = 5 * 1024 * 1024;

/** One HTTP request. */
export type Exchange = {
  fetch: typeof globalThis.fetch;
  /** For error texts. */
  baseUrl: string;
  url: string;
  init: { method: 'GET' | 'POST'; headers: Record<string, string>; body?: string };
  /** Limit for the whole exchange, the body of the answer included, in milliseconds. */
  timeoutMs: number;
  /** Aborts the exchange. */
  signal?: AbortSignal;
};

/** An HTTP answer with its whole body. */
export type Reply = { status: number; headers: Headers; text: string };

/**
 * Sends a request and reads its answer of any status. Redirects are not followed.
 *
 * @throws ReviewFailure `unavailable` when the answer is late, incomplete or too large.
 */
export async function exchange({ fetch, baseUrl, url, init, timeoutMs, signal }: Exchange): Promise<Reply> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const explain = (cause: unknown): string => {
    if (signal?.aborted) return 'did not answer before the caller stopped';
    return timeout.aborted ? `did not answer within ${timeoutMs} ms` : `could not be reached: ${problemOf(cause)}`;
  };
  if (signal?.aborted)
    throw new ReviewFailure('unavailable', `The review service at ${baseUrl} was not asked: the caller had stopped.`, {
      sent: false,
      cause: signal.reason,
    });
  try {
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    return { status: response.status, headers: response.headers, text: await readText(response, baseUrl) };
  } catch (cause) {
    if (cause instanceof ReviewFailure) throw cause;
    throw new ReviewFailure('unavailable', `The review service at ${baseUrl} ${explain(cause)}.`, {
      sent: !neverConnected(cause),
      cause,
    });
  }
}

async function readText(response: Response, baseUrl: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Leaving the loop cancels the download.
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > largestAnswerBytes) {
      throw new ReviewFailure(
        'unavailable',
        `The review service at ${baseUrl} answered with more than ${largestAnswerBytes} bytes.`,
        { sent: true },
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

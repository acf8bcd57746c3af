import { ReviewFailure } from '../review-failure.ts';
import { neverConnected, problemOf } from './connection-problem.ts';

/** The largest answer that is read, in bytes. Cheqpoint's are a few kilobytes plus the tool's arguments. */
const LARGEST_ANSWER_BYTES = 5 * 1024 * 1024;

export type Exchange = {
  fetch: typeof globalThis.fetch;
  /** For error texts. */
  baseUrl: string;
  url: string;
  init: { method: 'GET' | 'POST'; headers: Record<string, string>; body?: string };
  timeoutMs: number;
  /** The caller's own reason to stop. */
  signal?: AbortSignal;
};

export type Reply = { status: number; headers: Headers; text: string };

/**
 * One HTTP request and its answer, whatever its status; redirects are not followed.
 *
 * @throws ReviewFailure `unavailable` when there is no whole answer in time, or too large a one.
 */
export async function exchange({ fetch, baseUrl, url, init, timeoutMs, signal }: Exchange): Promise<Reply> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const explain = (cause: unknown): string => {
    if (signal?.aborted) return 'was not waited for any longer';
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
  // Leaving the loop ends the download.
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > LARGEST_ANSWER_BYTES) {
      throw new ReviewFailure(
        'unavailable',
        `The review service at ${baseUrl} answered with more than ${LARGEST_ANSWER_BYTES} bytes.`,
        { sent: true },
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';

/** The rest of a body is received until it is complete, or has had so many bytes or so many milliseconds. */
const longestRest = { bytes: 4 * 1024 * 1024, ms: 1000 };

/**
 * The answer, held back while the client still sends a body that the answer did not read: a refusal of its size, for
 * example. A client that meets a closed connection while it sends never reads the answer. The connection ends with such
 * an answer, which says so.
 */
export function answerAfterBody(
  answer: Response | Promise<Response>,
  incoming: IncomingMessage | Http2ServerRequest,
): Response | Promise<Response> {
  const { 'content-length': length, 'transfer-encoding': encoding } = incoming.headers;
  const hasBody = encoding !== undefined || (length !== undefined && length !== '0');
  return hasBody ? receiveRest(answer, incoming) : answer;
}

async function receiveRest(
  answer: Response | Promise<Response>,
  incoming: IncomingMessage | Http2ServerRequest,
): Promise<Response> {
  const response = await answer;
  // A short body that arrived with its head may not be parsed yet.
  if (!incoming.complete) await new Promise((resolve) => setImmediate(resolve));
  if (incoming.complete) return response;
  await restOf(incoming);
  response.headers.set('connection', 'close');
  return response;
}

function restOf(incoming: IncomingMessage | Http2ServerRequest): Promise<void> {
  return new Promise((resolve) => {
    let bytes = 0;
    const take = (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > longestRest.bytes) end();
      // Readers that gave up have paused it.
      else incoming.resume();
    };
    const end = () => {
      clearTimeout(timer);
      incoming.off('data', take).off('end', end).off('close', end);
      resolve();
    };
    const timer = setTimeout(end, longestRest.ms);
    incoming.on('data', take).on('end', end).on('close', end);
    incoming.resume();
  });
}

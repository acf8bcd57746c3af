import { EventSourceParserStream } from 'eventsource-parser/stream';
import type { Run } from '../schemas/rest.ts';
import { runEvents } from '../schemas/run-events.ts';
import { HoldpointError } from './errors.ts';
import type { GatewayConnection } from './gateway-connection.ts';

/** A run as it is now (`run`), and, last, as it ended (`end`). */
export type RunEvent = { type: 'run' | 'end'; run: Run };

export type WatchOptions = {
  /** Stops waiting; the run goes on. */
  signal?: AbortSignal | undefined;
  /** Called before each new try to connect: what went wrong, and how many milliseconds it waits. */
  onReconnect?: (problem: HoldpointError, waitMs: number) => void;
};

/** Milliseconds of the first pause between tries; it doubles up to the longest. */
const firstPauseMs = 250;
const longestPauseMs = 30_000;
/** The gateway shows a sign of life every 15 s: after three of them the connection counts as dead. */
const silenceMs = 50_000;

/**
 * The run now, at each change, and its end. Connects again as often as it takes, with growing pauses.
 * @throws HoldpointError for what no waiting can mend (wrong key, unknown run); the signal's reason when it aborts.
 */
export async function* watchRun(
  connection: GatewayConnection,
  runId: string,
  { signal, onReconnect }: WatchOptions = {},
): AsyncGenerator<RunEvent> {
  let lastEventId: string | undefined;
  let failures = 0;
  for (;;) {
    let problem: HoldpointError;
    try {
      for await (const message of readStream(connection, runId, lastEventId, signal)) {
        failures = 0;
        if (message.id !== undefined) lastEventId = message.id;
        if (message.event === runEvents.changed) yield { type: 'run', run: JSON.parse(message.data) as Run };
        if (message.event !== runEvents.ended) continue;
        yield { type: 'end', run: JSON.parse(message.data) as Run };
        return;
      }
      problem = new HoldpointError('unreachable', 'The gateway ended the stream before the run had ended.', {
        status: 0,
      });
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      if (!(error instanceof HoldpointError) || !error.passing) throw error;
      problem = error;
    }
    const pause =
      problem.retryAfterMs ?? Math.min(firstPauseMs * 2 ** failures, longestPauseMs) * (0.75 + Math.random() / 2);
    failures += 1;
    onReconnect?.(problem, pause);
    await rest(pause, signal);
  }
}

async function* readStream(
  connection: GatewayConnection,
  runId: string,
  lastEventId: string | undefined,
  signal: AbortSignal | undefined,
) {
  const dead = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const alive = () => {
    clearTimeout(timer);
    timer = setTimeout(() => dead.abort(), silenceMs);
  };
  alive();
  try {
    const response = await connection.open(`/v1/runs/${encodeURIComponent(runId)}/events`, {
      headers: { accept: 'text/event-stream', ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }) },
      signal: signal ? AbortSignal.any([signal, dead.signal]) : dead.signal,
    });
    const text = response.body!.pipeThrough(new TextDecoderStream());
    for await (const message of text.pipeThrough(new EventSourceParserStream({ onComment: alive }))) {
      alive();
      yield message;
    }
  } catch (cause) {
    if (cause instanceof HoldpointError) throw cause;
    throw new HoldpointError('unreachable', 'The connection to the gateway broke while a run was watched.', {
      status: 0,
      cause,
    });
  } finally {
    clearTimeout(timer);
    dead.abort();
  }
}

function rest(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stopped = () => {
      clearTimeout(timer);
      reject(signal!.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stopped);
      resolve();
    }, ms);
    if (signal?.aborted) stopped();
    else signal?.addEventListener('abort', stopped, { once: true });
  });
}

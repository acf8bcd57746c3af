import { EventSourceParserStream } from 'eventsource-parser/stream';
import { HoldpointError } from './errors.ts';
import { parseObject, type GatewayConnection } from './gateway-connection.ts';
import { pathSegment } from './path-segment.ts';
import { pause, pauseMsAfter } from './pause.ts';
import type { Run } from './run.ts';

/** `run`: the run now or after a change. `end`: the closed run, the last event. */
export type RunEvent = { type: 'run' | 'end'; run: Run };

export type WatchOptions = {
  /** Stops the wait when it aborts. The run continues. */
  signal?: AbortSignal | undefined;
  /** Called before each reconnect with the problem and the pause in milliseconds. */
  onReconnect?: (problem: HoldpointError, pauseMs: number) => void;
};

/**
 * Longest silence of an event stream, in milliseconds: the gateway sends a comment every 15 s, so three are missing.
 */
const longestSilenceMs = 50_000;

/**
 * Yields the run now, at each change, and at its end. Reconnects without limit, with growing pauses.
 * @throws HoldpointError that no retry can fix (wrong key, unknown run); the signal's reason when it aborts.
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
      for await (const { event, id, data } of readStream(connection, { runId, lastEventId, signal })) {
        failures = 0;
        lastEventId = id ?? lastEventId;
        if (event === 'run' || event === 'end')
          yield { type: event, run: parseObject(data, 200, 'An event of the run') as Run };
        if (event === 'end') return;
      }
      problem = new HoldpointError('unreachable', 'The gateway ended the event stream before the run ended.', {
        status: 0,
      });
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      if (!(error instanceof HoldpointError) || !error.passing) throw error;
      problem = error;
    }
    const pauseMs = pauseMsAfter(problem, failures);
    failures += 1;
    onReconnect?.(problem, pauseMs);
    await pause(pauseMs, signal);
  }
}

type StreamOptions = { runId: string; lastEventId: string | undefined; signal: AbortSignal | undefined };

async function* readStream(connection: GatewayConnection, { runId, lastEventId, signal }: StreamOptions) {
  const stop = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const restartTimer = () => {
    clearTimeout(timer);
    timer = setTimeout(() => stop.abort(), longestSilenceMs);
  };
  restartTimer();
  try {
    const response = await connection.open(`/v1/runs/${pathSegment(runId)}/events`, {
      headers: { accept: 'text/event-stream', ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }) },
      signal: signal ? AbortSignal.any([signal, stop.signal]) : stop.signal,
    });
    const text = response.body!.pipeThrough(new TextDecoderStream());
    for await (const message of text.pipeThrough(new EventSourceParserStream({ onComment: restartTimer }))) {
      restartTimer();
      yield message;
    }
  } catch (cause) {
    if (cause instanceof HoldpointError) throw cause;
    throw new HoldpointError('unreachable', 'The connection to the gateway broke while watching a run.', {
      status: 0,
      cause,
    });
  } finally {
    clearTimeout(timer);
    stop.abort();
  }
}

import type { SurfaceLog } from '../surface-log.ts';

/** Returns the responses of the list that a webhook reported as ended. */
export type FindHints = (responseIds: readonly string[]) => Promise<string[]>;

/** Hints that a background response has ended. A hint makes the wait poll earlier. The response itself decides. */
export type ResponseHints = {
  /** Resolves at the next hint for this response, or when the signal aborts. Never rejects. */
  next(responseId: string, signal: AbortSignal): Promise<void>;
};

const defaultPollMs = 1000;

/**
 * Reads the hints for all responses that this process waits for in one query, once a second. Sends no query while it
 * waits for none. If hints can't be read, it logs a warning and the wait continues with its own polls.
 */
export function createResponseHints(
  find: FindHints,
  { log, everyMs = defaultPollMs }: { log: SurfaceLog; everyMs?: number },
): ResponseHints {
  const waiting = new Map<string, Set<() => void>>();
  let timer: NodeJS.Timeout | undefined;
  let failing = false;

  const poll = async (): Promise<void> => {
    try {
      const names = [...waiting.keys()];
      for (const responseId of names.length === 0 ? [] : await find(names))
        for (const wake of waiting.get(responseId) ?? []) wake();
      failing = false;
    } catch (error) {
      if (!failing)
        log.warn({ err: error }, "Hints for background responses can't be read; the responses are polled less often.");
      failing = true;
    }
    timer = undefined;
    arm();
  };
  const arm = (): void => {
    if (waiting.size > 0) timer ??= setTimeout(() => void poll(), everyMs);
  };

  return {
    async next(responseId, signal) {
      if (signal.aborted) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      const wakes = waiting.get(responseId) ?? new Set();
      waiting.set(responseId, wakes.add(resolve));
      signal.addEventListener('abort', () => resolve(), { once: true });
      arm();
      await promise;
      wakes.delete(resolve);
      if (wakes.size === 0 && waiting.get(responseId) === wakes) waiting.delete(responseId);
    },
  };
}

/** For a process without hints: `next` resolves only when the signal aborts. */
export const noHints: ResponseHints = {
  next: (_responseId, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true });
    }),
};

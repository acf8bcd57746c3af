import type { SurfaceLog } from '../surface-log.ts';

/** Which of these responses somebody has announced as ended. */
export type FindNews = (responseIds: readonly string[]) => Promise<string[]>;

/** Where the wait for a background response hears that it should look now. */
export type ResponseNews = {
  /** Resolves when there is news of this response. Never rejects; resolves also when the signal aborts. */
  heard(responseId: string, signal: AbortSignal): Promise<void>;
};

const lookEveryMs = 1000;

/**
 * Asks for news of all responses that this process waits for together, once a second, and not at all while it waits for
 * none. News that can't be read is no reason to fail: the slow look at OpenAI goes on.
 */
export function createResponseNews(
  find: FindNews,
  { log, everyMs = lookEveryMs }: { log: SurfaceLog; everyMs?: number },
): ResponseNews {
  const waiting = new Map<string, Set<() => void>>();
  let timer: NodeJS.Timeout | undefined;
  let away = false;

  const look = async (): Promise<void> => {
    try {
      const names = [...waiting.keys()];
      for (const responseId of names.length === 0 ? [] : await find(names))
        for (const wake of waiting.get(responseId) ?? []) wake();
      away = false;
    } catch (error) {
      if (!away)
        log.warn({ err: error }, "News of background responses can't be read; they are looked at less often instead.");
      away = true;
    }
    timer = undefined;
    arm();
  };
  const arm = (): void => {
    if (waiting.size > 0) timer ??= setTimeout(() => void look(), everyMs);
  };

  return {
    async heard(responseId, signal) {
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

/** For a process that hears of nothing. */
export const noNews: ResponseNews = {
  heard: (_responseId, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true });
    }),
};

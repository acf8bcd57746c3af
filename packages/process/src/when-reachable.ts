import { setTimeout as pause } from 'node:timers/promises';

/** A server that a process needs at its start. */
export type Needed<Result> = {
  /** The dependency, its address and its setting: `PostgreSQL at db:5432 (HOLDPOINT_DATABASE_URL)`. */
  what: string;
  /** Reaches the server. */
  attempt: () => Promise<Result>;
  /** Whether waiting may help. Wrong credentials and settings end the start at once. */
  isAway: (error: unknown) => boolean;
  /** The cause for the line of progress. @default the message of the innermost error */
  reasonOf?: (error: unknown) => string;
  wait: StartWait;
};

/** How a process waits at its start. */
export type StartWait = {
  /** The longest wait for one server, in milliseconds. 0: one attempt. */
  longestMs: number;
  /** Takes a line of progress at the first failure, and every five seconds. */
  onProgress: (line: string) => void;
};

/** No wait. */
export const oneAttempt: StartWait = { longestMs: 0, onProgress: () => undefined };

const pausesMs = { first: 100, longest: 2000 };
const progressEveryMs = 5000;

/** Tries to reach a server until it works. @throws the last error, with the time that was waited. */
export async function whenReachable<Result>(needed: Needed<Result>): Promise<Result> {
  const { what, attempt, isAway, reasonOf = innermost, wait } = needed;
  const { longestMs, onProgress } = wait;
  const end = performance.now() + longestMs;
  let progressAt = 0;
  for (let pauseMs = pausesMs.first; ; pauseMs = Math.min(pauseMs * 2, pausesMs.longest)) {
    try {
      return await attempt();
    } catch (error) {
      const now = performance.now();
      if (!isAway(error) || longestMs === 0) throw error;
      if (now >= end) throw afterWait(error, longestMs);
      if (now >= progressAt) {
        progressAt = now + progressEveryMs;
        onProgress(`Waiting for ${what}, ${Math.ceil((end - now) / 1000)} s at most: ${reasonOf(error)}.`);
      }
      await pause(Math.min(pauseMs, end - now));
    }
  }
}

function afterWait(error: unknown, longestMs: number): unknown {
  if (!(error instanceof Error)) return error;
  const text = `${error.message.replace(/\.?$/, '.')} It did not answer for ${longestMs / 1000} s (HOLDPOINT_START_WAIT_SECONDS).`;
  return Object.assign(new Error(text, { cause: error }), { complete: true });
}

function innermost(error: unknown): string {
  let cause = error;
  while (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause;
  const [first] = cause instanceof AggregateError ? (cause.errors as unknown[]) : [];
  const said = first ?? cause;
  return (said instanceof Error ? said.message : String(said)).replace(/\.$/, '');
}

import { within } from './within.ts';

export type Rounds = {
  /** The pause before each round, in milliseconds. */
  everyMs: number;
  /** A longer round counts as failed, and the next one follows. It can't stop the loop. */
  longestMs: number;
  round: () => Promise<unknown>;
  /** Called with the error of each failed round. */
  onFailure: (error: unknown) => void;
};

/** Repeats a round, one at a time, until `stop`, which waits for the present round. It keeps no process alive. */
export function startRounds({ everyMs, longestMs, round, onFailure }: Rounds): { stop(): Promise<void> } {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let present: Promise<void> = Promise.resolve();
  const oneRound = async () => {
    try {
      await within(longestMs, 'a round', round());
    } catch (error) {
      onFailure(error);
    }
    next();
  };
  const next = () => {
    if (stopped) return;
    timer = setTimeout(() => {
      present = oneRound();
    }, everyMs).unref();
  };
  next();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await present;
    },
  };
}

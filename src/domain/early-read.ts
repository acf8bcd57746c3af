import type { RunTrace } from './run-trace.ts';

/** A decision that the Activity `settleToolCall` is about to read. `trace`: as in the Activity's input. */
export type EarlyRead = { assistant: string; requestId: string; trace?: RunTrace };

/**
 * The sinks of the Run Workflow. A call of a sink is no event of the history, and a replay makes none.
 * See https://docs.temporal.io/develop/typescript/observability#logging-from-workflows.
 */
export type RunSinks = {
  holdpoint: {
    /** Begins to read a decision on this worker, while Temporal brings it the Activity. */
    readEarly(read: EarlyRead): void;
  };
};

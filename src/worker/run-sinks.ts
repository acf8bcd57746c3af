import type { InjectedSinks } from '@temporalio/worker';
import type { EarlyRead, RunSinks } from '../domain/early-read.ts';

/** The sinks of the Run Workflow on this worker. `begin` returns at once: the Workflow Task ends after it. */
export function runSinks(begin: (read: EarlyRead) => void): InjectedSinks<RunSinks> {
  return { holdpoint: { readEarly: { fn: (_, read) => begin(read), callDuringReplay: false } } };
}

/** The sinks of a replay, which calls none. They keep the SDK from reporting them as missing. */
export const replayedSinks: InjectedSinks<RunSinks> = runSinks(() => {});

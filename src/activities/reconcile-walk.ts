import { walkAt, walkUntil, type WalkState } from '../domain/reconcile.ts';
import type { WaitingRun, WaitingRuns } from './ports.ts';

type Walk = {
  assistants: string[];
  /** The place of the last round. Undefined: a new walk. */
  last: WalkState | undefined;
  now: number;
  everything: boolean;
  waitingRuns: WaitingRuns;
  /** False if the service failed. */
  check: (run: WaitingRun) => Promise<boolean>;
  /** True when the time of the round is over. */
  isOver: () => boolean;
};

/** Runs in one page. A round checks about 250. */
const pageSize = 250;

/** Checks the waiting runs of some assistants, oldest first, and returns where the next round continues. */
export async function walk(options: Walk): Promise<WalkState> {
  const { assistants, waitingRuns, check, isOver } = options;
  const state: WalkState = { ...walkAt(options.last, options.now, options.everything) };
  const until = walkUntil(state, options.everything);
  while (!state.done && !isOver()) {
    const { runs, last } = await waitingRuns.oldest({ assistants, after: state.after, until, limit: pageSize });
    for (const run of runs) {
      if (isOver()) return state;
      if (!(await check(run))) state.again = true;
      state.after = { waitingSince: run.waitingSince, workflowId: run.workflowId };
    }
    state.done = last;
  }
  return state;
}

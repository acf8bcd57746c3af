import type { WorkflowExecutionStatusName } from '@temporalio/client';

/*
 * Which runs are open. A run that somebody paused in Temporal is: it takes signals, and goes on one day. Only newer servers
 * know the status `Paused`, and some of them list it as closed when asked for what is not `Running`.
 */

/** Temporal's statuses by ours. A run that continued as new has a newer one that says where it stands. */
const closedStatuses = {
  completed: ['Completed'],
  cancelled: ['Canceled'],
  failed: ['Failed', 'TimedOut', 'Terminated'],
};

/** In a visibility query. */
export const openRuns = 'CloseTime IS NULL';

/** In a visibility query: runs that ended so. */
export function closedAs(...states: Array<keyof typeof closedStatuses>): string {
  return `ExecutionStatus IN (${states
    .flatMap((state) => closedStatuses[state])
    .map((status) => `'${status}'`)
    .join(', ')})`;
}

export function isOpen({ name }: { name: WorkflowExecutionStatusName }): boolean {
  return name === 'RUNNING' || name === 'PAUSED';
}

import type { WorkflowExecutionStatusName } from '@temporalio/client';

/*
 * Tells open runs from closed ones. A run that was paused in Temporal is open: it takes Signals and may resume. Only
 * newer servers have the status `Paused`, and some list it as closed when the query asks for other statuses than `Running`.
 */

/** Temporal's statuses by our states. A run that continued as new has a newer run with its state. */
const closedStatuses = {
  completed: ['Completed'],
  cancelled: ['Canceled'],
  failed: ['Failed', 'TimedOut', 'Terminated'],
};

/** Visibility query for open runs. */
export const openRuns = 'CloseTime IS NULL';

/** Visibility query for runs that ended in one of the states. */
export function closedAs(...states: Array<keyof typeof closedStatuses>): string {
  return `ExecutionStatus IN (${states
    .flatMap((state) => closedStatuses[state])
    .map((status) => `'${status}'`)
    .join(', ')})`;
}

export function isOpen({ name }: { name: WorkflowExecutionStatusName }): boolean {
  return name === 'RUNNING' || name === 'PAUSED';
}

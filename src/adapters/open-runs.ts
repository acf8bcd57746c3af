import type { WorkflowExecutionStatusName } from '@temporalio/client';

/*
 * Which runs are open. A run that somebody paused in Temporal is: it takes signals, and goes on one day. Only newer servers
 * know the status `Paused`, and some of them list it as closed when asked for what is not `Running`.
 */

/** In a visibility query. */
export const openRuns = 'CloseTime IS NULL';

/** In a visibility query; a run that continued as new has a newer one that says where it stands. */
export const closedRuns = "ExecutionStatus IN ('Completed', 'Failed', 'Canceled', 'Terminated', 'TimedOut')";

export function isOpen({ name }: { name: WorkflowExecutionStatusName }): boolean {
  return name === 'RUNNING' || name === 'PAUSED';
}

import { runWorkflowType } from '../../domain/wire-names.ts';
import { RunsFailure } from '../../domain/runs-failure.ts';
import type { RunFilter } from '../../gateway/ports.ts';
import { closedAs, openRuns } from './open-runs.ts';

/** The visibility query for a list of runs. A run that continued as new is listed once, by its newest execution. */
export function visibilityQuery({
  state,
  assistant,
  caller,
  waiting,
  approvalId,
  since,
  until,
  ids,
}: Omit<RunFilter, 'limit' | 'pageToken' | 'context' | 'text'> & { ids?: readonly string[] }): string {
  return [
    `WorkflowType = ${quoted(runWorkflowType)}`,
    state === undefined ? `ExecutionStatus != 'ContinuedAsNew'` : undefined,
    state === 'running' ? `${openRuns} AND HoldpointState IS NULL` : undefined,
    state === 'waiting' || state === 'parked' ? `${openRuns} AND HoldpointState = ${quoted(state)}` : undefined,
    state === 'completed' || state === 'cancelled' || state === 'failed' ? closedAs(state) : undefined,
    assistant === undefined ? undefined : `HoldpointAssistant = ${quoted(assistant)}`,
    caller === undefined ? undefined : `HoldpointCaller = ${quoted(caller)}`,
    since === undefined ? undefined : `StartTime >= ${quoted(since.toISOString())}`,
    until === undefined ? undefined : `StartTime < ${quoted(until.toISOString())}`,
    ids === undefined ? undefined : `WorkflowId IN (${ids.map(quoted).join(', ')})`,
    waiting ? `${openRuns} AND HoldpointWaitingSince IS NOT NULL` : undefined,
    approvalId === undefined ? undefined : `${openRuns} AND HoldpointApproval = ${quoted(approvalId)}`,
  ]
    .filter((part) => part !== undefined)
    .join(' AND ');
}

/**
 * Temporal's filter has no escape for quotes and backslashes that every visibility store reads alike: the SQLite store
 * finds `t` for `'t'''`.
 * @throws RunsFailure `refused` for a text with one of them.
 */
function quoted(text: string): string {
  if (/['"`\\]/.test(text))
    throw new RunsFailure('refused', `No list can be filtered by a text with quotes or backslashes: ${text}`);
  return `'${text}'`;
}

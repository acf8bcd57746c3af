import type { Run } from '../schemas/rest.ts';
import type { Stopped } from './ports.ts';
import { RestFailure } from './rest-failure.ts';

/** The failure for an order to a closed run. */
export function runClosed(id: string, run: Run | undefined): RestFailure {
  return new RestFailure('run-closed', ended(id, run));
}

/** The failure for a message to a closed run. It names `continueFrom`, or why that is refused. */
export function messageToClosed(id: string, run: Run | undefined, stopped: Stopped | undefined): RestFailure {
  if (stopped) return new RestFailure('run-closed', `${stoppedText(id, stopped)} Start a new run.`);
  const remedy =
    run?.state === 'completed' || run?.state === 'failed'
      ? `To continue its conversation, start a run with continueFrom: ${JSON.stringify(id)}.`
      : 'Only the conversation of a completed or failed run can be continued. Start a new run.';
  return new RestFailure('run-closed', `${ended(id, run)} ${remedy}`);
}

/** Says that a run was ended in Temporal. */
export function stoppedText(id: string, stopped: Stopped): string {
  return `The run "${id}" ${stopped === 'terminated' ? 'was terminated' : 'timed out'} in Temporal, so its last turn is not known and it can't be continued.`;
}

function ended(id: string, run: Run | undefined): string {
  return `The run "${id}" has ended${run ? ` as ${run.state}` : ''}.`;
}

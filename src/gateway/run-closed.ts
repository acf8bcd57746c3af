import type { Run } from '../schemas/rest.ts';
import { RestFailure } from './rest-failure.ts';

/** The failure for an order to a closed run. For a message it names `continueFrom`. */
export function runClosed(id: string, run: Run | undefined, order?: 'message'): RestFailure {
  const ended = `The run "${id}" has ended${run ? ` as ${run.state}` : ''}.`;
  if (order === undefined) return new RestFailure('run-closed', ended);
  const remedy =
    run?.state === 'completed' || run?.state === 'failed'
      ? `To continue its conversation, start a run with continueFrom: ${JSON.stringify(id)}.`
      : 'Only the conversation of a completed or failed run can be continued. Start a new run.';
  return new RestFailure('run-closed', `${ended} ${remedy}`);
}

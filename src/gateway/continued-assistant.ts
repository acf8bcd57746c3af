import type { Run } from '../schemas/rest.ts';
import type { Stopped } from './ports.ts';
import { RestFailure } from './rest-failure.ts';
import { stoppedText } from './run-closed.ts';

/**
 * The assistant of a run that another run continues. The worker checks again, and its result counts.
 * `stopped`: how Temporal ended the run.
 * @throws RestFailure `run-not-continuable`.
 */
export function continuedAssistant(
  { id, kind, state, closedAt, assistant }: Run,
  stopped: Stopped | undefined,
  wanted: string | undefined,
): string {
  const notContinuable = (message: string, field = 'continueFrom') =>
    new RestFailure('run-not-continuable', message, `body.${field}`);
  if (kind === 'approval')
    throw notContinuable(`"${id}" is a standalone approval. It has no conversation to continue.`);
  if (closedAt === null)
    throw notContinuable(
      `The run "${id}" is still open (${state}). Send it a message: POST /v1/runs/${id}/messages, or holdpoint runs message.`,
    );
  if (state !== 'completed' && state !== 'failed')
    throw notContinuable(
      `The run "${id}" ended as ${state}. Only a completed or failed run can be continued. Start a run without continueFrom.`,
    );
  if (stopped) throw notContinuable(`${stoppedText(id, stopped)} Start a run without continueFrom.`);
  if (wanted !== undefined && wanted !== assistant)
    throw notContinuable(
      `The run "${id}" belongs to the assistant "${assistant}", not to "${wanted}". Leave out \`assistant\`, or start a run without continueFrom.`,
      'assistant',
    );
  return assistant;
}

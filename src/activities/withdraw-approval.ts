import { Context } from '@temporalio/activity';
import type { RunActivities, WithdrawInput } from '../domain/activities.ts';
import { ReviewFailure, type ReviewService } from '@holdpoint/cheqpoint';
import { parseCallKey, type CallKey } from '../domain/call-key.ts';
import { requesterNamed, ownExecution, type ActivityDependencies } from './context.ts';
import { toTemporalFailure } from './failure.ts';
import { isSealedForRun } from './sealed-for-run.ts';

/**
 * Closes the open requests of a run that ends. Hosted Cheqpoint can't close requests: they stay open, and a late
 * decision finds the run closed. Only requests that are sealed as this run's own are closed, since the ids come from
 * the Workflow. A request whose reply was lost is sent again, word for word, and answered with its id.
 * @throws ForeignCall without a Workflow; ReviewUnavailable (retried).
 */
export function createWithdrawApproval({
  config,
  review,
  requests,
  runs,
  envelopes,
}: ActivityDependencies): RunActivities['withdrawApproval'] {
  return async ({ assistant, approvalIds, reason, asked = [] }: WithdrawInput): Promise<void> => {
    const { workflowId, runId } = ownExecution();
    const firstRunId = await runs.firstRunId(workflowId, runId);
    const requester = requesterNamed(config, assistant);
    const { cancellationSignal } = Context.current();
    try {
      const service = review(requester);
      const { withdraw, idempotency } = await service.capabilities();
      if (!withdraw) return;
      const own = asked.filter((key) => parseCallKey(key)?.firstRunId === firstRunId);
      const found = idempotency ? await Promise.all(own.map((key) => idOfNewest(key, service))) : [];
      for (const id of [...approvalIds, ...found.flatMap((each) => each ?? [])]) {
        try {
          const answer = await service.read(id, cancellationSignal);
          if (isSealedForRun(envelopes, answer, firstRunId)) await service.close(id, reason, cancellationSignal);
        } catch (error) {
          // A deleted request counts as closed.
          if (!(error instanceof ReviewFailure && error.kind === 'gone')) throw error;
        }
      }
    } catch (error) {
      throw toTemporalFailure(error);
    }
  };

  /** The id of the newest request of a call. Undefined if there is none. */
  async function idOfNewest(key: CallKey, service: ReviewService): Promise<string | undefined> {
    const row = (await requests.list(key)).at(-1);
    if (!row) return undefined;
    return (row.answered ? row.id : (await service.request(row.request)).id) ?? undefined;
  }
}

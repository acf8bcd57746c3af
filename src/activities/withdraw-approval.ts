import { Context } from '@temporalio/activity';
import type { RunActivities, WithdrawInput } from '../domain/activities.ts';
import { ReviewFailure } from '../domain/review-failure.ts';
import { parseCallKey } from '../domain/call-key.ts';
import { askerNamed, ownExecution, type ActivityDependencies } from './context.ts';
import { toTemporalFailure } from './failure.ts';
import type { ReviewAnswer } from './ports.ts';

/**
 * Closes requests that nobody needs to decide any more, as far as the service can: hosted Cheqpoint has no such call,
 * there they stay open and a late decision finds the run closed. What is not sealed as this run's own stays as it is:
 * the ids are only what somebody put into the Workflow.
 * @throws ForeignCall without a Workflow; ReviewUnavailable (tried again).
 */
export function createWithdrawApproval({ config, review, runs, envelopes }: ActivityDependencies): RunActivities['withdrawApproval'] {
  return async ({ assistant, approvalIds, reason }: WithdrawInput): Promise<void> => {
    const { workflowId, runId } = ownExecution();
    const firstRunId = await runs.firstRunId(workflowId, runId);
    const isOwn = ({ details }: ReviewAnswer): boolean => parseCallKey((details && envelopes.open(details))?.envelope.callKey ?? '')?.firstRunId === firstRunId;
    const asker = askerNamed(config, assistant);
    const { cancellationSignal } = Context.current();
    try {
      const service = review(asker);
      if (!(await service.capabilities()).withdraw) return;
      for (const id of approvalIds) {
        try {
          if (isOwn(await service.read(id, cancellationSignal))) await service.close(id, reason, cancellationSignal);
        } catch (error) {
          // Gone is as good as closed.
          if (!(error instanceof ReviewFailure && error.kind === 'gone')) throw error;
        }
      }
    } catch (error) {
      throw toTemporalFailure(error);
    }
  };
}

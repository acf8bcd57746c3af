import { Context } from '@temporalio/activity';
import type { RunActivities, WithdrawInput } from '../domain/activities.ts';
import { ReviewFailure } from '../domain/review-failure.ts';
import { assistantNamed, type ActivityDependencies } from './context.ts';
import { toTemporalFailure } from './failure.ts';

/**
 * Closes requests that nobody needs to decide any more, as far as the service can: hosted Cheqpoint has no such call,
 * there they stay open and a late decision finds the run closed.
 */
export function createWithdrawApproval({ config, review }: ActivityDependencies): RunActivities['withdrawApproval'] {
  return async ({ assistant, approvalIds, reason }: WithdrawInput): Promise<void> => {
    const service = review(assistantNamed(config, assistant));
    const { cancellationSignal } = Context.current();
    try {
      if (!(await service.capabilities()).withdraw) return;
      for (const id of approvalIds) {
        try {
          await service.close(id, reason, cancellationSignal);
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

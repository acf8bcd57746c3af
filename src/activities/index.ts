import type { RunActivities } from '../domain/activities.ts';
import type { ReconcileActivities } from '../domain/reconcile.ts';
import type { WorkerDependencies } from './context.ts';
import { createAnswerQuestions } from './answer-questions.ts';
import { tracedActivities, tracedSurface } from './traced.ts';
import { meteredActivities, meteredSurface } from './metered.ts';
import { ownValues } from './own-values.ts';
import { createReconcile } from './reconcile.ts';
import { createRequestApproval } from './request-approval.ts';
import { createSettleToolCall } from './settle-tool-call.ts';
import { createTakeTurn } from './take-turn.ts';
import { createWithdrawApproval } from './withdraw-approval.ts';

/** All Activities of a worker: every effect of a Run on the outside. */
export function createActivities(worker: WorkerDependencies): RunActivities & ReconcileActivities {
  const { meter } = worker;
  const dependencies = {
    ...worker,
    values: ownValues(worker),
    surface: tracedSurface(meter ? meteredSurface(worker.surface, meter) : worker.surface),
  };
  const activities = {
    takeTurn: createTakeTurn(dependencies),
    requestApproval: createRequestApproval(dependencies),
    settleToolCall: createSettleToolCall(dependencies),
    withdrawApproval: createWithdrawApproval(dependencies),
    answerQuestions: createAnswerQuestions(dependencies),
    reconcile: createReconcile(dependencies),
  };
  const traced = tracedActivities(activities);
  return meter ? meteredActivities(traced, meter) : traced;
}

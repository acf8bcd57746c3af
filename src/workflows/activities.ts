import { ActivityCancellationType, proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { RunActivities } from '../domain/activities.ts';

/** Temporal starts another attempt after this long without a heartbeat. `AttemptLease` reads it from the Activity's info. */
export const heartbeatTimeout = '5 s';

/** The first retry comes soon: most failures are of one moment, and a killed worker's successor is up by then. */
const backoff = { initialInterval: '200 ms', backoffCoefficient: 2, maximumInterval: '1 minute' } as const;

/** Parks after 20 attempts. A turn may take hours: the adapter bounds each of its requests. */
export const { takeTurn } = proxyActivities<Pick<RunActivities, 'takeTurn'>>({
  startToCloseTimeout: '24 hours',
  heartbeatTimeout,
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { ...backoff, maximumAttempts: 20 },
});

/** Unlimited attempts: until the review service is back, no tool runs. */
export const { requestApproval } = proxyActivities<Pick<RunActivities, 'requestApproval'>>({
  startToCloseTimeout: '1 minute',
  heartbeatTimeout,
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: backoff,
});

/**
 * The first attempt, inside the Workflow Task. It ends before the time-out of the Workflow Task, so no other worker
 * repeats it meanwhile.
 */
export const { requestApproval: requestApprovalLocally } = proxyLocalActivities<Pick<RunActivities, 'requestApproval'>>(
  {
    startToCloseTimeout: '2 s',
    scheduleToCloseTimeout: '3 s',
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: { maximumAttempts: 1 },
  },
);

/** Unlimited attempts: the effect ledger counts how often the tool failed. */
export const { settleToolCall } = proxyActivities<Pick<RunActivities, 'settleToolCall'>>({
  startToCloseTimeout: '15 minutes',
  heartbeatTimeout,
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: backoff,
});

/** Unlimited attempts: the Activity itself gives a question up whose answer the model fails to give. */
export const { answerQuestions } = proxyActivities<Pick<RunActivities, 'answerQuestions'>>({
  startToCloseTimeout: '15 minutes',
  heartbeatTimeout,
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: backoff,
});

/** One minute in total, so that a cancelled run ends. The reconcile Schedule withdraws the rest. */
export const { withdrawApproval } = proxyActivities<Pick<RunActivities, 'withdrawApproval'>>({
  startToCloseTimeout: '20 s',
  scheduleToCloseTimeout: '1 minute',
  retry: backoff,
});

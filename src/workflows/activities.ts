import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { RunActivities } from '../domain/activities.ts';

/** A killed worker is noticed after this long without a heartbeat. */
export const heartbeatTimeout = '10 s';

const backoff = { initialInterval: '1 s', backoffCoefficient: 2, maximumInterval: '1 minute' } as const;

/** Bounded: a model that fails this often needs somebody. The adapter bounds each request, so a turn may take long. */
export const { takeTurn } = proxyActivities<Pick<RunActivities, 'takeTurn'>>({
  startToCloseTimeout: '24 hours',
  heartbeatTimeout,
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { ...backoff, maximumAttempts: 20 },
});

/** Unbounded: people wait for the review service to come back, and no tool runs meanwhile. */
export const { requestApproval } = proxyActivities<Pick<RunActivities, 'requestApproval'>>({
  startToCloseTimeout: '1 minute',
  heartbeatTimeout,
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: backoff,
});

/** Unbounded likewise: how often a tool itself may fail is counted in the effect ledger. */
export const { settleToolCall } = proxyActivities<Pick<RunActivities, 'settleToolCall'>>({
  startToCloseTimeout: '15 minutes',
  heartbeatTimeout,
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: backoff,
});

/** Bounded: a cancelled run must end; the reconcile Schedule withdraws what is left. */
export const { withdrawApproval } = proxyActivities<Pick<RunActivities, 'withdrawApproval'>>({
  startToCloseTimeout: '20 s',
  scheduleToCloseTimeout: '1 minute',
  retry: backoff,
});

import { setTimeout as sleep } from 'node:timers/promises';
import { Context, log } from '@temporalio/activity';
import { dueSpans, isDue, type Decided, type ReconcileActivities, type ReconcileInput, type ReconcileResult } from '../domain/reconcile.ts';
import { ReviewFailure } from '../domain/review-failure.ts';
import { assistantNamed, type ActivityDependencies } from './context.ts';
import { withHeartbeats } from './heartbeat.ts';
import type { ReviewService, WaitingRun } from './ports.ts';

/** At most five requests a second go to the review service: people's decisions come first. */
const pauseMs = 200;
/** A first look goes back this far; a later one starts where the last one ended, but no further back than a day. */
const firstSpanMs = 60_000;
const longestSpanMs = 24 * 60 * 60_000;
/** Visibility lags, and clocks differ. */
const overlapMs = 60_000;

/**
 * Looks, by age, at approvals whose news may have been lost, and tells their runs; withdraws what closed runs left
 * open. It decides nothing: a run that is told looks for itself. A review service that does not answer holds up nobody
 * else's; what could not be looked at is looked at next time.
 */
export function createReconcile({ config, review, waitingRuns, now }: ActivityDependencies): ReconcileActivities['reconcile'] {
  return async ({ since, everything, decided: before }: ReconcileInput): Promise<ReconcileResult> => {
    const { cancellationSignal: signal } = Context.current();
    const until = now();
    const from = Math.max(since ?? until - firstSpanMs, until - longestSpanMs);
    const result: ReconcileResult = { lookedUntil: until, looked: 0, told: 0, withdrawn: 0, decided: { at: until, approvalIds: [] } };
    await withHeartbeats(async () => {
      const spans = everything ? [{ after: null, until }] : dueSpans(from, until);
      const due = await Promise.all(spans.map((span) => waitingRuns.waiting(span)));
      for (const run of unique(due.flat())) await unlessAway(() => look(run, before, result, signal));
      for (const run of await waitingRuns.closedWaiting(from - overlapMs)) await unlessAway(() => withdraw(run, result, signal));
    });
    return result;

    async function unlessAway(act: () => Promise<void>): Promise<void> {
      try {
        await act();
      } catch (error) {
        if (!(error instanceof ReviewFailure)) throw error;
        log.warn('A review service could not be asked; it is asked again next time.', { kind: error.kind, problem: error.message });
        result.lookedUntil = from;
      }
    }
  };

  async function look(run: WaitingRun, before: Decided | undefined, result: ReconcileResult, signal: AbortSignal): Promise<void> {
    const service = serviceOf(run);
    for (const approvalId of service ? run.approvalIds : []) {
      await sleep(pauseMs, undefined, { signal });
      result.looked += 1;
      if (await isPending(service as ReviewService, approvalId, signal)) continue;
      result.decided.approvalIds.push(approvalId);
      // It knows already, and is told again only as it gets older.
      if (before?.approvalIds.includes(approvalId) && !isDue(run.waitingSince, before.at, result.decided.at)) continue;
      await waitingRuns.tell(run.workflowId, { approvalId });
      result.told += 1;
    }
  }

  async function withdraw(run: WaitingRun, result: ReconcileResult, signal: AbortSignal): Promise<void> {
    const service = serviceOf(run);
    if (!service || !(await service.capabilities()).withdraw) return;
    for (const approvalId of run.approvalIds) {
      await sleep(pauseMs, undefined, { signal });
      if (!(await isPending(service, approvalId, signal))) continue;
      await service.close(approvalId, 'withdrawn', signal);
      result.withdrawn += 1;
    }
  }

  /** A run of an assistant that this worker does not know is left to a worker that does. */
  function serviceOf(run: WaitingRun): ReviewService | undefined {
    return config.assistants.some(({ name }) => name === run.assistant) ? review(assistantNamed(config, run.assistant)) : undefined;
  }
}

/** A request that is gone is not pending: its run looks, and says so. */
async function isPending(service: ReviewService, approvalId: string, signal: AbortSignal): Promise<boolean> {
  try {
    return (await service.read(approvalId, signal)).status === 'pending';
  } catch (error) {
    if (error instanceof ReviewFailure && error.kind === 'gone') return false;
    throw error;
  }
}

function unique(runs: WaitingRun[]): WaitingRun[] {
  return [...new Map(runs.map((run) => [run.workflowId, run])).values()].sort((one, other) => one.waitingSince - other.waitingSince);
}

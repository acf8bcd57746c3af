import { setTimeout as sleep } from 'node:timers/promises';
import { Context, log } from '@temporalio/activity';
import {
  dueSpans,
  isDue,
  type Decided,
  type ReconcileActivities,
  type ReconcileInput,
  type ReconcileResult,
} from '../domain/reconcile.ts';
import { ReviewFailure, type ReviewService } from '@holdpoint/cheqpoint';
import { noAssistant } from '../domain/standalone-approval.ts';
import { requesterNamed, type ActivityDependencies } from './context.ts';
import { withHeartbeats } from './attempt-lease.ts';
import type { WaitingRun } from './ports.ts';

/** At most five requests a second go to the review service: people's decisions come first. */
const pauseMs = 200;
/** A first look goes back this far; a later one starts where the last one ended, but no further back than a day. */
const firstSpanMs = 60_000;
const longestSpanMs = 24 * 60 * 60_000;
/** Visibility lags, and clocks differ. */
const overlapMs = 60_000;

/** A service that failed this often in one look is left alone until the next: each time may cost its whole time-out. */
const failuresBorne = 3;

/**
 * Looks, by age, at approvals whose news may have been lost, and tells their runs; withdraws what closed runs left
 * open. It decides nothing: a run that is told looks for itself. A review service that does not answer, or refuses its
 * key, holds up nobody else's; what could not be looked at is looked at next time.
 */
export function createReconcile({
  config,
  review,
  waitingRuns,
  now,
}: ActivityDependencies): ReconcileActivities['reconcile'] {
  return async ({ since, everything, decided: before, behind = {} }: ReconcileInput): Promise<ReconcileResult> => {
    const { cancellationSignal: signal } = Context.current();
    const until = now();
    const lookBack = (time: number | null) => Math.max(time ?? until - firstSpanMs, until - longestSpanMs);
    const fromOf = (assistant: string) => lookBack(Object.hasOwn(behind, assistant) ? behind[assistant]! : since);
    const earliest = Math.min(lookBack(since), ...Object.keys(behind).map(fromOf));
    const result: ReconcileResult = {
      lookedUntil: until,
      looked: 0,
      told: 0,
      withdrawn: 0,
      decided: { at: until, approvalIds: [] },
    };
    const failures = new Map<ReviewService, number>();
    await withHeartbeats(async () => {
      const spans = everything ? [{ after: null, until }] : dueSpans(earliest, until);
      const waiting = unique((await Promise.all(spans.map((span) => waitingRuns.waiting(span)))).flat());
      const due = waiting.filter((run) => everything || isDue(run.waitingSince, fromOf(run.assistant), until));
      for (const run of due) await unlessAway(run, (service) => look(run, service, before, result, signal));
      for (const run of await waitingRuns.closedWaiting(earliest - overlapMs))
        await unlessAway(run, (service) => withdraw(run, service, result, signal));
    });
    return result;

    async function unlessAway(
      { assistant }: WaitingRun,
      act: (service: ReviewService) => Promise<void>,
    ): Promise<void> {
      const service = serviceOf(assistant);
      if (!service) return;
      const failed = failures.get(service) ?? 0;
      try {
        if (failed < failuresBorne) return await act(service);
      } catch (error) {
        if (!(error instanceof ReviewFailure)) throw error;
        log.warn('A review service could not be asked; it is asked again next time.', {
          assistant,
          kind: error.kind,
          problem: error.message,
        });
        failures.set(service, failed + 1);
      }
      result.behind = { ...result.behind, [assistant]: fromOf(assistant) };
    }
  };

  async function look(
    run: WaitingRun,
    service: ReviewService,
    before: Decided | undefined,
    result: ReconcileResult,
    signal: AbortSignal,
  ): Promise<void> {
    for (const approvalId of run.approvalIds) {
      await sleep(pauseMs, undefined, { signal });
      result.looked += 1;
      if (await isPending(service, approvalId, signal)) continue;
      result.decided.approvalIds.push(approvalId);
      // It knows already, and is told again only as it gets older.
      if (before?.approvalIds.includes(approvalId) && !isDue(run.waitingSince, before.at, result.decided.at)) continue;
      await waitingRuns.signalDecided(run.workflowId, { approvalId });
      result.told += 1;
    }
  }

  async function withdraw(
    run: WaitingRun,
    service: ReviewService,
    result: ReconcileResult,
    signal: AbortSignal,
  ): Promise<void> {
    if (!(await service.capabilities()).withdraw) return;
    for (const approvalId of run.approvalIds) {
      await sleep(pauseMs, undefined, { signal });
      if (!(await isPending(service, approvalId, signal))) continue;
      await service.close(approvalId, 'withdrawn', signal);
      result.withdrawn += 1;
    }
  }

  /** A run of an assistant that this worker does not know, or has no key for, is left to a worker that does. */
  function serviceOf(assistant: string): ReviewService | undefined {
    const known = assistant === noAssistant || config.assistants.some(({ name }) => name === assistant);
    try {
      return known ? review(requesterNamed(config, assistant)) : undefined;
    } catch (error) {
      if (error instanceof ReviewFailure) return undefined;
      throw error;
    }
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
  return [...new Map(runs.map((run) => [run.workflowId, run])).values()].sort(
    (one, other) => one.waitingSince - other.waitingSince,
  );
}

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
import { type ReviewAnswer, ReviewFailure, type ReviewService } from '@holdpoint/cheqpoint';
import { noAssistant } from '../domain/standalone-approval.ts';
import { requesterNamed, type ActivityDependencies } from './context.ts';
import { withHeartbeats } from './attempt-lease.ts';
import type { WaitingRun } from './ports.ts';
import { isSealedForRun } from './sealed-for-run.ts';

/** Milliseconds between requests to the review service: at most five a second, so that decisions come first. */
const pauseMs = 200;
/** The first round covers a minute. A later one starts where the last one ended, at most a day back. */
const firstSpanMs = 60_000;
const longestSpanMs = 24 * 60 * 60_000;
/** Allows for the lag of visibility, and for clocks that differ. */
const overlapMs = 60_000;

/** Failures after which a service is skipped for the rest of the round: each may cost its whole timeout. */
const mostFailures = 3;

/**
 * Checks waiting approvals by age, in case their callback was lost, and signals their runs. Withdraws requests that
 * closed runs left open and that are sealed as theirs: their ids come from search attributes, which anyone who writes
 * to Temporal can set. A signalled run reads the decision. A review service that fails or refuses its key is skipped,
 * and its approvals are checked in the next round.
 */
export function createReconcile({
  config,
  review,
  runs,
  envelopes,
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
      for (const run of due) await withService(run, (service) => check(run, service, before, result, signal));
      for (const run of await waitingRuns.closedWaiting(earliest - overlapMs))
        await withService(run, (service) => withdraw(run, service, result, signal));
    });
    return result;

    async function withService(
      { assistant }: WaitingRun,
      act: (service: ReviewService) => Promise<void>,
    ): Promise<void> {
      const service = serviceOf(assistant);
      if (!service) return;
      const failed = failures.get(service) ?? 0;
      try {
        if (failed < mostFailures) return await act(service);
      } catch (error) {
        if (!(error instanceof ReviewFailure)) throw error;
        log.warn('A review service failed. Its approvals are checked in the next round.', {
          assistant,
          kind: error.kind,
          problem: error.message,
        });
        failures.set(service, failed + 1);
      }
      result.behind = { ...result.behind, [assistant]: fromOf(assistant) };
    }
  };

  async function check(
    run: WaitingRun,
    service: ReviewService,
    before: Decided | undefined,
    result: ReconcileResult,
    signal: AbortSignal,
  ): Promise<void> {
    for (const approvalId of run.approvalIds) {
      await sleep(pauseMs, undefined, { signal });
      result.looked += 1;
      if ((await readRequest(service, approvalId, signal))?.status === 'pending') continue;
      result.decided.approvalIds.push(approvalId);
      // The run was signalled in the last round. It is signalled again only as it gets older.
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
    if (!(await service.capabilities()).withdraw || run.approvalIds.length === 0) return;
    const firstRunId = await runs.firstRunId(run.workflowId, run.runId);
    for (const approvalId of run.approvalIds) {
      await sleep(pauseMs, undefined, { signal });
      const answer = await readRequest(service, approvalId, signal);
      if (answer?.status !== 'pending') continue;
      if (!isSealedForRun(envelopes, answer, firstRunId)) {
        log.warn('A closed run names an open request that is not sealed as its own. It is not withdrawn.', {
          runId: run.workflowId,
          approvalId,
        });
        continue;
      }
      await service.close(approvalId, 'withdrawn', signal);
      result.withdrawn += 1;
    }
  }

  /** Undefined for an assistant that this worker does not know or has no key for: another worker serves it. */
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

/** Undefined for a deleted or unreadable request: its run reads it and parks. */
async function readRequest(
  service: ReviewService,
  approvalId: string,
  signal: AbortSignal,
): Promise<ReviewAnswer | undefined> {
  try {
    return await service.read(approvalId, signal);
  } catch (error) {
    if (error instanceof ReviewFailure && (error.kind === 'gone' || error.kind === 'unreadable')) return undefined;
    throw error;
  }
}

function unique(runs: WaitingRun[]): WaitingRun[] {
  return [...new Map(runs.map((run) => [run.workflowId, run])).values()].sort(
    (one, other) => one.waitingSince - other.waitingSince,
  );
}

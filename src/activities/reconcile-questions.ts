import type { ReviewService } from '@holdpoint/cheqpoint';
import type { ToldQuestions } from '../domain/reconcile.ts';
import type { WaitingRuns } from './ports.ts';

type FindQuestions = {
  service: ReviewService;
  /** Questions that earlier rounds signalled. */
  last: ToldQuestions;
  now: number;
  /** Questions that have waited less are left to their callback, in milliseconds. */
  waitingMs: number;
  waitingRuns: WaitingRuns;
  isOver: () => boolean;
  signal: AbortSignal;
};

/** A question that stays open is signalled again after this time. Its program may take days to answer. */
const againAfterMs = 6 * 60 * 60_000;
const mostTold = 1_000;

/**
 * Signals the runs on whose requests a question is open, in case its callback was lost. A question is open until it is
 * answered, so there is no cursor to lose. Returns the signalled questions that are still open, and the number of
 * Signals.
 */
export async function signalQuestions({
  service,
  last,
  now,
  waitingMs,
  waitingRuns,
  isOver,
  signal,
}: FindQuestions): Promise<{ told: ToldQuestions; sent: number }> {
  const told: ToldQuestions = {};
  let sent = 0;
  if (!(await service.capabilities()).questions) return { told, sent };
  for (let after: string | undefined; ;) {
    const page = await service.openQuestions({ waitingMs, ...(after !== undefined && { after }) }, signal);
    for (const { id } of page.questions) if (Object.hasOwn(last, id)) told[id] = last[id]!;
    const due = page.questions.filter(({ id }) => now - (told[id] ?? -Infinity) >= againAfterMs);
    const approvalIds = [...new Set(due.map(({ approvalId }) => approvalId))].slice(0, mostTold);
    for (let index = 0; index < approvalIds.length; index += 100)
      for (const run of await waitingRuns.waitingFor(approvalIds.slice(index, index + 100))) {
        for (const approvalId of run.approvalIds.filter((each) => approvalIds.includes(each))) {
          await waitingRuns.signalAsked(run.workflowId, { approvalId });
          sent += 1;
          for (const { id } of due.filter((question) => question.approvalId === approvalId)) told[id] = now;
        }
      }
    if (page.cursor === null || isOver() || Object.keys(told).length >= mostTold) return { told, sent };
    after = page.cursor;
  }
}

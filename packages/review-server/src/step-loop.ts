import { setTimeout as pause } from 'node:timers/promises';
import { within } from '@holdpoint/process';
import type { Logger } from 'pino';
import type { ApprovalFeed } from './approval-feed.ts';
import { executeStep, putStepOff, type StepKinds } from './store/execute-step.ts';
import type { ReviewStore } from './store/review-store.ts';
import { nextSteps } from './store/steps.ts';

/** Four of the ten connections of a process, so that steps that wait for locks leave room for people. */
const mostAtOnce = 4;
/** A step that no hint announced is found this late at most, in milliseconds. */
const pollEveryMs = 500;
/** The pause between two reads while approvals change all the time, in milliseconds. */
const restMs = 50;
const longestReadMs = 60_000;

/**
 * Executes the timed steps of approvals at their times, those that an earlier process left too. It sleeps until the next
 * step is due, and reads again when an approval changes in any server.
 */
export function startStepLoop(
  store: ReviewStore,
  { kinds, feed }: { kinds: StepKinds; feed: Pick<ApprovalFeed, 'subscribe'> },
  log: Logger,
): { stop(): Promise<void> } {
  const names = Object.keys(kinds);
  const stopping = new AbortController();
  const inFlight = new Map<string, Promise<void>>();
  let reading: Promise<void> | undefined;
  let readAt = -Infinity;
  let timer: NodeJS.Timeout | undefined;
  /** The soonest next read that was asked for, by `performance.now()`. */
  let nextAt = Infinity;

  function readIn(ms: number): void {
    const at = performance.now() + ms;
    if (at >= nextAt || stopping.signal.aborted) return;
    nextAt = at;
    if (reading === undefined) plan();
  }

  function plan(): void {
    clearTimeout(timer);
    if (!stopping.signal.aborted) timer = setTimeout(read, Math.max(0, nextAt - performance.now()));
  }

  function read(): void {
    [readAt, nextAt] = [performance.now(), Infinity];
    reading = within(longestReadMs, 'a read of the timed steps', beginDue())
      .catch((error: unknown) => {
        log.error({ err: error }, 'timed steps could not be read');
        return pollEveryMs;
      })
      .then((pauseMs) => {
        reading = undefined;
        nextAt = Math.min(nextAt, performance.now() + pauseMs);
        return plan();
      });
  }

  /** Begins the due steps. Returns the pause until the next read. */
  async function beginDue(): Promise<number> {
    const free = mostAtOnce - inFlight.size;
    if (free === 0) return pollEveryMs;
    const steps = await nextSteps(store, { kinds: names, most: free + 1, except: [...inFlight.keys()] });
    const now = store.clock().getTime();
    const dueIn = (step: (typeof steps)[number]) => Date.parse(step.next_attempt_at) - now;
    const due = steps.filter((step) => dueIn(step) <= 0).slice(0, free);
    for (const step of due)
      inFlight.set(
        step.id,
        run(step).finally(() => {
          inFlight.delete(step.id);
          readIn(0);
        }),
      );
    const next = steps[due.length];
    return due.length === free || next === undefined ? pollEveryMs : Math.min(pollEveryMs, Math.max(1, dueIn(next)));
  }

  async function run(step: { id: string; approval_id: string }): Promise<void> {
    const about = { stepId: step.id, approvalId: step.approval_id };
    try {
      const result = await executeStep(store, kinds, step);
      if (result !== undefined) log.info({ ...about, result }, 'timed step done');
    } catch (error) {
      log.error({ ...about, err: error }, 'timed step failed; it is tried again');
      await putStepOff(store, step.id, error instanceof Error ? error.message : String(error)).catch(
        (cause: unknown) => {
          log.error({ ...about, err: cause }, 'failed timed step could not be put off');
          return pause(pollEveryMs, undefined, { signal: stopping.signal }).catch(() => undefined);
        },
      );
    }
  }

  const unsubscribe = feed.subscribe((change) => {
    if (change === 'missed' || change.change !== 'closed') readIn(Math.max(0, readAt + restMs - performance.now()));
  });
  readIn(0);
  return {
    async stop() {
      unsubscribe();
      stopping.abort();
      clearTimeout(timer);
      await reading;
      await Promise.allSettled(inFlight.values());
    },
  };
}

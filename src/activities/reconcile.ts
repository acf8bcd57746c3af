import { Context, log } from '@temporalio/activity';
import {
  dueAt,
  dueSpans,
  isDue,
  type ReconcileActivities,
  type ReconcileInput,
  type ReconcileResult,
} from '../domain/reconcile.ts';
import { type ReviewAnswer, ReviewFailure, type ReviewService } from '@holdpoint/cheqpoint';
import type { ActivityDependencies } from './context.ts';
import { withHeartbeats } from './attempt-lease.ts';
import type { WaitingRun } from './ports.ts';
import { readFeed } from './reconcile-feed.ts';
import { signalQuestions } from './reconcile-questions.ts';
import { walk } from './reconcile-walk.ts';
import { RequestPace, type RoundTiming, realTiming } from './request-pace.ts';
import { isSealedForRun } from './sealed-for-run.ts';
import { serviceGroups, type ServiceGroup } from './service-groups.ts';

/** The first round covers a minute. A later one starts where the last one ended, at most a day back. */
const firstSpanMs = 60_000;
const longestSpanMs = 24 * 60 * 60_000;
/** Allows for the lag of visibility, and for clocks that differ. */
const overlapMs = 60_000;
/** The parts of a round end at these times after its start, in milliseconds. The next round continues. */
const endsAt = { feed: 20_000, closed: 25_000, ages: 40_000, walk: 50_000 };
/** Failures after which a service is skipped for the rest of the round: each may cost its whole timeout. */
const mostFailures = 3;
/** A question that has waited this long may have lost its callback, in milliseconds. */
const questionLateMs = 60_000;
/** Requests that the next round knows as decided. */
const mostDecided = 200;

/**
 * Finds decisions whose callback was lost, and signals their runs. A signalled run reads the decision. Our review
 * server has a feed of decisions, so a round costs one request. At other services, the round reads waiting requests one
 * by one: those of certain ages, and all others, oldest first, as far as the time of the round allows. The next round
 * continues there.
 *
 * Withdraws requests that closed runs left open and that are sealed as theirs: their ids come from search attributes,
 * which anyone who writes to Temporal can set. A service that fails or refuses its key is skipped until the next round.
 */
export function createReconcile(
  dependencies: ActivityDependencies,
  timing: RoundTiming = realTiming,
): ReconcileActivities['reconcile'] {
  const { runs, envelopes, waitingRuns, now } = dependencies;
  return async (input: ReconcileInput): Promise<ReconcileResult> => {
    const { since, everything, behind = {} } = input;
    const { cancellationSignal: signal } = Context.current();
    const until = now();
    const lookBack = (time: number | null) => Math.max(time ?? until - firstSpanMs, until - longestSpanMs);
    const fromOf = (assistant: string) => lookBack(Object.hasOwn(behind, assistant) ? behind[assistant]! : since);
    const earliest = Math.min(lookBack(since), ...Object.keys(behind).map(fromOf));
    const closedAfter = input.closedUntil ?? earliest - overlapMs;
    const begun = timing.elapsed();
    const isOver = (part: keyof typeof endsAt) => timing.elapsed() - begun >= endsAt[part];
    const result: ReconcileResult = {
      lookedUntil: until,
      looked: 0,
      told: 0,
      withdrawn: 0,
      decided: { at: until, approvalIds: [] },
      ...(input.feeds && { feeds: { ...input.feeds } }),
      ...(input.walks && { walks: { ...input.walks } }),
      ...(input.questions && { questions: { ...input.questions } }),
    };
    await withHeartbeats(async () => {
      const due = once(async () =>
        unique((await Promise.all(dueSpans(earliest, until).map((span) => waitingRuns.waiting(span)))).flat()),
      );
      const closed = once(() => waitingRuns.closedWaiting(closedAfter));
      const ended = await Promise.allSettled(serviceGroups(dependencies).map((group) => round(group, due, closed)));
      for (const each of ended) if (each.status === 'rejected') throw each.reason;
    });
    result.decided.approvalIds = [
      ...new Set([...result.decided.approvalIds, ...(input.decided?.approvalIds ?? [])]),
    ].slice(0, mostDecided);
    return result;

    async function round(
      group: ServiceGroup,
      dueRuns: () => Promise<WaitingRun[]>,
      closedRuns: () => Promise<WaitingRun[]>,
    ): Promise<void> {
      const { service, assistants, name } = group;
      const pace = new RequestPace(timing, signal);
      const theirs = (all: WaitingRun[]) => all.filter(({ assistant }) => assistants.includes(assistant));
      let failures = 0;
      /** True if it is done. False if the service failed: its approvals are checked in the next round. */
      const tried = async (act: () => Promise<void>): Promise<boolean> => {
        try {
          if (failures < mostFailures) {
            await act();
            return true;
          }
        } catch (error) {
          if (!(error instanceof ReviewFailure)) throw error;
          log.warn('A review service failed. Its approvals are checked in the next round.', {
            assistant: name,
            kind: error.kind,
            problem: error.message,
          });
          failures += 1;
        }
        for (const assistant of assistants) checkAgainFrom(assistant, fromOf(assistant));
        return false;
      };
      const checkRun = (run: WaitingRun) => tried(() => check(run, service, pace));

      let feed: Awaited<ReturnType<typeof readFeed>> | undefined;
      const last = input.feeds?.[name];
      await tried(async () => {
        const isFeedOver = () => isOver('feed');
        feed = await readFeed({ group, last, until, waitingRuns, isOver: isFeedOver, signal });
      });
      if (feed !== undefined && feed !== 'no-feed') {
        result.told += feed.told;
        result.feeds = { ...result.feeds, [name]: feed.state };
        if (feed.unfinished) result.unfinished = true;
      }
      await tried(async () => {
        const { told, sent } = await signalQuestions({
          service,
          last: input.questions?.[name] ?? {},
          now: until,
          waitingMs: everything ? 0 : questionLateMs,
          waitingRuns,
          isOver: () => isOver('feed'),
          signal,
        });
        result.told += sent;
        if (sent > 0 || input.questions?.[name]) result.questions = { ...result.questions, [name]: told };
      });

      for (const run of theirs(await closedRuns())) {
        if (isOver('closed')) {
          const stop = stopBefore(run.closedAt ?? until, closedAfter);
          result.closedUntil = Math.min(result.closedUntil ?? stop, stop);
          result.unfinished = true;
          break;
        }
        await tried(() => withdraw(run, service, pace));
      }

      // A server that fails keeps its place in the feed.
      if (feed === undefined && last !== undefined) return;
      const isWithoutFeed = feed === undefined || feed === 'no-feed';
      if (isWithoutFeed && !everything) {
        for (const { run, at } of inOrderOfDue(theirs(await dueRuns()))) {
          if (isOver('ages')) {
            for (const assistant of assistants) checkAgainFrom(assistant, stopBefore(at, fromOf(assistant)));
            result.unfinished = true;
            break;
          }
          await checkRun(run);
        }
      }
      const lastWalk = input.walks?.[name];
      const isLost = feed !== undefined && feed !== 'no-feed' && feed.lost;
      const isWalking = lastWalk !== undefined && (!lastWalk.done || lastWalk.again === true);
      if (!isWithoutFeed && !isLost && !isWalking) return;
      const state = await walk({
        assistants,
        last: isLost ? undefined : lastWalk,
        now: until,
        everything: everything && isWithoutFeed,
        waitingRuns,
        check: checkRun,
        isOver: () => isOver('walk') || failures >= mostFailures,
      });
      result.walks = { ...result.walks, [name]: state };
      if (!state.done && failures < mostFailures) result.unfinished = true;
    }

    function checkAgainFrom(assistant: string, time: number): void {
      result.behind = { ...result.behind, [assistant]: Math.min(result.behind?.[assistant] ?? time, time) };
    }

    function inOrderOfDue(waiting: WaitingRun[]): Array<{ run: WaitingRun; at: number }> {
      return waiting
        .flatMap((run) => {
          const at = dueAt(run.waitingSince, fromOf(run.assistant), until);
          return at === undefined ? [] : [{ run, at }];
        })
        .sort((one, other) => one.at - other.at);
    }

    async function check(run: WaitingRun, service: ReviewService, pace: RequestPace): Promise<void> {
      for (const approvalId of run.approvalIds) {
        await pace.next();
        result.looked += 1;
        if ((await readRequest(service, approvalId, signal))?.status === 'pending') continue;
        result.decided.approvalIds.push(approvalId);
        // Where every round reads it, a run that was signalled is signalled again only as it gets older.
        const { decided } = input;
        const isKnown = everything && decided?.approvalIds.includes(approvalId);
        if (isKnown && !isDue(run.waitingSince, decided!.at, until)) continue;
        await waitingRuns.signalDecided(run.workflowId, { approvalId });
        result.told += 1;
      }
    }

    async function withdraw(run: WaitingRun, service: ReviewService, pace: RequestPace): Promise<void> {
      if (!(await service.capabilities()).withdraw || run.approvalIds.length === 0) return;
      const firstRunId = await runs.firstRunId(run.workflowId, run.runId);
      for (const approvalId of run.approvalIds) {
        await pace.next();
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
  };
}

/** The time to continue from, so that what is due at `at` comes next. Later than `from`, so that a round progresses. */
function stopBefore(at: number, from: number): number {
  return at - 1 > from ? at - 1 : at;
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
  return [...new Map(runs.map((run) => [run.workflowId, run])).values()];
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => (result ??= work());
}

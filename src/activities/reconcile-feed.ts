import { log } from '@temporalio/activity';
import { afterPass, type FeedStart, type FeedState } from '../domain/reconcile.ts';
import type { WaitingRuns } from './ports.ts';
import type { ServiceGroup } from './service-groups.ts';

type ReadFeed = {
  group: ServiceGroup;
  /** The place of the last round. Undefined for the first. */
  last: FeedState | undefined;
  until: number;
  waitingRuns: WaitingRuns;
  /** True when the time for the feed is over. */
  isOver: () => boolean;
  signal: AbortSignal;
};
/** `lost`: the cursor was unknown. `unfinished`: the feed has more. */
type FeedRound = { state: FeedState; told: number; lost: boolean; unfinished: boolean };

/** Allows for clocks that differ between Temporal and the review server. */
const clocksDifferMs = 60 * 60_000;
/** Approvals in one query to Temporal. */
const idsPerQuery = 100;
const signalsAtOnce = 10;
const mostPages = 20;
/** Above it, a signalled run may be signalled twice. */
const mostTold = 1000;

/**
 * Reads the decisions since the last round, and signals the runs that still wait for one of them. Begins with the
 * decisions since the oldest waiting request, also when the cursor is unknown.
 */
export async function readFeed(options: ReadFeed): Promise<FeedRound | 'no-feed'> {
  const { group, until, waitingRuns, isOver, signal } = options;
  let state = options.last ?? (await beginning(options));
  let lost = false;
  let at = state.pass?.at ?? until;
  let start: FeedStart = state.pass ? { after: state.pass.cursor } : state.from;
  let isWhole = state.pass === undefined;
  const told = new Set(state.told);
  const seen = new Set<string>();
  let newlyTold = 0;
  for (let pages = 1; ; pages += 1) {
    const reply = await group.service.decisions(start, signal);
    if (reply.type === 'no-feed') return 'no-feed';
    if (reply.type === 'unknown-cursor') {
      if (lost) throw new Error('The review server refused a cursor that it had just made.');
      log.warn(
        'The review server does not know the place in its decision feed. Its database may be an older backup. All waiting requests are checked.',
        { assistant: group.name },
      );
      lost = true;
      state = await beginning(options);
      [start, at, isWhole] = [state.from, until, true];
      continue;
    }
    for (const id of reply.ids) seen.add(id);
    newlyTold += await signalWaiting(reply.ids);
    const kept = [...told].filter((id) => !isWhole || reply.more || seen.has(id)).slice(-mostTold);
    if (!reply.more)
      return { state: afterPass(state, reply.cursor, at, kept), told: newlyTold, lost, unfinished: false };
    start = { after: reply.cursor };
    if (pages >= mostPages || isOver()) {
      const { pass: _, ...place } = state;
      const next = { ...place, told: kept, pass: { cursor: reply.cursor, at } };
      return { state: next, told: newlyTold, lost, unfinished: true };
    }
  }

  async function signalWaiting(ids: string[]): Promise<number> {
    const before = told.size;
    for (let index = 0; index < ids.length; index += idsPerQuery) {
      signal.throwIfAborted();
      const some = new Set(ids.slice(index, index + idsPerQuery).filter((id) => !told.has(id)));
      const hints = (await waitingRuns.waitingFor([...some])).flatMap(({ workflowId, approvalIds }) =>
        approvalIds.filter((id) => some.has(id)).map((approvalId) => ({ workflowId, approvalId })),
      );
      for (let sent = 0; sent < hints.length; sent += signalsAtOnce)
        await Promise.all(hints.slice(sent, sent + signalsAtOnce).map(signalRun));
    }
    return told.size - before;
  }

  async function signalRun({ workflowId, approvalId }: { workflowId: string; approvalId: string }): Promise<void> {
    await waitingRuns.signalDecided(workflowId, { approvalId });
    told.add(approvalId);
  }
}

/** A request is decided after it was made, so the feed begins at the oldest waiting one. */
async function beginning({ group, until, waitingRuns }: ReadFeed): Promise<FeedState> {
  const { runs } = await waitingRuns.oldest({ assistants: group.assistants, after: null, until, limit: 1 });
  const oldest = Math.max((runs[0]?.waitingSince ?? until) - clocksDifferMs, 0);
  return { from: { since: new Date(oldest).toISOString() }, reached: null, at: 0, told: [] };
}

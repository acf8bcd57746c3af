import { OpenAPIHono } from '@hono/zod-openapi';
import { createStreamSlots } from '@holdpoint/process';
import { streamSSE, type SSEStreamingApi } from 'hono/streaming';
import type { Counts } from '../contract/reviewer-api.ts';
import { addRoute } from '../openapi/add-route.ts';
import type { ApprovalFeed } from '../approval-feed.ts';
import type { ReviewStore } from '../store/review-store.ts';
import type { Sessions } from '../store/sessions.ts';
import { hiddenFrom } from '../store/visible.ts';
import { createLiveCounts } from './live-counts.ts';
import { signedIn, type ReviewerVariables } from './reviewer-session.ts';

export type Events = {
  store: ReviewStore;
  feed: ApprovalFeed;
  sessions: Sessions;
  /** Open event streams, of one user and in all. */
  streams: { perUser: number; total: number };
};

/** Interval of keep-alive lines, which stop proxies from closing the stream, in milliseconds. */
const keepAliveMs = 15_000;
/** A client with a longer backlog gets one `resync` instead. */
const longestBacklog = 500;

/** `GET /events`: changes as server-sent events, until the session ends. */
export function eventRoutes({ store, feed, sessions, streams }: Events): OpenAPIHono<ReviewerVariables> {
  const counts = createLiveCounts(store, feed);
  const slots = createStreamSlots({ perOwner: streams.perUser, total: streams.total });
  const routes = new OpenAPIHono<ReviewerVariables>();
  addRoute(
    routes,
    {
      method: 'get',
      path: '/events',
      tag: 'approvals',
      summary: 'Stream changes as server-sent events: changed, counts, resync',
      answer: 'text/event-stream',
      errors: [429, 503],
    },
    (c) => {
      const { id } = signedIn(c);
      // A HEAD request has no body that could end the stream.
      if (c.req.method === 'HEAD') return c.body(null, 200, { 'content-type': 'text/event-stream' });
      const slot = slots.take(id);
      if (slot === 'owner-full')
        return c.json(
          { error: `You have ${streams.perUser} open event streams already. Close a page of the inbox.` },
          429,
          { 'retry-after': '30' },
        );
      if (slot === 'full')
        return c.json({ error: 'This server has too many open event streams. Try again later.' }, 503, {
          'retry-after': '30',
        });
      const token = c.var.sessionToken!;
      // Stops nginx from buffering the events.
      c.header('x-accel-buffering', 'no');
      return streamSSE(c, async (stream) => {
        const backlog = createBacklog(feed, stream);
        const stopCounts = counts.subscribe(id, (counted) => backlog.count(counted));
        try {
          await stream.write(': every change follows from here\n\n');
          while (!stream.aborted && !feed.stopping.aborted) {
            if (!(await backlog.wait(keepAliveMs))) await stream.write(': still here\n\n');
            if ((await sessions.find(token)) === undefined) return;
            for (const { event, data } of await seenBy(store, id, backlog.take()))
              await stream.writeSSE({ event, data: JSON.stringify(data) });
          }
        } finally {
          stopCounts();
          backlog.close();
          slot.release();
        }
      });
    },
  );
  return routes;
}

/** The events without those of approvals that the user may not see. */
async function seenBy(store: ReviewStore, userId: string, events: BacklogEvent[]): Promise<BacklogEvent[]> {
  const ids = events.flatMap(({ event, data }) => (event === 'changed' ? [(data as { id: string }).id] : []));
  const hidden = await hiddenFrom(store, userId, ids);
  return events.filter(({ event, data }) => event !== 'changed' || !hidden.has((data as { id: string }).id));
}

type BacklogEvent = { event: 'changed' | 'counts' | 'resync'; data: object };

type Backlog = {
  count(counts: Counts): void;
  /** Resolves with true when there is something to send or the stream ends, with false after `ms`. */
  wait(ms: number): Promise<boolean>;
  take(): BacklogEvent[];
  close(): void;
};

// For a slow reader this keeps each changed id once.
function createBacklog(feed: ApprovalFeed, stream: SSEStreamingApi): Backlog {
  const changed = new Set<string>();
  let [missed, lastCounts] = [false, ''];
  let counts: Counts | undefined;
  let wake = () => {};
  const add = (work: () => void) => {
    work();
    wake();
  };
  const unsubscribe = feed.subscribe((change) =>
    add(() => {
      if (change === 'missed' || changed.size >= longestBacklog) missed = true;
      else changed.add(change.id);
    }),
  );
  const end = () => wake();
  stream.onAbort(end);
  feed.stopping.addEventListener('abort', end);
  return {
    count: (newest) => add(() => (counts = newest)),
    wait: (ms) =>
      new Promise((resolve) => {
        if (changed.size > 0 || missed || counts !== undefined || stream.aborted || feed.stopping.aborted)
          return resolve(true);
        const timer = setTimeout(() => resolve(false), ms);
        wake = () => {
          clearTimeout(timer);
          resolve(true);
        };
      }),
    take() {
      const ids = [...changed];
      const changes = missed
        ? [{ event: 'resync' as const, data: {} }]
        : ids.map((id) => ({ event: 'changed' as const, data: { id } }));
      const fresh =
        counts !== undefined && JSON.stringify(counts) !== lastCounts
          ? [{ event: 'counts' as const, data: counts }]
          : [];
      if (fresh[0] !== undefined) lastCounts = JSON.stringify(fresh[0].data);
      changed.clear();
      [missed, counts] = [false, undefined];
      return [...changes, ...fresh];
    },
    close() {
      unsubscribe();
      feed.stopping.removeEventListener('abort', end);
    },
  };
}

import { OpenAPIHono } from '@hono/zod-openapi';
import { streamSSE, type SSEStreamingApi } from 'hono/streaming';
import type { Counts } from '../contract/reviewer-api.ts';
import { addRoute } from '../openapi/add-route.ts';
import type { ApprovalNews } from '../approval-news.ts';
import { countsFor } from '../store/counts.ts';
import type { ReviewStore } from '../store/review-store.ts';
import type { Sessions } from '../store/sessions.ts';
import { createLiveCounts } from './live-counts.ts';
import { signedIn, type ReviewerVariables } from './reviewer-session.ts';

/** What the stream works with. */
export interface Events {
  store: ReviewStore;
  news: ApprovalNews;
  sessions: Sessions;
}

/** So often a line goes out in any case, so that proxies keep the stream open, in milliseconds. */
const KEEP_ALIVE_MS = 15_000;
/** Who is so far behind is told to read everything. */
const MOST_BEHIND = 500;

/** `GET /events`: what changes, as server-sent events, as long as the session lasts. */
export function eventRoutes({ store, news, sessions }: Events): OpenAPIHono<ReviewerVariables> {
  const counts = createLiveCounts(store, news);
  const routes = new OpenAPIHono<ReviewerVariables>();
  addRoute(
    routes,
    {
      method: 'get',
      path: '/events',
      tag: 'approvals',
      summary: 'Stream changes as server-sent events: changed, counts, resync',
      answer: 'text/event-stream',
    },
    (c) => {
      const { name } = signedIn(c);
      const token = c.var.sessionToken!;
      // nginx would hold events back.
      c.header('x-accel-buffering', 'no');
      return streamSSE(c, async (stream) => {
        const backlog = createBacklog(news, stream);
        const stopCounts = counts.subscribe((totals) => backlog.count(countsFor(name, totals)));
        try {
          await stream.write(': you hear of every change from here on\n\n');
          while (!stream.aborted && !news.stopping.aborted) {
            if (!(await backlog.wait(KEEP_ALIVE_MS))) await stream.write(': still here\n\n');
            if ((await sessions.find(token)) === undefined) return;
            for (const { event, data } of backlog.take()) await stream.writeSSE({ event, data: JSON.stringify(data) });
          }
        } finally {
          stopCounts();
          backlog.close();
        }
      });
    },
  );
  return routes;
}

interface Backlog {
  count(counts: Counts): void;
  /** Returns when there is something to tell or nothing more will come; false when the time is over before. */
  wait(ms: number): Promise<boolean>;
  take(): { event: 'changed' | 'counts' | 'resync'; data: object }[];
  close(): void;
}

// A slow reader costs the ids that changed meanwhile, each once.
function createBacklog(news: ApprovalNews, stream: SSEStreamingApi): Backlog {
  const changed = new Set<string>();
  let [missed, told] = [false, ''];
  let counts: Counts | undefined;
  let wake = () => {};
  const add = (work: () => void) => {
    work();
    wake();
  };
  const unsubscribe = news.subscribe((change) =>
    add(() => {
      if (change === 'missed' || changed.size >= MOST_BEHIND) missed = true;
      else changed.add(change.id);
    }),
  );
  const end = () => wake();
  stream.onAbort(end);
  news.stopping.addEventListener('abort', end);
  return {
    count: (newest) => add(() => (counts = newest)),
    wait: (ms) =>
      new Promise((resolve) => {
        if (changed.size > 0 || missed || counts !== undefined || stream.aborted || news.stopping.aborted)
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
        counts !== undefined && JSON.stringify(counts) !== told ? [{ event: 'counts' as const, data: counts }] : [];
      if (fresh[0] !== undefined) told = JSON.stringify(fresh[0].data);
      changed.clear();
      [missed, counts] = [false, undefined];
      return [...changes, ...fresh];
    },
    close() {
      unsubscribe();
      news.stopping.removeEventListener('abort', end);
    },
  };
}

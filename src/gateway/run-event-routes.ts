import { createStreamSlots } from '@holdpoint/process';
import { createRoute, z } from '@hono/zod-openapi';
import { streamSSE } from 'hono/streaming';
import { runIdSchema } from '../schemas/rest.ts';
import { runEvents } from '../schemas/run-events.ts';
import { answers } from './documented.ts';
import type { GatewayMetrics } from './metrics.ts';
import type { GatewayLog } from './ports.ts';
import { errorBody, RestFailure } from './rest-failure.ts';
import { createRouter, type GatewayRouter } from './router.ts';
import { runChanges } from './run-changes.ts';
import type { ShowRun } from './show-run.ts';
import { findRun } from './start-run.ts';

export type RunEventRoutesDeps = {
  show: ShowRun;
  /** Longest silence of a stream before a comment is sent, in milliseconds. */
  keepAliveMs: number;
  /** Open streams, of one caller and in all. */
  streams: { perKey: number; total: number };
  /** Ends the streams when it aborts. */
  closing: AbortSignal;
  metrics: GatewayMetrics;
  log: GatewayLog;
};

const watchRun = createRoute({
  method: 'get',
  path: '/v1/runs/{id}/events',
  tags: ['runs'],
  summary: 'Watch a run',
  description:
    'Server-sent events. `run`: the run now and after each change. `end`: the closed run, the last event. `error`: the stream ends early; connect again. `Last-Event-ID` resumes the stream.',
  request: {
    params: z.object({ id: runIdSchema }),
    headers: z.object({ 'last-event-id': z.string().max(64).optional() }),
  },
  responses: {
    ...answers({}, 400, 401, 404, 429, 503),
    200: {
      description: 'The events. The data of `run` and `end` is a Run.',
      content: { 'text/event-stream': { schema: z.string() } },
    },
  },
});
/** The route that streams the changes of a run. */
export function runEventRoutes({
  show,
  keepAliveMs,
  streams,
  closing,
  metrics,
  log,
}: RunEventRoutesDeps): GatewayRouter {
  const app = createRouter();
  const slots = createStreamSlots({ perOwner: streams.perKey, total: streams.total });
  app.openapi(watchRun, async (c) => {
    const { caller, runs, check } = c.get('access');
    const run = await findRun(runs, c.req.valid('param').id);
    // A HEAD request has no body that could end the stream.
    if (c.req.method === 'HEAD') return c.body(null, 200, { 'content-type': 'text/event-stream' });
    const seen = c.req.valid('header')['last-event-id'];
    const slot = slots.take(caller.name);
    if (slot === 'owner-full')
      throw new RestFailure(
        'too-many-streams',
        `The caller of this API key watches ${streams.perKey} runs at once already. End a stream, or read the runs by GET /v1/runs.`,
      );
    if (slot === 'full')
      throw new RestFailure('streams-full', 'The gateway has too many open event streams. Try again later.');
    return streamSSE(c, async (stream) => {
      const gone = new AbortController();
      stream.onAbort(() => gone.abort());
      const signal = AbortSignal.any([gone.signal, closing]);
      metrics.watchers.inc();
      try {
        for await (const change of runChanges(runs, run, { signal, idleMs: keepAliveMs, seen })) {
          // The key or the permission may end while the stream is open.
          await check(run);
          if (change.type === 'idle') await stream.write(': still here\n\n');
          else
            await stream.writeSSE({
              event: change.type === 'end' ? runEvents.ended : runEvents.changed,
              id: change.digest,
              data: JSON.stringify(await show(change.run)),
            });
        }
      } catch (error) {
        await stream.writeSSE({ event: runEvents.failed, data: JSON.stringify(errorBody(error, log)) });
      } finally {
        slot.release();
        metrics.watchers.dec();
      }
    });
  });
  return app;
}

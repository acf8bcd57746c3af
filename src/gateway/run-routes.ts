import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { streamSSE } from 'hono/streaming';
import { createRunSchema, listRunsSchema, listsMayLag, orderedSchema, runIdSchema, runListSchema, runSchema, type Run } from '../schemas/rest.ts';
import { runEvents } from '../schemas/run-events.ts';
import { answers, jsonBody } from './documented.ts';
import type { GatewayMetrics } from './metrics.ts';
import type { GatewayLog, NewRun, RunsPort } from './ports.ts';
import { errorBody, RestFailure } from './rest-failure.ts';
import { runChanges } from './run-changes.ts';
import { inputDigest } from './run-identity.ts';
import { checkContext, findRun, startRun } from './start-run.ts';

type RunRoutesDeps = {
  runs: RunsPort;
  assistants: readonly string[] | undefined;
  keepAliveMs: number;
  closing: AbortSignal;
  metrics: GatewayMetrics;
  log: GatewayLog;
  now: () => Date;
};

const params = z.object({ id: runIdSchema });
const tags = ['runs'];

const createRun = createRoute({
  method: 'post', path: '/v1/runs', tags, summary: 'Start a run',
  request: { body: jsonBody(createRunSchema) },
  responses: answers({ 201: ['The run was started.', runSchema], 200: ['The same request had started it before.', runSchema] }, 400, 401, 409, 413, 415, 503),
});
const listRuns = createRoute({
  method: 'get', path: '/v1/runs', tags, summary: 'List runs, newest first',
  request: { query: listRunsSchema },
  responses: answers({ 200: ['A page of runs; may lag by seconds.', runListSchema] }, 400, 401, 503),
});
const getRun = createRoute({
  method: 'get', path: '/v1/runs/{id}', tags, summary: 'Show a run as it is now',
  request: { params },
  responses: answers({ 200: ['The run.', runSchema] }, 400, 401, 404, 503),
});
const watchRun = createRoute({
  method: 'get', path: '/v1/runs/{id}/events', tags, summary: 'Watch a run',
  description: 'Server-sent events. `run`: the whole run, now and whenever it changed. `end`: the whole run, closed; the last event. `error`: the stream ends early; come back. Resumes by `Last-Event-ID`.',
  request: { params, headers: z.object({ 'last-event-id': z.string().max(64).optional() }) },
  responses: { ...answers({}, 400, 401, 404, 503), 200: { description: 'The events; the data of `run` and `end` is a Run.', content: { 'text/event-stream': { schema: z.string() } } } },
});
const order = (name: 'cancel' | 'retry', summary: string) => createRoute({
  method: 'post', path: `/v1/runs/{id}/${name}`, tags, summary,
  request: { params },
  responses: answers({ 202: ['The order is durable; the run shows its effect.', orderedSchema] }, 400, 401, 404, 409, 503),
});

/** The routes of runs. */
export function addRunRoutes(app: OpenAPIHono, { runs, assistants, keepAliveMs, closing, metrics, log, now }: RunRoutesDeps): void {
  const find = (id: string) => findRun(runs, id);

  app.openapi(createRun, async (c) => {
    const request = c.req.valid('json');
    const { assistant, input, context, maxTurns } = request;
    if (assistants && !assistants.includes(assistant)) throw new RestFailure('unknown-assistant', `There is no assistant "${assistant}". The config has: ${assistants.join(', ')}.`, 'body.assistant');
    checkContext(context);
    const run: Omit<NewRun, 'id'> = {
      assistant, input, inputDigest: inputDigest(request),
      ...(context === undefined ? {} : { context }), ...(maxTurns === undefined ? {} : { maxTurns }),
    };
    const started = await startRun(runs, { request, run, named: assistant, words: { what: 'The run', large: 'body.input' }, now });
    return c.json(started.run, started.status);
  });

  app.openapi(listRuns, async (c) => {
    const { state, assistant, limit, pageToken } = c.req.valid('query');
    const page = await runs.list({ limit, ...(state && { state }), ...(assistant && { assistant }), ...(pageToken && { pageToken }) });
    return c.json({ ...page, note: listsMayLag }, 200);
  });

  app.openapi(getRun, async (c) => c.json(await find(c.req.valid('param').id), 200));

  app.openapi(watchRun, async (c) => {
    const run = await find(c.req.valid('param').id);
    const seen = c.req.valid('header')['last-event-id'];
    return streamSSE(c, async (stream) => {
      const gone = new AbortController();
      stream.onAbort(() => gone.abort());
      const signal = AbortSignal.any([gone.signal, closing]);
      metrics.watchers.inc();
      try {
        for await (const change of runChanges(runs, run, { signal, idleMs: keepAliveMs, seen })) {
          if (change.type === 'idle') await stream.write(': still here\n\n');
          else await stream.writeSSE({ event: change.type === 'end' ? runEvents.ended : runEvents.changed, id: change.digest, data: JSON.stringify(change.run) });
        }
      } catch (error) {
        await stream.writeSSE({ event: runEvents.failed, data: JSON.stringify(errorBody(error, log)) });
      } finally {
        metrics.watchers.dec();
      }
    });
  });

  app.openapi(order('cancel', 'Stop a run'), async (c) => {
    const run = await find(c.req.valid('param').id);
    if (run.closedAt !== null) throw closed(run);
    if (await runs.cancel(run.id) === 'closed') throw closed(await find(run.id));
    return c.json({ id: run.id, ordered: 'cancel' as const }, 202);
  });

  app.openapi(order('retry', 'Let a parked run go on'), async (c) => {
    const run = await find(c.req.valid('param').id);
    if (run.closedAt !== null) throw closed(run);
    if (run.state !== 'parked') throw new RestFailure('run-not-parked', `The run "${run.id}" is ${run.state}, not parked: there is nothing to retry.`);
    if (await runs.retry(run.id) === 'closed') throw closed(await find(run.id));
    return c.json({ id: run.id, ordered: 'retry' as const }, 202);
  });
}

function closed(run: Run): RestFailure {
  return new RestFailure('run-closed', `The run "${run.id}" has ended as ${run.state}.`);
}

import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { streamSSE } from 'hono/streaming';
import type { Json } from '../domain/json.ts';
import { createRunSchema, largestContextBytes, listRunsSchema, listsMayLag, orderedSchema, runIdSchema, runListSchema, runSchema, type Run } from '../schemas/rest.ts';
import { runEvents } from '../schemas/run-events.ts';
import { answers, jsonBody } from './documented.ts';
import type { GatewayMetrics } from './metrics.ts';
import type { GatewayLog, NewRun, RunsPort } from './ports.ts';
import { errorBody, RestFailure } from './rest-failure.ts';
import { runChanges } from './run-changes.ts';
import { inputDigest, newRunId, runIdOfKey } from './run-identity.ts';

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
  const find = async (id: string): Promise<Run> => {
    const run = await runs.get(id);
    if (!run) throw new RestFailure('run-not-found', `There is no run "${id}".`);
    return run;
  };

  app.openapi(createRun, async (c) => {
    const request = c.req.valid('json');
    if (assistants && !assistants.includes(request.assistant)) throw new RestFailure('unknown-assistant', `There is no assistant "${request.assistant}". The config has: ${assistants.join(', ')}.`, 'body.assistant');
    checkContext(request.context);
    const chosen = request.id ?? (request.idempotencyKey === undefined ? undefined : runIdOfKey(request.idempotencyKey));
    const { assistant, input, context, maxTurns } = request;
    const run: Omit<NewRun, 'id'> = {
      assistant, input, inputDigest: inputDigest(request),
      ...(context === undefined ? {} : { context }), ...(maxTurns === undefined ? {} : { maxTurns }),
    };
    const { id, outcome } = chosen === undefined ? await createFresh(runs, run, now) : { id: chosen, outcome: await runs.create({ ...run, id: chosen }) };
    if (outcome === 'taken') throw new RestFailure('run-id-taken', `The run "${id}" was started with another input. Use another ${request.id === undefined ? 'idempotencyKey' : 'id'}, or send the same request.`, request.id === undefined ? 'body.idempotencyKey' : 'body.id');
    if (outcome === 'too-large') throw new RestFailure('payload-too-large', 'An input of more than 64 KB is kept in the database, and this gateway has none. Set HOLDPOINT_DATABASE_URL, or send less.', 'body.input');
    return c.json(await find(id), outcome === 'started' ? 201 : 200);
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

/** Starts a run under a new random id. One that is in use already is nobody's idempotency: the next one is tried. */
async function createFresh(runs: RunsPort, run: Omit<NewRun, 'id'>, now: () => Date): Promise<{ id: string; outcome: 'started' | 'too-large' }> {
  for (;;) {
    const id = newRunId(run.assistant, now());
    const outcome = await runs.create({ ...run, id });
    if (outcome === 'started' || outcome === 'too-large') return { id, outcome };
  }
}

function closed(run: Run): RestFailure {
  return new RestFailure('run-closed', `The run "${run.id}" has ended as ${run.state}.`);
}

function checkContext(context: Json | undefined): void {
  const bytes = Buffer.byteLength(JSON.stringify(context ?? null));
  if (bytes > largestContextBytes) throw new RestFailure('payload-too-large', `The context has ${bytes} bytes of JSON; at most ${largestContextBytes} are taken. Put a reference into it instead.`, 'body.context');
}

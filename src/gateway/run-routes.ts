import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { streamSSE } from 'hono/streaming';
import {
  createRunSchema,
  listRunsSchema,
  listsMayLag,
  orderedSchema,
  runIdSchema,
  runListSchema,
  runSchema,
  type Run,
} from '../schemas/rest.ts';
import { runEvents } from '../schemas/run-events.ts';
import { answers, jsonBody } from './documented.ts';
import type { GatewayMetrics } from './metrics.ts';
import type { GatewayLog, NewRun, RunsPort } from './ports.ts';
import { errorBody, RestFailure } from './rest-failure.ts';
import { runChanges } from './run-changes.ts';
import { inputDigest } from './run-identity.ts';
import { checkContext, chosenId, findRun, startRun } from './start-run.ts';

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
  method: 'post',
  path: '/v1/runs',
  tags,
  summary: 'Start a run',
  request: { body: jsonBody(createRunSchema) },
  responses: answers(
    { 201: ['The run was started.', runSchema], 200: ['The same request had started it before.', runSchema] },
    400,
    401,
    404,
    409,
    413,
    415,
    503,
  ),
});
const listRuns = createRoute({
  method: 'get',
  path: '/v1/runs',
  tags,
  summary: 'List runs, newest first',
  request: { query: listRunsSchema },
  responses: answers({ 200: ['A page of runs; may lag by seconds.', runListSchema] }, 400, 401, 503),
});
const getRun = createRoute({
  method: 'get',
  path: '/v1/runs/{id}',
  tags,
  summary: 'Show a run as it is now',
  request: { params },
  responses: answers({ 200: ['The run.', runSchema] }, 400, 401, 404, 503),
});
const watchRun = createRoute({
  method: 'get',
  path: '/v1/runs/{id}/events',
  tags,
  summary: 'Watch a run',
  description:
    'Server-sent events. `run`: the whole run, now and whenever it changed. `end`: the whole run, closed; the last event. `error`: the stream ends early; come back. Resumes by `Last-Event-ID`.',
  request: { params, headers: z.object({ 'last-event-id': z.string().max(64).optional() }) },
  responses: {
    ...answers({}, 400, 401, 404, 503),
    200: {
      description: 'The events; the data of `run` and `end` is a Run.',
      content: { 'text/event-stream': { schema: z.string() } },
    },
  },
});
const order = (name: 'cancel' | 'retry', summary: string) =>
  createRoute({
    method: 'post',
    path: `/v1/runs/{id}/${name}`,
    tags,
    summary,
    request: { params },
    responses: answers(
      { 202: ['The order is durable; the run shows its effect.', orderedSchema] },
      400,
      401,
      404,
      409,
      503,
    ),
  });

/** The routes of runs. */
export function addRunRoutes(
  app: OpenAPIHono,
  { runs, assistants, keepAliveMs, closing, metrics, log, now }: RunRoutesDeps,
): void {
  const find = (id: string) => findRun(runs, id);

  app.openapi(createRun, async (c) => {
    const request = c.req.valid('json');
    const { input, context, continueFrom, maxTurns } = request;
    // A request that comes again finds what it started, also when Temporal has forgotten the run that it goes on from.
    const id = continueFrom === undefined ? undefined : chosenId(request);
    const known = id === undefined ? undefined : await runs.get(id);
    const assistant =
      continueFrom === undefined || known
        ? (request.assistant ?? known?.assistant ?? '')
        : assistantOf(await findRun(runs, continueFrom, 'body.continueFrom'), request.assistant);
    if (assistants && !assistants.includes(assistant))
      throw new RestFailure(
        'unknown-assistant',
        `There is no assistant "${assistant}". The config has: ${assistants.join(', ')}.`,
        'body.assistant',
      );
    checkContext(context);
    const run: Omit<NewRun, 'id'> = {
      assistant,
      input,
      inputDigest: inputDigest({ ...request, assistant }),
      ...(context === undefined ? {} : { context }),
      ...(continueFrom === undefined ? {} : { continueFrom }),
      ...(maxTurns === undefined ? {} : { maxTurns }),
    };
    const started = await startRun(runs, {
      request,
      run,
      named: assistant,
      words: { begun: (id) => `The run "${id}" was started with another input.`, large: 'body.input' },
      now,
    });
    return c.json(started.run, started.status);
  });

  app.openapi(listRuns, async (c) => {
    const { state, assistant, limit, pageToken } = c.req.valid('query');
    const page = await runs.list({
      limit,
      ...(state && { state }),
      ...(assistant && { assistant }),
      ...(pageToken && { pageToken }),
    });
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
          else
            await stream.writeSSE({
              event: change.type === 'end' ? runEvents.ended : runEvents.changed,
              id: change.digest,
              data: JSON.stringify(change.run),
            });
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
    if (run.closedAt !== null) throw runClosed(run, run.id);
    if ((await runs.cancel(run.id)) === 'closed') throw runClosed(await find(run.id), run.id);
    return c.json({ id: run.id, ordered: 'cancel' as const }, 202);
  });

  app.openapi(order('retry', 'Let a parked run go on'), async (c) => {
    const run = await find(c.req.valid('param').id);
    if (run.closedAt !== null) throw runClosed(run, run.id);
    if (run.state !== 'parked')
      throw new RestFailure(
        'run-not-parked',
        `The run "${run.id}" is ${run.state}, not parked: there is nothing to retry.`,
      );
    if ((await runs.retry(run.id)) === 'closed') throw runClosed(await find(run.id), run.id);
    return c.json({ id: run.id, ordered: 'retry' as const }, 202);
  });
}

/** The assistant of a run that another is to go on from. The worker looks again: what it finds counts. */
function assistantOf({ id, kind, state, closedAt, assistant }: Run, wanted: string | undefined): string {
  if (kind === 'approval')
    throw new RestFailure(
      'run-not-continuable',
      `"${id}" is a standalone approval, so there is no conversation to go on with.`,
      'body.continueFrom',
    );
  if (closedAt === null)
    throw new RestFailure(
      'run-not-continuable',
      `The run "${id}" is still open (${state}). Send it a message: POST /v1/runs/${id}/messages, or holdpoint runs message.`,
      'body.continueFrom',
    );
  if (state !== 'completed' && state !== 'failed')
    throw new RestFailure(
      'run-not-continuable',
      `The run "${id}" has ended as ${state}, so there is no conversation to go on with. Start a run without continueFrom.`,
      'body.continueFrom',
    );
  if (wanted !== undefined && wanted !== assistant)
    throw new RestFailure(
      'run-not-continuable',
      `The run "${id}" is one of the assistant "${assistant}", not of "${wanted}". Leave \`assistant\` out, or start a run without continueFrom.`,
      'body.assistant',
    );
  return assistant;
}

/** A run that has ended takes no orders. To a message the answer is what to do instead. */
export function runClosed(run: Run | undefined, id: string, order?: 'message'): RestFailure {
  const ended = `The run "${id}" has ended${run ? ` as ${run.state}` : ''}.`;
  if (order === undefined) return new RestFailure('run-closed', ended);
  const instead =
    run?.state === 'completed' || run?.state === 'failed'
      ? `To go on with its conversation, start a run with continueFrom: ${JSON.stringify(id)}.`
      : 'Only the conversation of a completed or failed run can be continued: start a new run.';
  return new RestFailure('run-closed', `${ended} ${instead}`);
}

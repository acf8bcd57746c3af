import { createRoute, z } from '@hono/zod-openapi';
import {
  createRunSchema,
  getRunSchema,
  listRunsSchema,
  listsMayLag,
  orderedSchema,
  runIdSchema,
  runListSchema,
  runSchema,
} from '../schemas/rest.ts';
import type { ContextField } from '../domain/context-fields.ts';
import type { CheckAssistant } from './check-assistant.ts';
import { continuedAssistant } from './continued-assistant.ts';
import { answers, jsonBody } from './documented.ts';
import { idempotencyKeyHeader, withHeaderKey } from './idempotency-key.ts';
import type { NewRun } from './ports.ts';
import { RestFailure } from './rest-failure.ts';
import { createRouter, type GatewayRouter } from './router.ts';
import { runClosed } from './run-closed.ts';
import { inputDigest } from './run-identity.ts';
import type { ShowRun } from './show-run.ts';
import { checkContext, chosenId, findRun, startRun } from './start-run.ts';

export type RunRoutesDeps = {
  show: ShowRun;
  checkAssistant: CheckAssistant;
  now: () => Date;
};

const params = z.object({ id: runIdSchema });
const tags = ['runs'];

const createRun = createRoute({
  method: 'post',
  path: '/v1/runs',
  tags,
  summary: 'Start a run',
  request: { headers: idempotencyKeyHeader, body: jsonBody(createRunSchema) },
  responses: answers(
    { 201: ['The run was started.', runSchema], 200: ['The same request was sent earlier.', runSchema] },
    400,
    401,
    404,
    409,
    413,
    415,
    422,
    503,
  ),
});
const listRuns = createRoute({
  method: 'get',
  path: '/v1/runs',
  tags,
  summary: 'List runs, newest first',
  request: { query: listRunsSchema },
  responses: answers({ 200: ['A page of runs. May lag by seconds.', runListSchema] }, 400, 401, 503),
});
const getRun = createRoute({
  method: 'get',
  path: '/v1/runs/{id}',
  tags,
  summary: 'Show a run with its turns and calls',
  request: { params, query: getRunSchema },
  responses: answers({ 200: ['The run.', runSchema] }, 400, 401, 404, 503),
});
const getHistory = createRoute({
  method: 'get',
  path: '/v1/runs/{id}/history',
  tags,
  summary: "Export a run's history for `holdpoint replay`",
  request: { params },
  responses: answers(
    { 200: ["Temporal's history of the run as JSON.", z.object({ events: z.array(z.unknown()) })] },
    400,
    401,
    404,
    503,
  ),
});
const order = (name: 'cancel' | 'retry', summary: string) =>
  createRoute({
    method: 'post',
    path: `/v1/runs/{id}/${name}`,
    tags,
    summary,
    request: { params },
    responses: answers(
      { 202: ['The order is durable. The run shows its effect.', orderedSchema] },
      400,
      401,
      404,
      409,
      503,
    ),
  });

/** `user=ana` as a field and its value. */
function fieldIn(text: string): ContextField {
  const at = text.indexOf('=');
  return { name: text.slice(0, at), value: text.slice(at + 1) };
}

/** Routes that start, list, show, stop and resume runs. */
export function runRoutes({ show, checkAssistant, now }: RunRoutesDeps): GatewayRouter {
  const app = createRouter();

  app.openapi(createRun, async (c) => {
    const { runs } = c.get('access');
    const request = withHeaderKey(c.req.valid('json'), c.req.valid('header')['idempotency-key']);
    const { input, context, continueFrom, maxTurns } = request;
    // A repeated request finds its run even after Temporal deleted the run that it continues.
    const id = chosenId(request, runs.caller);
    const known = continueFrom === undefined || id === undefined ? undefined : await runs.get(id);
    const assistant =
      continueFrom === undefined || known
        ? (request.assistant ?? known?.assistant ?? '')
        : continuedAssistant(
            await findRun(runs, continueFrom, 'body.continueFrom'),
            await runs.stopped(continueFrom),
            request.assistant,
          );
    const path = request.assistant === undefined ? 'body.continueFrom' : 'body.assistant';
    runs.checkStart(assistant, path);
    await checkAssistant(assistant, {
      path,
      startable: runs.startable,
      exists: async () => id !== undefined && (await runs.get(id)) !== undefined,
    });
    checkContext(context);
    const run: Omit<NewRun, 'id' | 'caller'> = {
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
      idStart: assistant,
      texts: { idTaken: (id) => `The run id "${id}" is already used by another request.`, large: 'body.input' },
      now,
    });
    return c.json(await show(started.run), started.status);
  });

  app.openapi(listRuns, async (c) => {
    const { state, assistant, caller, since, until, context, text, limit, pageToken } = c.req.valid('query');
    const page = await c.get('access').runs.list({
      limit,
      ...(since && { since: new Date(since) }),
      ...(until && { until: new Date(until) }),
      ...(context && { context: [context].flat().map(fieldIn) }),
      ...(text && { text }),
      ...(state && { state }),
      ...(assistant && { assistant }),
      ...(caller && { caller }),
      ...(pageToken && { pageToken }),
    });
    return c.json({ ...page, note: listsMayLag }, 200);
  });

  app.openapi(getRun, async (c) => {
    const { runs } = c.get('access');
    const run = await findRun(runs, c.req.valid('param').id);
    const record = await runs.record(run.id, c.req.valid('query').turnsBefore);
    return c.json({ ...(await show(run)), ...(record && { record }) }, 200);
  });

  app.openapi(getHistory, async (c) => {
    const { id } = c.req.valid('param');
    const { runs } = c.get('access');
    const history = (await findRun(runs, id)) && (await runs.history(id));
    return c.body(history ?? '{}', 200, { 'content-type': 'application/json' }) as never;
  });

  app.openapi(order('cancel', 'Stop a run'), async (c) => {
    const { runs } = c.get('access');
    const run = await findRun(runs, c.req.valid('param').id);
    if (run.closedAt !== null) throw runClosed(run.id, run);
    if ((await runs.cancel(run.id)) === 'closed') throw runClosed(run.id, await findRun(runs, run.id));
    return c.json({ id: run.id, ordered: 'cancel' as const }, 202);
  });

  app.openapi(order('retry', 'Resume a parked run'), async (c) => {
    const { runs } = c.get('access');
    const run = await findRun(runs, c.req.valid('param').id);
    if (run.closedAt !== null) throw runClosed(run.id, run);
    if (run.state !== 'parked')
      throw new RestFailure('run-not-parked', `The run "${run.id}" is ${run.state}. Only a parked run can be resumed.`);
    if ((await runs.retry(run.id)) === 'closed') throw runClosed(run.id, await findRun(runs, run.id));
    return c.json({ id: run.id, ordered: 'retry' as const }, 202);
  });
  return app;
}

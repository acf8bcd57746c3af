import { createRoute } from '@hono/zod-openapi';
import { removeRunsSchema, runRemovalReportSchema, shortestRetentionMs } from '../schemas/rest-removals.ts';
import { answers, jsonBody } from './documented.ts';
import type { GatewayLog } from './ports.ts';
import { removeRuns, type RemovalDeps } from './remove-runs.ts';
import { RestFailure } from './rest-failure.ts';
import { createRouter, type GatewayRouter } from './router.ts';

export type RemovalRoutesDeps = {
  /** Without it, removals are answered with `removals-not-set-up`. */
  removal: RemovalDeps | undefined;
  log: Pick<GatewayLog, 'info'>;
  now: () => Date;
};

const remove = createRoute({
  method: 'post',
  path: '/v1/removals',
  tags: ['retention'],
  summary: 'Remove closed runs that are old, or about a subject',
  description:
    'Removes them from Temporal, then from the database: transcripts, values, requests, outcomes and records. A run goes together with the runs that continue its conversation.',
  request: { body: jsonBody(removeRunsSchema) },
  responses: answers({ 200: ['What was removed.', runRemovalReportSchema] }, 400, 401, 403, 413, 415, 503),
});

/** The route that removes runs. */
export function removalRoutes({ removal, log, now }: RemovalRoutesDeps): GatewayRouter {
  const app = createRouter();
  app.openapi(remove, async (c) => {
    const { caller } = c.get('access');
    const { dryRun = false, ...wanted } = c.req.valid('json');
    if (removal === undefined)
      throw new RestFailure(
        'removals-not-set-up',
        'The gateway has no database, so it can not remove runs. Set HOLDPOINT_DATABASE_URL to the database of the workers.',
      );
    if ('quietSince' in wanted && now().getTime() - Date.parse(wanted.quietSince) < shortestRetentionMs)
      throw new RestFailure('invalid-request', 'quietSince must be a day ago at least.', 'quietSince');
    const report = await removeRuns(
      removal,
      'quietSince' in wanted ? { before: Date.parse(wanted.quietSince) } : { name: wanted.field, value: wanted.value },
      dryRun,
    );
    const { runs, rows } = report;
    if (runs > 0 && !dryRun) log.info({ caller: caller.name, runs, rows }, 'removed runs');
    return c.json(report, 200);
  });
  return app;
}

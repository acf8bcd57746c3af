import { createRoute } from '@hono/zod-openapi';
import { readUsageSchema, usageReportSchema } from '../schemas/rest-usage.ts';
import { noUsage, toUsage } from '../schemas/to-usage.ts';
import { answers } from './documented.ts';
import type { RecordedRuns } from './ports.ts';
import { RestFailure } from './rest-failure.ts';
import { createRouter, type GatewayRouter } from './router.ts';

export type UsageRoutesDeps = {
  /** Without it, usage is answered with `usage-not-set-up`. */
  recorded: Pick<RecordedRuns, 'usage'> | undefined;
};

const getUsage = createRoute({
  method: 'get',
  path: '/v1/usage',
  tags: ['usage'],
  summary: 'Show tokens and cost by run, assistant, caller or model',
  description: 'A caller without the permission to read all runs sees the usage of its own runs.',
  request: { query: readUsageSchema },
  responses: answers({ 200: ['Tokens and cost.', usageReportSchema] }, 400, 401, 503),
});

/** The route that sums tokens and cost. */
export function usageRoutes({ recorded }: UsageRoutesDeps): GatewayRouter {
  const app = createRouter();
  app.openapi(getUsage, async (c) => {
    const { caller: given, ...query } = c.req.valid('query');
    const { caller } = c.get('access');
    if (recorded === undefined)
      throw new RestFailure(
        'usage-not-set-up',
        'The gateway has no database, so it does not know the usage. Set HOLDPOINT_DATABASE_URL to the database of the workers.',
      );
    const own = caller.scopes.read === 'all' ? given : caller.name;
    if (given !== undefined && own !== given)
      return c.json({ total: toUsage(noUsage), groups: [], moreGroups: 0 }, 200);
    const { total, groups, moreGroups } = await recorded.usage({
      by: query.by,
      limit: query.limit,
      assistant: query.assistant,
      caller: own,
      since: query.since === undefined ? undefined : Date.parse(query.since),
      until: query.until === undefined ? undefined : Date.parse(query.until),
    });
    return c.json(
      {
        total: toUsage(total),
        groups: groups.map(({ name, usage }) => ({ name, usage: toUsage(usage) })),
        moreGroups,
      },
      200,
    );
  });
  return app;
}

import type { Context, MiddlewareHandler } from 'hono';
import { matchedRoutes } from 'hono/route';
import { runsOfCaller, type CallerRuns } from './caller-runs.ts';
import type { KnownCallers } from './known-callers.ts';
import type { Run } from '../schemas/rest.ts';
import { maySee, routeRefusal } from './policy.ts';
import type { Caller, RunsPort } from './ports.ts';
import { RestFailure } from './rest-failure.ts';

/** The rights of the caller of a request. */
export type Access = {
  caller: Caller;
  runs: CallerRuns;
  /**
   * Checks again during a long answer about a run. @throws RestFailure when the key or the permission has ended, or the
   * caller does not see the run any more.
   */
  check: (run: Pick<Run, 'id' | 'caller'>) => Promise<void>;
};

/** The variables of a request under /v1. */
export type GatewayEnv = { Variables: { access: Access } };

/**
 * Requires an API key as `authorization: Bearer <key>`, and the permission of the route. A route that the policy does
 * not know is refused.
 */
export function requireAccess(callers: KnownCallers, runs: RunsPort): MiddlewareHandler<GatewayEnv> {
  const callerOf = async (c: Context): Promise<Caller> => {
    const given = givenKey(c);
    if (given === undefined)
      throw new RestFailure('unauthorized', 'Send an API key in the header authorization: Bearer <key>.');
    const caller = await callers.of(given);
    if (caller !== undefined) return caller;
    throw new RestFailure('unauthorized', 'The API key is not one of this gateway, or it was revoked.');
  };
  return async (c, next) => {
    const caller = await callerOf(c);
    const check: Access['check'] = async (run) => {
      const now = await callerOf(c);
      checkRoute(c, now);
      if (!maySee(now, run.caller)) throw new RestFailure('run-not-found', `There is no run "${run.id}".`);
    };
    // The log names the caller of a refused request, too.
    c.set('access', { caller, runs: runsOfCaller(caller, runs), check });
    checkRoute(c, caller);
    await next();
  };
}

/** The API key in the header of a request. */
export function givenKey(c: Context): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(c.req.header('authorization') ?? '')?.[1];
}

/** @throws RestFailure `forbidden` if the caller lacks the permission of the route, or no permission is known for it. */
function checkRoute(c: Context, caller: Caller): void {
  const route = routeOf(c);
  if (route === undefined) return;
  const refused = routeRefusal(caller, route);
  if (refused !== undefined) throw new RestFailure('forbidden', refused);
}

/** The route that answers the request, as OpenAPI writes it. Undefined if there is none. */
function routeOf(c: Context): string | undefined {
  const route = matchedRoutes(c).findLast(({ path }) => !path.endsWith('*'));
  return route && `${route.method} ${route.path.replaceAll(/:(\w+)/g, '{$1}')}`;
}

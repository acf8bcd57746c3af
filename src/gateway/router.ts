import { OpenAPIHono } from '@hono/zod-openapi';
import type { GatewayEnv } from './api-key.ts';
import { RestFailure } from './rest-failure.ts';

/** Routes of the gateway. Those under /v1 have the access of their caller. */
export type GatewayRouter = OpenAPIHono<GatewayEnv>;

/** An empty app. A request that does not match the schemas of its route is answered with `invalid-request`. */
export function createRouter(): GatewayRouter {
  return new OpenAPIHono<GatewayEnv>({
    defaultHook: (result) => {
      if (result.success) return;
      const issue = result.error.issues[0];
      const target = { json: 'body', param: 'path' }[result.target as string] ?? result.target;
      throw new RestFailure(
        'invalid-request',
        issue?.message ?? 'The request is not valid.',
        [target, ...(issue?.path ?? [])].join('.'),
      );
    },
  });
}

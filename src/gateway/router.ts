import { OpenAPIHono } from '@hono/zod-openapi';
import { RestFailure } from './rest-failure.ts';

/** An empty app. A request that does not match the schemas of its route is answered with `invalid-request`. */
export function createRouter(): OpenAPIHono {
  return new OpenAPIHono({
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

import { InexactJson, parseJson } from '@holdpoint/json';
import type { MiddlewareHandler } from 'hono';
import { RestFailure } from './rest-failure.ts';

/**
 * Refuses a JSON body that programs read as different values: a number that JavaScript would change, or text that is
 * not Unicode. The error names the path. Other faults of the body are left to its route.
 */
export const exactBodies: MiddlewareHandler = async (c, next) => {
  if (/json/i.test(c.req.header('content-type') ?? '')) checkBody(await c.req.arrayBuffer());
  await next();
};

function checkBody(bytes: ArrayBuffer): void {
  try {
    parseJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    if (error instanceof TypeError) throw new RestFailure('invalid-request', 'The body is not UTF-8.', 'body');
    if (error instanceof InexactJson)
      throw new RestFailure('invalid-request', `${error.message}.`, ['body', error.path].filter(Boolean).join('.'));
    if (!(error instanceof SyntaxError)) throw error;
  }
}

import { cors } from 'hono/cors';
import type { MiddlewareHandler } from 'hono';

/**
 * Lets the page of one origin call the gateway. Cookies are not allowed: the page sends a token in a header, so no other
 * page of the browser can use it.
 */
export function inboxCors(origin: string): MiddlewareHandler {
  return cors({
    origin,
    allowMethods: ['GET', 'POST'],
    allowHeaders: ['authorization', 'content-type'],
    maxAge: 600,
  });
}

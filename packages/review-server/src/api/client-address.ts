import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context } from 'hono';

/**
 * The client's address: the peer of the connection or, behind `proxies`, the address that the first proxy saw. Only the
 * last `proxies` entries of `x-forwarded-for` are trusted. A client can forge the others.
 */
export function clientAddress(c: Context, proxies: number): string | undefined {
  const forwarded =
    proxies === 0 ? [] : (c.req.header('x-forwarded-for') ?? '').split(',').map((entry) => entry.trim());
  return forwarded.at(-proxies) || getConnInfo(c).remote.address;
}

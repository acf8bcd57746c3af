import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context } from 'hono';

/**
 * Where a request comes from: the other end of the connection, or with `proxies` in front the address that the first
 * of them saw. Only so many entries of `x-forwarded-for` are believed, from its end: the others anybody can write.
 */
export function clientAddress(c: Context, proxies: number): string | undefined {
  const forwarded =
    proxies === 0 ? [] : (c.req.header('x-forwarded-for') ?? '').split(',').map((entry) => entry.trim());
  return forwarded.at(-proxies) || getConnInfo(c).remote.address;
}

import getPort from 'get-port';

/**
 * Below the ports that systems give to outgoing connections (Linux: from 32,768; macOS and Windows: from 49,152). A program
 * that opens many connections would take a port of those before the server binds it. Browsers refuse none of these.
 */
const range = { first: 11_000, count: 9_000 };
const tries = 100;

/** A port of 127.0.0.1 that is free now. Another program may take it before it is bound, so a server must say if it is taken. */
export async function freePort(exclude: readonly number[] = []): Promise<number> {
  const ports = Array.from({ length: tries }, () => range.first + Math.floor(Math.random() * range.count));
  return await getPort({ host: '127.0.0.1', exclude, port: ports });
}

import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import { HTTPException } from 'hono/http-exception';

/**
 * Refuses cross-site requests: every request except a read must come from a page of this server, sign-ins included,
 * whatever its content type. Browsers send `origin` and `sec-fetch-site`. A request without these and without a cookie
 * comes from a program.
 * https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html
 *
 * @throws HTTPException 403.
 */
export function ownPagesOnly(publicOrigin: () => string) {
  return createMiddleware(async (c, next) => {
    if (['GET', 'HEAD', 'OPTIONS'].includes(c.req.method) || isOwn(c, publicOrigin())) return next();
    throw new HTTPException(403, { message: 'This request came from another site.' });
  });
}

function isOwn(c: Context, publicOrigin: string): boolean {
  const [origin, site] = [c.req.header('origin'), c.req.header('sec-fetch-site')];
  if (origin === undefined && site === undefined) return c.req.header('cookie') === undefined;
  return (
    (site === undefined || site === 'same-origin') &&
    (origin === undefined || origin === publicOrigin || isHost(origin, c.req.header('host')))
  );
}

// For servers behind a proxy, and for addresses other than the public one. Another site's page can't make these two
// agree.
function isHost(origin: string, host: string | undefined): boolean {
  return host !== undefined && URL.parse(origin)?.host === host;
}

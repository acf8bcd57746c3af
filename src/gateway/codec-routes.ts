import type { CallerScopes } from '../domain/caller.ts';
import type { Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { cors } from 'hono/cors';
import { equalInConstantTime } from '@holdpoint/json/digest';
import { codecBody, type JsonCodec } from '../schemas/payload-codec.ts';
import { givenKey } from './api-key.ts';
import { codecPage } from './codec-page.ts';
import type { KnownCallers } from './known-callers.ts';
import { refusal } from './policy.ts';
import type { GatewayLog } from './ports.ts';
import { RestFailure } from './rest-failure.ts';
import { createRouter, type GatewayRouter } from './router.ts';

export type CodecAccess = {
  codec: JsonCodec;
  /** Address of the one UI whose pages may ask. Without it no browser may. */
  uiUrl?: string | undefined;
  /** Cookies of browsers that signed in. */
  sessions: { make(apiKey: string): string; open(cookie: string): string | undefined };
  /** How long a cookie is good, in seconds. */
  sessionSeconds: number;
  /** Only for `holdpoint dev`: the token in `/codec/local/{token}/decode` is the permission. */
  localToken?: string | undefined;
};

export type CodecRoutesDeps = CodecAccess & { callers: KnownCallers; log: GatewayLog };

/** Temporal's largest payload is 2 MiB. Base64 and several payloads in one request come on top. */
const largestBody = 8 * 1024 * 1024;
const cookie = 'holdpoint_codec';

/**
 * Temporal's codec protocol. The UI and the CLI add `/decode` and `/encode` to the address they are given. The UI sends a
 * query, which is ignored. [decision 0049](../../docs/decisions/0049-codec-endpoint.md)
 */
export function codecRoutes({
  codec,
  uiUrl,
  sessions,
  sessionSeconds,
  localToken,
  callers,
  log,
}: CodecRoutesDeps): GatewayRouter {
  const app = createRouter();
  const uiOrigin = uiUrl === undefined ? undefined : new URL(uiUrl).origin;
  const isSecure = uiOrigin?.startsWith('https:') ?? true;
  const callerWith = async (key: string | undefined) => (key === undefined ? undefined : await callers.of(key));

  /** @throws RestFailure unless the key in the header or in the cookie has the permission. */
  const check = async (c: Context, need: keyof CallerScopes & ('decode' | 'admin')): Promise<void> => {
    const session = getCookie(c, cookie);
    const caller = await callerWith(givenKey(c) ?? (session === undefined ? undefined : sessions.open(session)));
    if (caller === undefined)
      throw new RestFailure(
        'unauthorized',
        'Send an API key in the header authorization: Bearer <key>, or sign in at /codec/sign-in in this browser.',
      );
    const refused = refusal(caller, need);
    if (refused !== undefined) throw new RestFailure('forbidden', refused);
  };
  const convert = async (c: Context, by: 'decode' | 'encode') => {
    const body = codecBody.safeParse(await c.req.json().catch(() => undefined));
    if (!body.success)
      throw new RestFailure(
        'invalid-request',
        'The body must be {"payloads": […]}, with metadata and data of each payload as Base64.',
        'body',
      );
    c.header('cache-control', 'no-store');
    return c.json({ payloads: await codec[by](body.data.payloads) });
  };

  app.use(
    '/codec/*',
    cors({
      origin: (origin) => (origin === uiOrigin ? origin : null),
      allowMethods: ['POST'],
      allowHeaders: ['authorization', 'content-type', 'x-namespace'],
      credentials: true,
      maxAge: 600,
    }),
  );
  app.use(
    '/codec/*',
    bodyLimit({
      maxSize: largestBody,
      onError: () => {
        throw new RestFailure('payload-too-large', `The body is larger than ${largestBody} bytes.`, 'body');
      },
    }),
  );
  app.post('/codec/decode', async (c) => {
    await check(c, 'decode');
    return await convert(c, 'decode');
  });
  // An encoded value looks like one of a worker.
  app.post('/codec/encode', async (c) => {
    await check(c, 'admin');
    return await convert(c, 'encode');
  });
  app.post('/codec/local/:token/decode', async (c) => {
    if (localToken === undefined || !equalInConstantTime(c.req.param('token'), localToken))
      throw new RestFailure('not-found', 'There is no such route. /openapi.json lists all routes.');
    return await convert(c, 'decode');
  });

  app.get('/codec/sign-in', (c) => codecPage(c, { state: 'signed out' }));
  app.post('/codec/sign-in', async (c) => {
    refuseOtherPages(c);
    const { key } = await c.req.parseBody();
    const given = typeof key === 'string' ? key.trim() : '';
    const caller = await callerWith(given === '' ? undefined : given);
    const problem = caller === undefined ? 'This API key is not one of this gateway.' : refusal(caller, 'decode');
    if (caller === undefined || problem !== undefined)
      return codecPage(c, { state: 'refused', problem: problem ?? '' });
    setCookie(c, cookie, sessions.make(given), {
      path: '/codec',
      httpOnly: true,
      sameSite: 'Strict',
      secure: isSecure,
      maxAge: sessionSeconds,
    });
    log.info({ caller: caller.name }, 'Signed in to decrypted values.');
    return codecPage(c, { state: 'signed in', caller: caller.name });
  });
  app.post('/codec/sign-out', (c) => {
    refuseOtherPages(c);
    deleteCookie(c, cookie, { path: '/codec', secure: isSecure });
    return codecPage(c, { state: 'signed out' });
  });
  return app;
}

/** @throws RestFailure `forbidden` for a form on another page. Every browser sends the header. */
function refuseOtherPages(c: Context): void {
  if (c.req.header('sec-fetch-site') !== 'same-origin')
    throw new RestFailure('forbidden', 'Sign in on the page /codec/sign-in of this gateway.');
}

import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { ReviewRequest, ReviewService } from '@holdpoint/cheqpoint';
import { createReviewService } from '../src/review-service.ts';
import { neverConnected } from '../src/http/connection-problem.ts';
import { ReviewFailure } from '../src/review-failure.ts';
import { closedPort, healthy, startService, startSocketServer } from './cheqpoint-service.ts';

const connectionKey = 'cq_live_canary0123456789';
const signal = new AbortController().signal;
const request: ReviewRequest = { action: 'a', summary: 's', details: {}, riskLevel: 'low', idempotencyKey: 'k' };
const asks: { [name: string]: (client: ReviewService) => Promise<unknown> } = {
  request: (client) => client.request(request),
  read: (client) => client.read('req_1', signal),
  close: (client) => client.close('req_1', 'withdrawn', signal),
};

/** The failure of a call. Asserts that printing it does not show the key. */
async function failureOf(call: Promise<unknown>): Promise<ReviewFailure> {
  const error = await call.then(
    (answer) => new Error(`answered ${inspect(answer)}`),
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(ReviewFailure);
  expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('canary');
  return error as ReviewFailure;
}

const json =
  (status: number, headers: Record<string, string> = {}) =>
  () =>
    Response.json({ error: 'the server says why' }, { status, headers });
const html = (status: number) => () =>
  new Response('<html><body>Sign in</body></html>', {
    status,
    headers: { 'content-type': 'text/html; charset=utf-8' },
  });
const redirect =
  (status: number, location = '/elsewhere?key=1') =>
  () =>
    new Response(null, { status, headers: { location } });

type Row = [
  what: string,
  ask: 'request' | 'read' | 'close',
  answer: () => Response,
  kind: ReviewFailure['kind'],
  sent: boolean,
  says: string,
];
const rows: Row[] = [
  ...(['request', 'read', 'close'] as const).flatMap((ask): Row[] => [
    ['401', ask, json(401), 'access-denied', false, 'refused the Connection Key (HTTP 401): the server says why'],
    ['403', ask, json(403), 'access-denied', false, 'refused the Connection Key (HTTP 403): the server says why'],
    ['400', ask, json(400), 'refused', false, 'refused the call (HTTP 400): the server says why'],
    ['413', ask, json(413), 'refused', false, '(HTTP 413): the server says why'],
    ['422', ask, json(422), 'refused', false, '(HTTP 422): the server says why'],
    ['418', ask, json(418), 'refused', false, '(HTTP 418)'],
    ['409, an earlier request has the key', ask, json(409), 'refused', true, '(HTTP 409): the server says why'],
    ['408', ask, json(408), 'unavailable', true, '(HTTP 408)'],
    ['429', ask, json(429), 'unavailable', false, '(HTTP 429)'],
    ['500', ask, json(500), 'unavailable', true, '(HTTP 500): the server says why'],
    ['502 as a page', ask, html(502), 'unavailable', true, '(HTTP 502)'],
    ['503', ask, json(503), 'unavailable', true, '(HTTP 503)'],
    ['504', ask, json(504), 'unavailable', true, '(HTTP 504)'],
    ['a page', ask, html(200), 'unavailable', true, 'not a JSON object (text/html; charset=utf-8)'],
    [
      'nothing',
      ask,
      () => new Response(null, { status: 204 }),
      'unavailable',
      true,
      'not a JSON object (no content type)',
    ],
    ['half an object', ask, () => new Response('{"status":"approved"'), 'unavailable', true, 'not a JSON object'],
    ['a list', ask, () => Response.json([{ status: 'approved' }]), 'unavailable', true, 'not a JSON object'],
    ['JSON without end', ask, () => new Response('['.repeat(1_000_000)), 'unavailable', true, 'not a JSON object'],
    [
      'six megabytes',
      ask,
      () => Response.json({ status: 'approved', details: { a: 'x'.repeat(6 * 1024 * 1024) } }),
      'unavailable',
      true,
      'more than 5242880 bytes',
    ],
    ...[301, 307, 308].map((status): Row => [
      `${status}`,
      ask,
      redirect(status),
      'unavailable',
      false,
      `redirected the call (HTTP ${status} to http://127.0.0.1`,
    ]),
    ...[302, 303].map((status): Row => [
      `${status}`,
      ask,
      redirect(status, 'https://elsewhere.example/?a=1'),
      'unavailable',
      true,
      'to https://elsewhere.example). Redirects are not followed',
    ]),
    ['a redirect to nowhere', ask, redirect(307, 'javascript:alert(1)'), 'unavailable', false, '(HTTP 307)'],
  ]),
  ['404', 'request', json(404), 'refused', false, 'refused the call (HTTP 404): the server says why'],
  ['404', 'read', json(404), 'gone', false, 'does not know this request (HTTP 404): the server says why'],
  ['404', 'close', json(404), 'gone', false, 'does not know this request (HTTP 404)'],
  ['404 as a page', 'read', html(404), 'gone', false, '(HTTP 404)'],
  ['410', 'read', json(410), 'gone', false, '(HTTP 410)'],
];

describe('review service, failed call', () => {
  it.each(rows)('%s in answer to %s → its kind of failure, one call', async (_what, ask, answer, kind, sent, says) => {
    const { url, arrived } = await startService(answer, () => Response.json(healthy));
    const failure = await failureOf(asks[ask]!(createReviewService({ baseUrl: url, connectionKey })));
    expect({ kind: failure.kind, sent: failure.sent }).toEqual({ kind, sent });
    expect(failure.message).toContain(says);
    expect(failure.message).toContain(url);
    // One call: no retry, no redirect.
    expect(arrived).toHaveLength(1);
  });

  it.each([
    [
      'text with the key',
      JSON.stringify({ error: `Unknown key ${connectionKey}, not ${connectionKey}.` }),
      ': Unknown key [Connection Key], not [Connection Key].',
    ],
    ['a long text', JSON.stringify({ error: 'x'.repeat(10_000) }), `: ${'x'.repeat(300)}…`],
    ['lines and escapes', JSON.stringify({ error: 'one\r\n\u001b[31mtwo ' }), ': one [31mtwo'],
    ['an object', JSON.stringify({ error: { message: 'm' } }), '(HTTP 400)'],
    ['no JSON', 'oh no', '(HTTP 400)'],
  ])('error text of the server: %s → cut and cleaned, without the key', async (_what, body, end) => {
    const { url } = await startService(() => new Response(body, { status: 400 }));
    const { message } = await failureOf(createReviewService({ baseUrl: url, connectionKey }).read('req_1', signal));
    expect(message.slice(-end.length)).toBe(end);
  });

  it('redirect to another host: the key is not sent there', async () => {
    const elsewhere = await startService(() => Response.json({ status: 'APPROVED' }));
    const { url } = await startService(redirect(307, `${elsewhere.url}/api/approvals/req_1`));
    await failureOf(createReviewService({ baseUrl: url, connectionKey }).read('req_1', signal));
    expect(elsewhere.arrived).toEqual([]);
  });

  it.each([
    [429, '7', 7000, 7000],
    [503, '0', 0, 0],
    [408, new Date(Date.now() + 60_000).toUTCString(), 1000, 60_000],
    [500, new Date(Date.now() - 60_000).toUTCString(), 0, 0],
  ])('Retry-After of HTTP %d: %s → milliseconds', async (status, value, least, most) => {
    const { url } = await startService(json(status, { 'retry-after': value }));
    const { retryAfterMs } = await failureOf(createReviewService({ baseUrl: url, connectionKey }).request(request));
    expect(retryAfterMs).toBeGreaterThanOrEqual(least);
    expect(retryAfterMs).toBeLessThanOrEqual(most);
  });

  it.each([{ 'retry-after': 'soon' }, {}])('Retry-After: %j → undefined', async (headers: Record<string, string>) => {
    const { url } = await startService(json(503, headers));
    expect(
      (await failureOf(createReviewService({ baseUrl: url, connectionKey }).read('req_1', signal))).retryAfterMs,
    ).toBeUndefined();
  });
});

describe('review service, whether the request was sent', () => {
  it('closed port → not sent', async () => {
    const failure = await failureOf(
      createReviewService({ baseUrl: await closedPort(), connectionKey }).read('req_1', signal),
    );
    expect(failure).toMatchObject({ kind: 'unavailable', sent: false });
    expect(failure.message).toContain('ECONNREFUSED');
  });

  it('host without an address → not sent', async () => {
    expect(
      await failureOf(
        createReviewService({ baseUrl: 'http://no-such-host.invalid', connectionKey }).read('req_1', signal),
      ),
    ).toMatchObject({ kind: 'unavailable', sent: false });
  });

  it('https to a plain http server → not sent', async () => {
    const { url, arrived } = await startService(() => Response.json({ status: 'APPROVED' }));
    expect(
      await failureOf(
        createReviewService({ baseUrl: url.replace('http:', 'https:'), connectionKey }).read('req_1', signal),
      ),
    ).toMatchObject({ kind: 'unavailable', sent: false });
    expect(arrived).toEqual([]);
  });

  it.each([
    ['a self-signed certificate', { cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' } }, true],
    ['an expired certificate', { cause: { code: 'CERT_HAS_EXPIRED' } }, true],
    ['a certificate of another host', { cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' } }, true],
    [
      'several addresses, none of which answers',
      {
        cause: {
          code: 'ECONNREFUSED',
          errors: [
            { code: 'ECONNREFUSED', syscall: 'connect' },
            { code: 'ENETUNREACH', syscall: 'connect' },
          ],
        },
      },
      true,
    ],
    ['a name server that does not answer', { cause: { code: 'EAI_AGAIN', syscall: 'getaddrinfo' } }, true],
    ['a connection that takes too long', { cause: { code: 'UND_ERR_CONNECT_TIMEOUT' } }, true],
    ['a route lost while sending', { cause: { code: 'EHOSTUNREACH', syscall: 'write' } }, false],
    [
      'a server that demands a client certificate',
      { cause: { code: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED' } },
      false,
    ],
    ['anything else', new Error('fetch failed'), false],
    ['no error at all', undefined, false],
  ])('neverConnected: %s', (_what, error, never) => {
    expect(neverConnected(error)).toBe(never);
  });

  it.each([
    ['resets the connection', (socket: { resetAndDestroy(): void }) => socket.resetAndDestroy()],
    ['closes the connection', (socket: { end(): void }) => socket.end()],
    ['answers what is not HTTP', (socket: { end(text: string): void }) => socket.end('hello\r\n\r\n')],
    [
      'breaks off its answer',
      (socket: { end(text: string): void }) =>
        socket.end(
          'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"status":"approved"',
        ),
    ],
  ])('server accepts the connection and %s → may have been sent', async (_what, onConnection) => {
    const baseUrl = await startSocketServer(onConnection);
    expect(await failureOf(createReviewService({ baseUrl, connectionKey }).request(request))).toMatchObject({
      kind: 'unavailable',
      sent: true,
    });
  });

  it.each([
    ['never answers', () => undefined],
    [
      'never ends its answer',
      (socket: { write(text: string): void }) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{'),
    ],
  ])('server %s in time → may have been sent', async (_what, onConnection) => {
    const baseUrl = await startSocketServer(onConnection);
    const failure = await failureOf(
      createReviewService({ baseUrl, connectionKey, timeoutMs: 200 }).read('req_1', signal),
    );
    expect(failure).toMatchObject({ kind: 'unavailable', sent: true });
    expect(failure.message).toContain('did not answer within 200 ms');
  });

  it('caller aborts: during the call → may have been sent; before the call → not sent', async () => {
    const reason = new Error('the run was cancelled');
    const stop = new AbortController();
    const baseUrl = await startSocketServer(() => stop.abort(reason));
    const client = createReviewService({ baseUrl, connectionKey });
    expect(await failureOf(client.read('req_1', stop.signal))).toMatchObject({
      kind: 'unavailable',
      sent: true,
      cause: reason,
    });
    expect(await failureOf(client.read('req_1', stop.signal))).toMatchObject({
      kind: 'unavailable',
      sent: false,
      cause: reason,
    });
  });
});

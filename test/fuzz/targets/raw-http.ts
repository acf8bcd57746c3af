import { connect } from 'node:net';
import fc from 'fast-check';
import { serveHttp } from '@holdpoint/process';
import { createReviewServer } from '../../../packages/review-server/src/create-review-server.ts';
import { KEY, optionsFor } from '../../../packages/review-server/test/test-server.ts';
import { apiKey } from '../../gateway/test-gateway.ts';
import { spoiled } from '../arbitraries.ts';
import { must, ServerError, target, type Target } from '../target.ts';
import { fuzzedGateway } from './gateway.ts';

const requestLines = [
  'GET /v1/runs?limit=5',
  'POST /v1/runs',
  'GET /',
  'GET /healthz',
  'POST /api/webhooks/inbound',
  'GET /reviewer-api/approvals?box=all',
  'POST /callbacks/cheqpoint/a.b',
  'OPTIONS *',
  'GET http://a.example/healthz',
  'CONNECT a.example:443',
  'GET //x/../%2e%2e/%zz',
  'GET /openapi.json',
  'HEAD /healthz',
  'TRACE /',
];
const head = fc.constantFrom(
  'host: 127.0.0.1',
  'host: ',
  'host: [::1',
  'host: a b',
  'host: a/b@c',
  'host: \u00e9',
  'content-length: 2',
  'content-length: 999',
  'content-length: -1',
  'transfer-encoding: chunked',
  'transfer-encoding: gzip',
  'connection: upgrade',
  'upgrade: websocket',
  'expect: 100-continue',
  'x: \u0000',
  `x: ${'y'.repeat(20_000)}`,
  'cookie: a=%zz',
  `authorization: Bearer ${apiKey}`,
  `x-api-key: ${KEY}`,
  'x-forwarded-for: ,,',
  'origin: null',
  'content-type: application/json',
  ': x',
  'accept-encoding: gzip',
);
const request = fc
  .record({
    line: fc.constantFrom(...requestLines),
    version: fc.constantFrom('HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0', ''),
    heads: fc.array(head, { maxLength: 6 }),
    body: fc.constantFrom('', '{}', '2\r\n{}\r\n0\r\n\r\n', 'zz\r\n', '{"a":'),
  })
  .map(
    ({ line, version, heads, body }) =>
      `${line} ${version}\r\n${['host: 127.0.0.1', ...heads].join('\r\n')}\r\n\r\n${body}`,
  );
const bytes = fc.oneof({ weight: 3, arbitrary: request }, { weight: 2, arbitrary: spoiled(request) });

/** Sends the bytes, ends its side, and reads the answer until the server closes or is silent for a while. */
function exchange(port: number, content: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.end(Buffer.from(content, 'latin1')));
    socket.setTimeout(100, () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString('latin1');
      // An event stream has no end.
      if (answer.length > 100_000 || answer.includes('text/event-stream')) socket.destroy();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(answer));
  });
}

function rawTarget(name: string, open: () => Promise<{ url: string; close: () => Promise<void> }>): Target {
  return target(name, 2, async () => {
    const server = await open();
    const port = Number(new URL(server.url).port);
    return {
      close: server.close,
      input: bytes,
      run: async (content) => {
        for (const [, status] of (await exchange(port, content)).matchAll(/^HTTP\/1\.1 (\d{3})/gm))
          // 501 and 505 are Node's own words for a method or version that HTTP/1.1 does not have.
          if (Number(status) >= 500 && status !== '501' && status !== '505')
            throw new ServerError(`The server answered ${status}.`);
        const alive = await exchange(port, 'GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n');
        must(
          alive === '' || alive.startsWith('HTTP/1.1 200'),
          `The server does not answer any more: ${alive.slice(0, 200)}`,
        );
      },
    };
  });
}

export const rawHttpTargets = [
  rawTarget('gateway: raw HTTP', () =>
    serveHttp({ fetch: fuzzedGateway().app.fetch, host: '127.0.0.1', port: 0, setting: 'none', graceMs: 100 }),
  ),
  rawTarget('review server: raw HTTP', () => createReviewServer(optionsFor('sqlite::memory:'))),
];

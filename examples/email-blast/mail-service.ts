/**
 * A small mail service that plays a system of another company. It honours `idempotency-key` on POST /blasts and logs each
 * request and each effect to a file, one JSON line each, so that effects can be counted.
 *
 *   node mail-service.ts [--port 0] [--log mail-service.jsonl]
 *
 * GET /log returns the log. After POST /hold, mail is sent but answers are delayed until POST /release: a caller killed in
 * between can't know that its mail was sent.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';

/** `request`: a call arrived. `effect`: a mail was sent or an announcement was posted. */
type Entry = { at: string; type: 'request' | 'effect'; path: string; idempotencyKey: string | null; body: unknown };

const { values } = parseArgs({
  options: { port: { type: 'string', default: '0' }, log: { type: 'string', default: 'mail-service.jsonl' } },
});
const entries: Entry[] = existsSync(values.log)
  ? readFileSync(values.log, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Entry)
  : [];

/** Settles when answers may be sent. */
let answersReleased = Promise.withResolvers<void>();
answersReleased.resolve();

function write(type: Entry['type'], path: string, idempotencyKey: string | null, body: unknown): void {
  const entry: Entry = { at: new Date().toISOString(), type, path, idempotencyKey, body };
  entries.push(entry);
  appendFileSync(values.log, `${JSON.stringify(entry)}\n`);
}

async function post(
  path: string,
  idempotencyKey: string | null,
  body: { template?: string; recipient_count?: number },
): Promise<[number, unknown]> {
  if (path === '/hold') answersReleased = Promise.withResolvers<void>();
  if (path === '/release') answersReleased.resolve();
  if (path === '/hold' || path === '/release') return [200, {}];
  write('request', path, idempotencyKey, body);
  if (path === '/recipients/count') return [200, { recipients: 500 }];
  if (path !== '/blasts' && path !== '/announcements') return [404, { error: `There is no ${path}.` }];
  const before =
    idempotencyKey === null
      ? undefined
      : entries.find((entry) => entry.type === 'effect' && entry.idempotencyKey === idempotencyKey);
  if (before === undefined) write('effect', path, idempotencyKey, body);
  await answersReleased.promise;
  return [200, path === '/blasts' ? { accepted: true, recipients: body.recipient_count } : { posted: true }];
}

async function json(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks = (await request.toArray()) as Buffer[];
  return JSON.parse(Buffer.concat(chunks).toString() || '{}') as Record<string, unknown>;
}

async function answer(request: IncomingMessage): Promise<[number, unknown]> {
  const path = request.url ?? '/';
  if (request.method === 'GET') return path === '/log' ? [200, entries] : [404, { error: 'Use GET /log.' }];
  const key = request.headers['idempotency-key'];
  return await post(path, typeof key === 'string' ? key : null, await json(request));
}

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [status, body] = await answer(request).catch((error: unknown): [number, unknown] => [
    400,
    { error: String(error) },
  ]);
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

const server = createServer((request, response) => void serve(request, response));
server.listen(Number(values.port), '127.0.0.1', () => {
  console.log(JSON.stringify({ ready: true, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }));
});

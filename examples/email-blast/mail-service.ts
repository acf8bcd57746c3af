/**
 * A little mail service: another company's system, as far as Holdpoint is concerned. It is a program of its own, honours
 * `idempotency-key` on POST /blasts, and writes every request it gets and every effect it has to a file, one JSON line
 * each. So it can say how often something really happened.
 *
 *   node mail-service.ts [--port 0] [--log mail-service.jsonl] [--delay-ms 0]
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

/** `request`: something came. `effect`: mail went out or an announcement was posted, once for each such line. */
type Entry = { at: string; type: 'request' | 'effect'; path: string; idempotencyKey: string | null; body: unknown };

const { values } = parseArgs({ options: { port: { type: 'string', default: '0' }, log: { type: 'string', default: 'mail-service.jsonl' }, 'delay-ms': { type: 'string', default: '0' } } });
const entries: Entry[] = existsSync(values.log) ? readFileSync(values.log, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line) as Entry) : [];

function write(type: Entry['type'], path: string, idempotencyKey: string | null, body: unknown): void {
  const entry: Entry = { at: new Date().toISOString(), type, path, idempotencyKey, body };
  entries.push(entry);
  appendFileSync(values.log, `${JSON.stringify(entry)}\n`);
}

async function post(path: string, idempotencyKey: string | null, body: { template?: string; recipient_count?: number }): Promise<[number, unknown]> {
  write('request', path, idempotencyKey, body);
  if (path === '/recipients/count') return [200, { recipients: 500 }];
  if (path !== '/blasts' && path !== '/announcements') return [404, { error: `There is no ${path}.` }];
  const before = idempotencyKey === null ? undefined : entries.find((entry) => entry.type === 'effect' && entry.idempotencyKey === idempotencyKey);
  if (before === undefined) write('effect', path, idempotencyKey, body);
  // After the effect: whoever is killed while waiting can't know that it happened.
  await sleep(Number(values['delay-ms']));
  return [200, path === '/blasts' ? { accepted: true, recipients: body.recipient_count } : { posted: true }];
}

async function json(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks = await request.toArray() as Buffer[];
  return JSON.parse(Buffer.concat(chunks).toString() || '{}') as Record<string, unknown>;
}

const server = createServer((request, response) => {
  const answer = ([status, body]: [number, unknown]) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  const path = request.url ?? '/';
  if (request.method === 'GET') return void answer(path === '/log' ? [200, entries] : [404, { error: 'GET /log is all there is to read.' }]);
  const key = request.headers['idempotency-key'];
  json(request).then((body) => post(path, typeof key === 'string' ? key : null, body)).then(answer, (error: unknown) => answer([400, { error: String(error) }]));
});
server.listen(Number(values.port), '127.0.0.1', () => {
  console.log(JSON.stringify({ ready: true, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }));
});

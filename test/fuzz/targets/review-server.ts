import { createReviewServer, type ReviewServer } from '../../../packages/review-server/src/create-review-server.ts';
import type { GatewayAccess } from '../../../packages/review-server/src/gateway-keys.ts';
import { EMAIL_BLAST, KEY, optionsFor, OTHER_KEY } from '../../../packages/review-server/test/test-server.ts';
import { pino } from 'pino';
import type { Json } from '@holdpoint/json';
import {
  checkAnswer,
  operationsOf,
  requestsFor,
  send,
  servedRoutes,
  type OddRequest,
  type Operation,
} from '../http.ts';
import { startStubGateway } from '../stub-gateway.ts';
import { must, target } from '../target.ts';

const people = [
  ['rita', 'rita knows this', ['reviewer']],
  ['adam', 'adam knows this', ['admin', 'reviewer']],
  ['otto', 'otto knows this', ['auditor']],
  ['olga', 'olga knows this', ['operator']],
] as const;
/** A server is replaced after so many inputs, or when a request has taken its sign-ins away. */
const inputsOfServer = 400;

type Fixture = { server: ReviewServer; tokens: string[]; ids: string[]; errors: string[]; inputs: number };

async function newFixture(gateway: GatewayAccess): Promise<Fixture> {
  const errors: string[] = [];
  const log = pino({ level: 'error' }, { write: (line: string) => void errors.push(line) });
  const server = await createReviewServer(
    optionsFor('sqlite::memory:', {
      log,
      // A fuzzed callback goes to no other machine.
      callbackHosts: ['127.0.0.1:9'],
      gateway,
      reviewers: people.map(([name, password, roles]) => ({ name, password, roles: [...roles] })),
    }),
  );
  const post = async (path: string, body: Json, headers: Record<string, string>) => {
    const answer = await send(server.app, {
      route: path,
      method: 'POST',
      path,
      headers: { 'content-type': 'application/json', ...headers },
      body: { content: JSON.stringify(body), encoding: 'utf8', cutBytes: 0 },
    });
    must(answer !== undefined && answer.status < 300, `The fixture failed: ${answer?.status} ${answer?.text}`);
    return JSON.parse(answer.text) as Record<string, string>;
  };
  const tokens: string[] = [];
  for (const [name, password] of people)
    tokens.push((await post('/reviewer-api/session', { name, password }, {}))['token']!);
  await post(
    '/reviewer-api/groups',
    { name: 'crew', members: ['rita', 'adam'] },
    { authorization: `Bearer ${tokens[1]}` },
  );
  const ids: string[] = [];
  for (let index = 0; index < 6; index += 1) {
    const asked = {
      ...EMAIL_BLAST,
      details: { ...EMAIL_BLAST.details, index },
      ...(index === 5 && { riskLevel: 'critical' }),
      ...(index === 3 && { by: [{ group: 'crew', approvals: 2 }], onBehalfOf: 'otto' }),
    };
    ids.push(
      (await post('/api/webhooks/inbound', asked, { 'x-api-key': index === 4 ? OTHER_KEY : KEY }))['approvalId']!,
    );
  }
  return { server, tokens, ids, errors, inputs: 0 };
}

/** The routes of the review server: those of its OpenAPI document, and the pages. */
export function reviewServerRoutes({ app }: Pick<ReviewServer, 'app'>) {
  const operations = operationsOf(app.getOpenAPI31Document({ openapi: '3.1.0', info: { title: 'x', version: '1' } }));
  return { operations, served: servedRoutes(app) };
}

/** Pages and files, which OpenAPI leaves out. */
export const pages = [
  '/',
  '/admin',
  '/admin/*',
  '/approvals/{id}',
  '/runs',
  '/runs/{id}',
  '/login',
  '/openapi',
  '/openapi.json',
  '/openapi.css',
  '/metrics',
  '/assets/{name}',
  '/icons/{name}',
  '/manifest.webmanifest',
  '/service-worker.js',
].map((path) => ({ method: 'GET', path, query: ['token', 'box', 'q'] }));

/** A server behind `run`, and inputs for its routes. */
export async function reviewServerProbe() {
  const stub = await startStubGateway();
  const gateway = { url: stub.url, key: 'a key of the gateway' };
  let fixture = await newFixture(gateway);
  const { operations } = reviewServerRoutes(fixture.server);
  const parts: Record<string, number> = {};
  // Sign-ins and ids differ between servers, so an input names their places.
  const caller = (index: number) => ({ authorization: `Bearer token-${index}` });
  const place = (text: string) =>
    text
      .replaceAll(/token-([0-3])/g, (_, index: string) => fixture.tokens[Number(index)]!)
      .replaceAll(/approval-([0-5])/g, (_, index: string) => fixture.ids[Number(index)]!);
  const inputFor = (chosen: readonly Operation[]) =>
    requestsFor({
      operations: chosen,
      known: {
        id: ['approval-0', 'approval-1', 'approval-2', 'approval-3', 'approval-4', 'approval-5'],
        ids: ['approval-0', 'approval-1', 'approval-5', 'x'],
        name: ['comms', 'other', 'rita', 'nobody'],
        assistant: ['comms', 'other'],
        limit: [1, 50],
        box: ['needs-you', 'waiting', 'done', 'all'],
        status: ['pending', 'decided', 'all'],
        owner: ['everyone', 'x'],
        person: ['rita', 'adam', 'nobody'],
        deputy: ['rita', 'adam', 'nobody'],
        from: ['2020-01-01T00:00:00.000Z'],
        until: ['2020-06-01T00:00:00.000Z', '2020-01-01T00:00:00.000Z'],
        zone: ['UTC', 'Europe/Berlin'],
        decision: ['approve', 'reject', 'happened'],
        maxWaitMs: [0, 1, 5],
        expiresAt: ['2030-01-01T00:00:00.000Z', '2020-01-01T00:00:00.000Z'],
        callbackUrl: ['http://127.0.0.1:9/x', 'https://a.example'],
        field: ['action', 'details.a.b', 'riskLevel', 'metadata.__proto__'],
        texts: ['true'],
      },
      callers: [
        { 'x-api-key': KEY, ...caller(1) },
        caller(0),
        caller(2),
        caller(3),
        { 'x-api-key': OTHER_KEY },
        {},
        { authorization: 'Bearer wrong', 'x-api-key': 'wrong' },
      ],
    });
  const all: readonly Operation[] = [...operations, ...pages];
  return {
    parts: () => parts,
    // A held request waits up to ten seconds for a decision.
    longestMs: 25_000,
    operations: all,
    inputFor,
    /** The header of a caller who may use every route. */
    administrator: caller(1).authorization,
    input: inputFor(all),
    run: async (given: OddRequest) => {
      const request = {
        ...given,
        path: place(given.path),
        headers: Object.fromEntries(Object.entries(given.headers).map(([name, value]) => [name, place(value)])),
        ...(given.body && { body: { ...given.body, content: place(given.body.content) } }),
      };
      parts[given.route] = (parts[given.route] ?? 0) + 1;
      const answer = await send(fixture.server.app, request);
      if (!(answer?.type ?? '').startsWith('text/html')) checkAnswer(request, answer);
      const [error] = fixture.errors;
      must(error === undefined, `The log has an error: ${error}`);
      fixture.inputs += 1;
      const isOut = answer?.status === 401 && /token-[0-3]/.test(given.headers['authorization'] ?? '');
      if (fixture.inputs < inputsOfServer && !isOut) return;
      await fixture.server.close();
      fixture = await newFixture(gateway);
    },
    async close() {
      await fixture.server.close();
      await stub.close();
    },
  };
}

export const reviewServerTargets = [target('review server: routes', 40, () => reviewServerProbe())];

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CallerScopes } from '../../src/domain/caller.ts';
import { refusal, routeNeeds, type Need } from '../../src/gateway/policy.ts';
import { operationsOf } from '../fuzz/http.ts';
import { ask, gatewayWithCallers, requestFor, start } from './callers.ts';
import { completed, run, waiting, waitingCall } from './fake-runs.ts';
import { testGateway } from './test-gateway.ts';

const openRoutes = Object.entries(routeNeeds).filter(([, need]) => need !== 'none');
const scopesArbitrary: fc.Arbitrary<CallerScopes> = fc.record({
  start: fc.constantFrom<CallerScopes['start']>('all', ['comms'], ['other'], []),
  read: fc.constantFrom('own', 'all'),
  control: fc.constantFrom('none', 'own', 'all'),
  ask: fc.boolean(),
  decode: fc.boolean(),
  admin: fc.boolean(),
});

/** The statuses that a route may answer about the run `of`, by the documented permissions. */
function statusesFor({
  scopes,
  route,
  need,
  of,
}: {
  scopes: CallerScopes;
  route: string;
  need: Need;
  of: string;
}): number[] {
  if (refusal({ name: 'caller', scopes }, need) !== undefined) return [403];
  if (route.includes('{id}') && of !== 'own' && scopes.read === 'own') return [404];
  // The state of the run may be named first, to those who see it.
  if (need === 'control' && scopes.control === 'own' && of !== 'own') return [403, 409];
  if (need === 'control') return [202, 409, 429];
  if (need === 'start') return scopes.start === 'all' || scopes.start.includes('comms') ? [201] : [403];
  // The run is no standalone approval.
  if (route.endsWith('/answers')) return [404];
  return need === 'ask' || route === 'POST /v1/inbox-tokens' ? [201] : [200];
}

describe('policy of the gateway', () => {
  it('every route of the OpenAPI document → in the table, and no other', () => {
    const { app } = testGateway();
    const document = app.getOpenAPI31Document({ openapi: '3.1.0', info: { title: 'x', version: '1' } });
    const routes = operationsOf(document).map(({ method, path }) => `${method} ${path}`);
    expect(Object.keys(routeNeeds).toSorted()).toEqual(routes.toSorted());
  });

  // Written out again, so that a change of the table shows.
  it('each permission → exactly these routes', () => {
    expect(Object.groupBy(Object.keys(routeNeeds), (route) => routeNeeds[route]!)).toEqual({
      start: ['POST /v1/runs'],
      ask: ['POST /v1/approvals', 'POST /v1/approvals/{id}/answers'],
      control: ['POST /v1/runs/{id}/cancel', 'POST /v1/runs/{id}/retry', 'POST /v1/runs/{id}/messages'],
      admin: [
        'POST /v1/removals',
        'GET /v1/api-keys',
        'POST /v1/api-keys',
        'GET /v1/api-keys/{name}',
        'POST /v1/api-keys/{name}/rotate',
        'POST /v1/api-keys/{name}/scopes',
        'POST /v1/api-keys/{name}/revoke',
      ],
      // For its own runs, or all.
      read: [
        'GET /v1/runs',
        'GET /v1/runs/{id}',
        'GET /v1/runs/{id}/events',
        'GET /v1/runs/{id}/history',
        'GET /v1/usage',
        'POST /v1/inbox-tokens',
        'GET /v1/approvals',
        'GET /v1/approvals/{id}',
      ],
      // They have a token or a signature of their own.
      none: ['POST /callbacks/cheqpoint/{token}', 'POST /webhooks/openai'],
    });
  });

  it('route under /v1 that the table does not have → refused, whoever calls', async () => {
    const { app, call } = testGateway();
    app.get('/v1/forgotten/:id', (c) => c.text('secret'));
    const answer = await call('GET', '/v1/forgotten/1');
    expect(answer.status).toBe(403);
    expect(answer.json().error.code).toBe('forbidden');
    expect((await call('GET', '/v1/nothing')).status).toBe(404);
  });

  it.each(openRoutes.filter(([, need]) => need !== 'read'))(
    '%s by a caller with each permission but %s → 403, and nothing happens',
    async (route, need) => {
      const { add, as, runs, database } = await gatewayWithCallers();
      const lacking = {
        start: { start: [] },
        ask: { ask: false },
        control: { control: 'none' },
        admin: { admin: false },
      };
      const all = { start: 'all', read: 'all', control: 'all', ask: true, admin: true } as const;
      await add('caller', { ...all, ...(lacking[need as keyof typeof lacking] as Partial<CallerScopes>) });
      await add('victim');
      runs.set(waiting('open', waitingCall('req-open')));
      const before = JSON.stringify(await database.apiKeys.get('victim', Date.now()));
      const { method, path, body } = requestFor(route, 'open');
      const answer = await as('caller', method, path, body);
      expect([answer.status, answer.json().error.code]).toEqual([403, 'forbidden']);
      expect(answer.json().error.message).toContain('"caller"');
      expect([runs.created.size, runs.orders, runs.said]).toEqual([0, [], []]);
      expect(JSON.stringify(await database.apiKeys.get('victim', Date.now()))).toBe(before);
      expect(await database.apiKeys.get('another', Date.now())).toBeUndefined();
    },
  );

  it('any permissions and any route → refused exactly as the table says, and no run of another caller shows', async () => {
    const gateway = await gatewayWithCallers();
    const { add, as, runs } = gateway;
    let callers = 0;
    await fc.assert(
      fc.asyncProperty(
        scopesArbitrary,
        fc.constantFrom(...openRoutes),
        fc.constantFrom('own', 'foreign', 'unowned'),
        async (scopes, [route, need], of) => {
          if (need === 'admin') return;
          const name = `caller-${(callers += 1)}`;
          await add(name, scopes);
          runs.runs.clear();
          runs.created.clear();
          for (const [id, caller] of [
            ['own', name],
            ['foreign', 'other'],
            ['unowned', null],
          ] as const)
            runs.set({
              ...waiting(id, { ...waitingCall(`req-${id}`), key: `${id}/1/0/c` }),
              caller,
              summary: `of ${id}`,
            });
          const [orders, said, created] = [runs.orders.length, runs.said.length, runs.created.size];
          const { method, path, body } = requestFor(route, of);
          if (route.endsWith('/events')) return;
          const answer = await as(name, method, path, body);
          const leaks = [/of (foreign|unowned)/, /"other"/].filter((each) => each.test(answer.text));
          const changes = [runs.orders.length - orders, runs.said.length - said, runs.created.size - created];
          const isRefused = answer.status >= 400;
          expect({ route, scopes, of, status: answer.status, leaks: scopes.read === 'own' ? leaks : [] }).toEqual({
            route,
            scopes,
            of,
            status: expect.toSatisfy((status: number) => statusesFor({ scopes, route, need, of }).includes(status)),
            leaks: [],
          });
          expect(isRefused ? changes : [0, 0, 0]).toEqual([0, 0, 0]);
          runs.said.length = 0;
        },
      ),
      { numRuns: 400 },
    );
  });

  it('API key with every permission → no route decides', async () => {
    const { call, runs } = testGateway();
    runs.set(waiting('open', waitingCall('req-open')));
    for (const word of ['approve', 'reject', 'decide', 'decision', 'edit', 'claim'])
      for (const path of [`/v1/approvals/req-open/${word}`, `/v1/runs/open/${word}`])
        expect((await call('POST', path, { decision: 'approve', outcome: 'approved' })).status).toBe(404);
    for (const method of ['PUT', 'PATCH', 'DELETE', 'POST'])
      expect((await call(method, '/v1/approvals/req-open', { status: 'APPROVED' })).status).toBe(404);
    expect(runs.hints).toEqual([]);
  });
});

describe('runs of another caller', () => {
  const one = async (scopes: Partial<CallerScopes> = {}) => {
    const gateway = await gatewayWithCallers();
    await gateway.add('billing', { start: ['comms'], ask: true, ...scopes });
    gateway.runs.set(run('theirs', { caller: 'support' }));
    gateway.runs.set({ ...completed('ended', 'secret answer'), caller: 'support' });
    return gateway;
  };

  it('by a caller that reads its own → the answer for a run that does not exist, word for word', async () => {
    const { as } = await one();
    for (const [method, rest, body] of [
      ['GET', '', undefined],
      ['GET', '/events', undefined],
      ['GET', '/history', undefined],
      ['POST', '/cancel', undefined],
      ['POST', '/retry', undefined],
      ['POST', '/messages', { text: 'More.' }],
    ] as const) {
      const there = await as('billing', method, `/v1/runs/theirs${rest}`, body);
      const absent = await as('billing', method, `/v1/runs/absent${rest}`, body);
      expect(there.status).toBe(404);
      expect(there.text.replaceAll('theirs', 'absent')).toBe(absent.text);
    }
  });

  it('continued by a caller that reads its own → not found; by one that reads all → continued', async () => {
    const { add, as, runs } = await one();
    const request = { input: 'And then?', continueFrom: 'ended' };
    const answer = await as('billing', 'POST', '/v1/runs', request);
    expect([answer.status, answer.json().error]).toEqual([
      404,
      { code: 'run-not-found', message: 'There is no run "ended".', path: 'body.continueFrom' },
    ]);
    expect(runs.created.size).toBe(0);
    await add('reader', { start: ['comms'], read: 'all' });
    expect((await as('reader', 'POST', '/v1/runs', request)).status).toBe(201);
  });

  it('same id and same request → taken, without the run', async () => {
    const { add, as } = await one();
    await add('support', { start: ['comms'] });
    expect((await as('support', 'POST', '/v1/runs', { ...start, id: 'ticket-1' })).status).toBe(201);
    const other = await as('billing', 'POST', '/v1/runs', { ...start, id: 'ticket-1' });
    expect([other.status, other.json()]).toEqual([
      409,
      {
        error: {
          code: 'run-id-taken',
          message: expect.stringContaining('already used by another request'),
          path: 'body.id',
        },
      },
    ]);
    expect((await as('support', 'POST', '/v1/runs', { ...start, id: 'ticket-1' })).status).toBe(200);
  });

  it('same idempotency key → a run for each caller', async () => {
    const { add, as, call } = await one();
    await add('support', { start: ['comms'], ask: true });
    const request = { ...start, idempotencyKey: 'ticket-1' };
    const ids = [
      (await as('support', 'POST', '/v1/runs', request)).json().id,
      (await as('billing', 'POST', '/v1/runs', request)).json().id,
      (await call('POST', '/v1/runs', request)).json().id,
    ];
    expect(new Set(ids).size).toBe(3);
    expect((await as('billing', 'POST', '/v1/runs', request)).json().id).toBe(ids[1]);
    const asked = { ...ask, idempotencyKey: 'refund-1' };
    const approvals = [
      (await as('support', 'POST', '/v1/approvals', asked)).json().id,
      (await as('billing', 'POST', '/v1/approvals', asked)).json().id,
    ];
    expect(new Set(approvals).size).toBe(2);
  });

  it('lists → filtered by the caller; another caller in the query → empty', async () => {
    const { as, runs } = await one();
    runs.set(run('mine', { caller: 'billing' }));
    const ids = async (query = '') =>
      (await as('billing', 'GET', `/v1/runs${query}`)).json().runs.map(({ id }: { id: string }) => id);
    expect(await ids()).toEqual(['mine']);
    expect(await ids('?caller=billing')).toEqual(['mine']);
    expect(await ids('?caller=support')).toEqual([]);
    expect(runs.filters.every(({ caller }) => caller === 'billing')).toBe(true);
  });

  it('list with a run whose memo names another caller → left out', async () => {
    const { as, runs } = await one();
    runs.list = async () => ({ runs: [run('forged', { caller: 'support' })], nextPageToken: null });
    expect((await as('billing', 'GET', '/v1/runs')).json().runs).toEqual([]);
  });

  it('reads all, controls its own → sees the run, and 403 for orders', async () => {
    const { as, runs } = await one({ read: 'all', control: 'own' });
    expect((await as('billing', 'GET', '/v1/runs/theirs')).json()).toMatchObject({ caller: 'support' });
    const refused = await as('billing', 'POST', '/v1/runs/theirs/cancel');
    expect([refused.status, refused.json().error.code]).toEqual([403, 'forbidden']);
    expect((await as('billing', 'POST', '/v1/runs/theirs/messages', { text: 'x' })).status).toBe(403);
    expect([runs.orders, runs.said]).toEqual([[], []]);
  });

  it('run without a caller → seen by those who read all only', async () => {
    const { add, as, call, runs } = await one();
    runs.set(run('old', { caller: null }));
    await add('reader', { read: 'all' });
    expect((await as('billing', 'GET', '/v1/runs/old')).status).toBe(404);
    expect((await as('reader', 'GET', '/v1/runs/old')).status).toBe(200);
    expect((await call('GET', '/v1/runs/old')).status).toBe(200);
  });
});

describe('assistants of a caller', () => {
  it('another assistant → 403 whether a worker has it or not, and its name is not listed', async () => {
    const gateway = await gatewayWithCallers({ assistants: async () => ['comms', 'secret-project'] });
    await gateway.add('billing', { start: ['comms', 'gone'], ask: true });
    const answers = await Promise.all(
      ['secret-project', 'nothing'].map((assistant) =>
        gateway.as('billing', 'POST', '/v1/runs', { ...start, assistant }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([403, 403]);
    const gone = await gateway.as('billing', 'POST', '/v1/runs', { ...start, assistant: 'gone' });
    expect(gone.json().error).toMatchObject({ code: 'unknown-assistant' });
    for (const { text } of [answers[1]!, gone]) expect(text).not.toContain('secret-project');
    expect((await gateway.as('billing', 'POST', '/v1/runs', start)).json()).toMatchObject({ caller: 'billing' });
  });

  it('standalone approval with the Connection Key of another assistant → 403; without → asked', async () => {
    const { add, as } = await gatewayWithCallers();
    await add('billing', { start: ['comms'], ask: true });
    expect((await as('billing', 'POST', '/v1/approvals', { ...ask, assistant: 'other' })).status).toBe(403);
    expect((await as('billing', 'POST', '/v1/approvals', { ...ask, assistant: 'comms' })).status).toBe(201);
    expect((await as('billing', 'POST', '/v1/approvals', ask)).json()).toMatchObject({ caller: 'billing' });
  });
});

import { describe, expect, it } from 'vitest';
import { completed, run, waiting, waitingCall } from './fake-runs.ts';
import { apiKey, testGateway } from './test-gateway.ts';

const create = { assistant: 'comms', input: 'Tell all customers about the downtime.' };

describe('POST /v1/runs', () => {
  it('new run: 201, its id has assistant and day', async () => {
    const { call, runs } = testGateway({ now: () => new Date('2026-11-22T10:00:00Z') });
    const answer = await call('POST', '/v1/runs', { ...create, context: { user: 'ana' }, maxTurns: 3 });
    expect(answer.status).toBe(201);
    expect(answer.json().id).toMatch(/^comms-20261122-[a-z2-9]{6}$/);
    expect([...runs.created.values()][0]).toMatchObject({ ...create, context: { user: 'ana' }, maxTurns: 3 });
  });

  it('idempotency key sent twice: one run, 200 the second time', async () => {
    const { call, runs } = testGateway();
    const first = await call('POST', '/v1/runs', { ...create, idempotencyKey: 'order 17/a' });
    const second = await call('POST', '/v1/runs', { ...create, idempotencyKey: 'order 17/a' });
    expect([first.status, second.status]).toEqual([201, 200]);
    expect(second.json().id).toBe(first.json().id);
    expect(first.json().id).toMatch(/^order-17-a-[0-9a-f]{24}$/);
    expect(runs.created.size).toBe(1);
  });

  it('same request without a key: two runs', async () => {
    const { call, runs } = testGateway();
    await call('POST', '/v1/runs', create);
    await call('POST', '/v1/runs', create);
    expect(runs.created.size).toBe(2);
  });

  it('random id in use: another id is tried', async () => {
    const { call, runs } = testGateway();
    const really = runs.create.bind(runs);
    const tried: string[] = [];
    runs.create = async (request) => (tried.push(request.id) < 3 ? 'exists' : await really(request));
    const answer = await call('POST', '/v1/runs', create);
    expect([answer.status, answer.json().id]).toEqual([201, tried[2]]);
  });

  it('id from the caller: used as it is', async () => {
    const { call } = testGateway();
    expect((await call('POST', '/v1/runs', { ...create, id: 'Mine_1.a-b' })).json().id).toBe('Mine_1.a-b');
  });

  const changes = {
    input: { input: 'another' },
    assistant: { assistant: 'other' },
    context: { context: 1 },
    maxTurns: { maxTurns: 9 },
  };
  it.each(Object.entries(changes))('used id with another %s: 409', async (_what, change) => {
    const { call } = testGateway();
    await call('POST', '/v1/runs', { ...create, id: 'same' });
    const answer = await call('POST', '/v1/runs', { ...create, ...change, id: 'same' });
    expect(answer.status).toBe(409);
    expect(answer.json().error).toMatchObject({
      code: 'run-id-taken',
      path: 'body.id',
      message: expect.stringContaining('already used by another request'),
    });
  });
});

describe('refused request', () => {
  const big = 'x'.repeat(1024 * 1024);
  it.each([
    ['an empty input', { ...create, input: '' }, 400, 'invalid-request', 'body.input'],
    ['no input', { assistant: 'comms' }, 400, 'invalid-request', 'body.input'],
    ['a number as input', { ...create, input: 7 }, 400, 'invalid-request', 'body.input'],
    ['an empty assistant', { ...create, assistant: '' }, 400, 'invalid-request', 'body.assistant'],
    ['an assistant with a quote', { ...create, assistant: "it's" }, 400, 'invalid-request', 'body.assistant'],
    ['a misspelled field', { ...create, contxt: 1 }, 400, 'invalid-request', 'body'],
    ['an id with a slash', { ...create, id: 'a/b' }, 400, 'invalid-request', 'body.id'],
    ['an id that is too long', { ...create, id: 'a'.repeat(129) }, 400, 'invalid-request', 'body.id'],
    ['id and key together', { ...create, id: 'a', idempotencyKey: 'b' }, 400, 'invalid-request', 'body.idempotencyKey'],
    ['no turns', { ...create, maxTurns: 0 }, 400, 'invalid-request', 'body.maxTurns'],
    ['half a document', '{"assistant":', 400, 'invalid-request', 'body'],
    ['an unknown assistant', { ...create, assistant: 'nobody' }, 400, 'unknown-assistant', 'body.assistant'],
    ['a context above 64 KB', { ...create, context: 'x'.repeat(65_600) }, 413, 'payload-too-large', 'body.context'],
    [
      'an input that needs a database',
      { ...create, input: 'x'.repeat(70_000) },
      413,
      'payload-too-large',
      'body.input',
    ],
    ['a body above 1 MB', { ...create, input: big }, 413, 'payload-too-large', 'body'],
  ])('%s: refused, no run starts', async (_what, body, status, code, path) => {
    const { call, runs } = testGateway({ assistants: async () => ['comms', 'billing'] });
    const answer = await call('POST', '/v1/runs', body);
    expect({ status: answer.status, ...answer.json().error }).toMatchObject({ status, code, path });
    expect(runs.created.size).toBe(0);
  });

  it('unknown assistant: the message lists the known ones and suggests one', async () => {
    const { call } = testGateway({ assistants: async () => ['comms', 'billing'] });
    const message = async (assistant: string) =>
      (await call('POST', '/v1/runs', { ...create, assistant })).json().error.message as string;
    expect(await message('nobody')).toBe(
      'No running worker has an assistant "nobody". The workers have: comms, billing.',
    );
    expect(await message('coms')).toContain('Did you mean "comms"?');
  });

  it('assistants not known, or not readable: every name is accepted', async () => {
    for (const assistants of [async () => undefined, async () => Promise.reject(new Error('no database'))]) {
      const { call, lines } = testGateway({ assistants });
      expect((await call('POST', '/v1/runs', { ...create, assistant: 'nobody' })).status).toBe(201);
      expect(lines.join('').includes('no database')).toBe(assistants.toString().includes('reject'));
    }
  });

  it('assistant that was removed since: the same request finds its run, another is refused', async () => {
    let names = ['comms'];
    const { call } = testGateway({ assistants: async () => names });
    const request = { ...create, id: 'order-17' };
    expect((await call('POST', '/v1/runs', request)).status).toBe(201);
    names = ['billing'];
    expect((await call('POST', '/v1/runs', request)).status).toBe(200);
    expect((await call('POST', '/v1/runs', { ...create, id: 'order-18' })).json().error.code).toBe('unknown-assistant');
  });

  it.each([
    [
      'a body that is not sent as JSON',
      'POST',
      '/v1/runs',
      415,
      'unsupported-media-type',
      { 'content-type': 'text/plain' },
    ],
    ['no body at all', 'POST', '/v1/runs', 400, 'invalid-request', { 'content-type': 'application/json' }],
    ['an unknown state', 'GET', '/v1/runs?state=odd', 400, 'invalid-request', {}],
    ['a limit of 0', 'GET', '/v1/runs?limit=0', 400, 'invalid-request', {}],
    ['a limit of 201', 'GET', '/v1/runs?limit=201', 400, 'invalid-request', {}],
    ['an assistant with a quote', 'GET', "/v1/runs?assistant=it's", 400, 'invalid-request', {}],
    ['an assistant with a backslash', 'GET', '/v1/approvals?assistant=a%5Cb', 400, 'invalid-request', {}],
    ['a malformed page token', 'GET', '/v1/runs?pageToken=bad', 400, 'invalid-request', {}],
    ['a malformed run id', 'GET', '/v1/runs/a%2Fb', 400, 'invalid-request', {}],
    ['an approval id with a quote', 'GET', '/v1/approvals/a%27b', 400, 'invalid-request', {}],
    ['an unknown run', 'GET', '/v1/runs/none', 404, 'run-not-found', {}],
    ['watching an unknown run', 'GET', '/v1/runs/none/events', 404, 'run-not-found', {}],
    ['cancelling an unknown run', 'POST', '/v1/runs/none/cancel', 404, 'run-not-found', {}],
    ['retrying an unknown run', 'POST', '/v1/runs/none/retry', 404, 'run-not-found', {}],
    [
      'a message without a body',
      'POST',
      '/v1/runs/none/messages',
      400,
      'invalid-request',
      { 'content-type': 'application/json' },
    ],
    ['an unknown approval', 'GET', '/v1/approvals/none', 404, 'approval-not-found', {}],
    ['an unknown route', 'GET', '/v1/nothing', 404, 'not-found', {}],
  ])('%s: answered with its error code', async (_what, method, path, status, code, headers: Record<string, string>) => {
    const { call } = testGateway();
    const answer = await call(method, path, headers['content-type'] === undefined ? undefined : '', headers);
    expect({ status: answer.status, code: answer.json().error.code }).toEqual({ status, code });
    expect(answer.json().error.message).not.toBe('');
  });
});

describe('API key', () => {
  const routes = [
    ['POST', '/v1/runs'],
    ['GET', '/v1/runs'],
    ['GET', '/v1/runs/a'],
    ['GET', '/v1/runs/a/events'],
    ['POST', '/v1/runs/a/cancel'],
    ['POST', '/v1/runs/a/retry'],
    ['POST', '/v1/runs/a/messages'],
    ['POST', '/v1/approvals'],
    ['GET', '/v1/approvals'],
    ['GET', '/v1/approvals/a'],
  ];
  const credentials = {
    none: '',
    'a wrong key': 'Bearer wrong',
    'half the key': `Bearer ${apiKey.slice(0, -1)}`,
    'another scheme': `Basic ${apiKey}`,
    'the key without a scheme': apiKey,
  };
  it.each(
    routes.flatMap(([method, path]) =>
      Object.entries(credentials).map(([what, authorization]) => [method, path, what, authorization] as const),
    ),
  )('%s %s with %s: 401', async (method, path, _what, authorization) => {
    const { call, runs } = testGateway();
    runs.set(run('a'));
    const answer = await call(method!, path!, method === 'POST' ? create : undefined, { authorization });
    expect({ status: answer.status, code: answer.json().error.code }).toEqual({ status: 401, code: 'unauthorized' });
    expect([runs.created.size, runs.orders, runs.filters]).toEqual([0, [], []]);
  });

  it('several keys: each is accepted', async () => {
    const { call } = testGateway({ operatorKeys: ['old-key', 'new-key'] });
    for (const key of ['old-key', 'new-key'])
      expect((await call('GET', '/v1/runs', undefined, { authorization: `Bearer ${key}` })).status).toBe(200);
  });

  it.each([[[]], [['']]])('keys %j: the gateway does not start', (operatorKeys) => {
    expect(() => testGateway({ operatorKeys })).toThrow('at least one API key');
  });
});

describe('existing run', () => {
  it('GET /v1/runs/{id}: the whole run', async () => {
    const { call, runs } = testGateway();
    runs.set(waiting('a', waitingCall('req_1')));
    expect((await call('GET', '/v1/runs/a')).json()).toEqual(runs.runs.get('a'));
  });

  it('GET /v1/runs: passes the filters on, notes that the list may lag', async () => {
    const { call, runs } = testGateway();
    runs.set(run('a'));
    const answer = await call('GET', '/v1/runs?state=parked&assistant=comms&limit=7&pageToken=next');
    expect(runs.filters).toEqual([{ state: 'parked', assistant: 'comms', limit: 7, pageToken: 'next' }]);
    expect(answer.json()).toMatchObject({
      runs: [{ id: 'a' }],
      nextPageToken: null,
      note: expect.stringContaining('lag by seconds'),
    });
  });

  it('cancel: 202 while open, 409 once closed', async () => {
    const { call, runs } = testGateway();
    runs.set(run('a'));
    runs.set(completed('b', 'Done.'));
    const [open, closed] = [await call('POST', '/v1/runs/a/cancel'), await call('POST', '/v1/runs/b/cancel')];
    expect([open.status, open.json()]).toEqual([202, { id: 'a', ordered: 'cancel' }]);
    expect([closed.status, closed.json().error.code]).toEqual([409, 'run-closed']);
    expect(runs.orders).toEqual(['cancel a']);
  });

  it('retry: 202 when parked, else 409', async () => {
    const { call, runs } = testGateway();
    runs.set(run('parked', { state: 'parked' }));
    runs.set(run('running'));
    runs.set(completed('done', 'Done.'));
    const codes = [];
    for (const id of ['parked', 'running', 'done']) {
      const answer = await call('POST', `/v1/runs/${id}/retry`);
      codes.push([answer.status, answer.json().error?.code]);
    }
    expect(codes).toEqual([
      [202, undefined],
      [409, 'run-not-parked'],
      [409, 'run-closed'],
    ]);
    expect(runs.orders).toEqual(['retry parked']);
  });
});

describe('GET /v1/approvals', () => {
  it('list: approvals of open runs, newest first', async () => {
    const { call, runs } = testGateway();
    runs.set(waiting('young', waitingCall('req_2', { waitingSince: '2026-11-22T12:00:00.000Z' })));
    runs.set(waiting('old', waitingCall('req_1')));
    runs.set(run('gone', { detail: null, detailMissing: 'No worker answered.' }));
    const answer = (await call('GET', '/v1/approvals')).json();
    expect(answer.approvals).toMatchObject([
      { id: 'req_2', runId: 'young' },
      { id: 'req_1', runId: 'old', tool: 'send_email_blast', arguments: { recipient_count: 500 } },
    ]);
    expect(answer.unread).toEqual([{ runId: 'gone', assistant: 'comms', reason: 'No worker answered.' }]);
    expect(runs.filters[0]).toEqual({ waiting: true, limit: 50 });
  });

  it('list: leaves out calls that are done or have no request', async () => {
    const { call, runs } = testGateway();
    runs.set(waiting('a', { ...waitingCall('req_1'), state: 'done' }, { ...waitingCall('req_2'), approval: null }));
    expect((await call('GET', '/v1/approvals')).json().approvals).toEqual([]);
  });

  it('by request id: found', async () => {
    const { call, runs } = testGateway();
    runs.set(waiting('a', waitingCall('req_1')));
    expect((await call('GET', '/v1/approvals/req_1')).json()).toMatchObject({
      id: 'req_1',
      runId: 'a',
      reviewUrl: 'https://review.example/req_1',
      callKey: 'first/1/0/call_1',
    });
  });
});

describe('Temporal unavailable', () => {
  it.each([
    ['POST', '/v1/runs'],
    ['GET', '/v1/runs'],
    ['GET', '/v1/runs/a'],
    ['GET', '/v1/runs/a/events'],
    ['POST', '/v1/runs/a/cancel'],
    ['POST', '/v1/runs/a/retry'],
    ['POST', '/v1/approvals'],
    ['GET', '/v1/approvals'],
  ])('%s %s: 503 with Retry-After', async (method, path) => {
    const { call, runs } = testGateway();
    runs.away = true;
    const bodies: Record<string, object> = {
      'POST /v1/runs': create,
      'POST /v1/approvals': { action: 'refund', summary: 'Refund A-17', details: {} },
    };
    const answer = await call(method, path, bodies[`${method} ${path}`]);
    expect([answer.status, answer.json().error.code, answer.headers.get('retry-after')]).toEqual([
      503,
      'temporal-unavailable',
      '5',
    ]);
  });

  it('gateway: healthy, not ready', async () => {
    const { call, runs } = testGateway();
    expect((await call('GET', '/readyz')).status).toBe(200);
    runs.away = true;
    expect([(await call('GET', '/healthz')).status, (await call('GET', '/readyz')).status]).toEqual([200, 503]);
  });
});

describe('gateway', () => {
  it('/openapi.json: has every route', async () => {
    const { call } = testGateway();
    const document = (await call('GET', '/openapi.json')).json();
    expect(Object.keys(document.paths).toSorted()).toEqual([
      '/callbacks/cheqpoint/{token}',
      '/v1/api-keys',
      '/v1/api-keys/{name}',
      '/v1/api-keys/{name}/revoke',
      '/v1/api-keys/{name}/rotate',
      '/v1/api-keys/{name}/scopes',
      '/v1/approvals',
      '/v1/approvals/{id}',
      '/v1/approvals/{id}/answers',
      '/v1/inbox-tokens',
      '/v1/removals',
      '/v1/runs',
      '/v1/runs/{id}',
      '/v1/runs/{id}/cancel',
      '/v1/runs/{id}/events',
      '/v1/runs/{id}/history',
      '/v1/runs/{id}/messages',
      '/v1/runs/{id}/retry',
      '/v1/usage',
      '/webhooks/openai',
    ]);
    expect(Object.keys(document.components.schemas)).toEqual(
      expect.arrayContaining(['Run', 'RunSummary', 'Approval', 'Error', 'CreateRun']),
    );
  });

  it('/metrics: counts requests by route pattern', async () => {
    const { call } = testGateway();
    await call('GET', '/v1/runs/none');
    expect((await call('GET', '/metrics')).text).toContain(
      'holdpoint_gateway_requests_total{method="GET",route="/v1/runs/:id",status="404"} 1',
    );
  });

  it('unexpected error: 500 without internals, the log has the error and no key', async () => {
    const { call, runs, lines } = testGateway();
    runs.get = () => Promise.reject(new Error('inner detail'));
    const answer = await call('GET', '/v1/runs/a');
    expect([answer.status, answer.json().error.code]).toEqual([500, 'internal-error']);
    expect(answer.text).not.toContain('inner detail');
    expect(lines.join('')).toContain('inner detail');
    expect(lines.join('')).not.toContain(apiKey);
  });
});

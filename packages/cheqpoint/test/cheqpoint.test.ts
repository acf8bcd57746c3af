import { describe, expect, it } from 'vitest';
import type { ReviewRequest } from '@holdpoint/cheqpoint';
import { createReviewService } from '../src/review-service.ts';
import { closedPort, healthy, startService } from './cheqpoint-service.ts';

const connectionKey = 'cq_live_canary0123456789';
const signal = new AbortController().signal;
const request: ReviewRequest = {
  action: 'send_email_blast',
  summary: 'Assistant wants to send an email to 500 recipients',
  details: { template: 'weekly_update', recipient_count: 500, subject: 'System Maintenance' },
  riskLevel: 'high',
  justification: 'Requested by user to notify customers of downtime.',
  callbackUrl: 'https://holdpoint.example/callbacks/cheqpoint/token',
  idempotencyKey: 'run/1/0/call/1',
  expiresAt: '2026-11-23T12:00:00.000Z',
  argumentsSchema: { type: 'object' },
  workflowUrl: 'https://temporal.example/run',
  agentName: 'comms',
  riskReason: 'A person decides on every call of this tool.',
};
const { idempotencyKey, expiresAt, argumentsSchema, workflowUrl, agentName, riskReason, ...documented } = request;
const nothing = {
  id: null,
  details: null,
  modifiedDetails: null,
  note: null,
  reviewUrl: null,
  decidedAt: null,
  autoDecided: false,
  ruleName: null,
  reasonCode: null,
  retryable: false,
};

async function answering(body: unknown, health?: () => Response) {
  const service = await startService(() => Response.json(body), health);
  return { ...service, client: createReviewService({ baseUrl: service.url, connectionKey }) };
}

describe('review service, request', () => {
  it('hosted Cheqpoint: only documented fields are sent to the inbound webhook', async () => {
    const { client, arrived } = await answering({
      status: 'pending',
      approvalId: 'req_1',
      reviewUrl: 'https://app.cheqpoint.co/r/1',
    });
    expect(await client.request(request)).toEqual({
      ...nothing,
      id: 'req_1',
      status: 'pending',
      statusWord: 'pending',
      reviewUrl: 'https://app.cheqpoint.co/r/1',
    });
    expect(arrived).toHaveLength(1);
    expect(arrived[0]).toMatchObject({ method: 'POST', path: '/api/webhooks/inbound', json: documented });
    expect(Object.keys(arrived[0]!.json)).toEqual(Object.keys(documented));
    expect(arrived[0]!.headers.get('x-api-key')).toBe(connectionKey);
    expect(arrived[0]!.headers.get('content-type')).toBe('application/json');
    expect(arrived[0]!.headers.has('idempotency-key')).toBe(false);
  });

  it('our review server: extensions and the idempotency key are sent', async () => {
    const { client, arrived } = await answering({ status: 'pending', id: 'req_1' }, () => Response.json(healthy));
    await client.request(request);
    const expiresIn = expect.any(Number);
    const extensions = { expiresAt, expiresIn, argumentsSchema, workflowUrl, agentName, riskReason };
    expect(arrived[0]!.json).toEqual({ ...documented, ...extensions });
    expect(arrived[0]!.headers.get('idempotency-key')).toBe(idempotencyKey);
  });

  it('expiresAt → expiresIn is the time left at each sending, never below 0', async () => {
    const { url, arrived } = await startService(
      () => Response.json({ status: 'pending', id: 'req_1' }),
      () => Response.json(healthy),
    );
    let now = Date.parse(expiresAt!) - 1_800_000;
    const client = createReviewService({ baseUrl: url, connectionKey, now: () => now });
    await client.request(request);
    now += 1_700_000;
    await client.request(request);
    now += 1_700_000;
    await client.request(request);
    expect(arrived.map(({ json }) => json['expiresIn'])).toEqual([1_800_000, 100_000, 0]);
  });

  it('missing optional fields are omitted', async () => {
    const { client, arrived } = await answering({ status: 'pending', id: 'req_1' }, () => Response.json(healthy));
    await client.request({ action: 'a', summary: 's', details: {}, riskLevel: 'low', idempotencyKey: 'k' });
    expect(arrived[0]!.text).toBe('{"action":"a","summary":"s","details":{},"riskLevel":"low"}');
  });
});

describe('review service, base URL', () => {
  it.each([
    ['/cheqpoint/', '/cheqpoint'],
    ['/', ''],
    ['', ''],
    ['/a/b//', '/a/b'],
  ])('path %j: kept without trailing slashes', async (path, kept) => {
    const { url, arrived } = await startService(() => Response.json({ status: 'PENDING' }));
    const client = createReviewService({ baseUrl: url + path, connectionKey });
    await client.read('req_1', signal);
    await client.request(request);
    expect(arrived.map((one) => one.path)).toEqual([`${kept}/api/approvals/req_1`, `${kept}/api/webhooks/inbound`]);
  });

  it.each([
    ['', 'is not an http or https address'],
    ['app.cheqpoint.co', 'is not an http or https address'],
    ['ftp://app.cheqpoint.co', 'is not an http or https address'],
    ['https://user:hunter2@app.cheqpoint.co', 'carries a user name or password'],
    ['https://app.cheqpoint.co/?a=hunter2', 'carries a "?" or "#"'],
  ])('%j is refused with the reason, without the password', (baseUrl, reason) => {
    const create = () => createReviewService({ baseUrl, connectionKey });
    expect(create).toThrow(reason);
    expect(create).not.toThrow('hunter2');
  });

  it.each([
    ['', 'is empty'],
    [`${connectionKey}\n`, 'holds a space, a line break'],
    [`${connectionKey}é`, 'outside ASCII'],
  ])('key %j is refused, and not shown', (key, reason) => {
    const create = () => createReviewService({ baseUrl: 'https://app.cheqpoint.co', connectionKey: key });
    expect(create).toThrow(reason);
    expect(create).not.toThrow('canary');
  });
});

describe('review service, request id', () => {
  it.each(['req_1', 'a/b', 'ü?#%', '../../withdraw', ' '])('%j reaches the service unchanged', async (id) => {
    const { client, arrived } = await answering({ status: 'PENDING', id }, () => Response.json(healthy));
    expect(await client.read(id, signal)).toMatchObject({ id });
    await client.close(id, 'expired', signal);
    expect(arrived.map(({ method, path }) => [method, path])).toEqual([
      ['GET', `/api/approvals/${encodeURIComponent(id)}`],
      ['POST', `/api/approvals/${encodeURIComponent(id)}/withdraw`],
    ]);
    expect(arrived[1]!.json).toEqual({ reason: 'expired' });
  });

  it.each(['', '.', '..', '\ud800'])('%j: refused without a call', async (id) => {
    const { client, arrived } = await answering({ status: 'APPROVED' });
    await expect(client.read(id, signal)).rejects.toMatchObject({
      name: 'ReviewFailure',
      kind: 'refused',
      sent: false,
    });
    expect(arrived).toEqual([]);
  });
});

describe('review service, answer', () => {
  const cases: Array<[why: string, body: object, read: object]> = [
    [
      'documented, inline, approved',
      { status: 'approved', approvalId: 'req_1', modifiedDetails: null },
      { status: 'approved', id: 'req_1' },
    ],
    [
      'documented, inline, rejected',
      { status: 'rejected', modifiedDetails: null, decisionNote: 'no' },
      { status: 'rejected', note: 'no' },
    ],
    [
      'inline answer of the guide',
      { status: 'approved', modifiedDetails: null, decisionNote: 'Verified maintenance window scheduled.' },
      { status: 'approved', note: 'Verified maintenance window scheduled.' },
    ],
    ['answer of the older page', { id: 'req_abc123', status: 'PENDING' }, { status: 'pending', id: 'req_abc123' }],
    [
      'documented, read',
      {
        id: 'req_1',
        status: 'APPROVED',
        modifiedDetails: null,
        decisionNote: 'Looks good',
        decidedAt: '2025-03-18T14:32:00.000Z',
      },
      { status: 'approved', id: 'req_1', note: 'Looks good', decidedAt: '2025-03-18T14:32:00.000Z' },
    ],
    ['C1: any letter case', { status: 'ApPrOvEd' }, { status: 'approved' }],
    ['C1, C18: declined', { status: 'Declined' }, { status: 'rejected' }],
    ['C1: denied', { status: 'DENIED' }, { status: 'rejected' }],
    ['C1: expired, an undocumented word', { status: 'EXPIRED' }, { status: 'unknown', statusWord: 'EXPIRED' }],
    [
      'C1: modified, an undocumented word',
      { status: 'modified', modifiedDetails: { a: 1 } },
      { status: 'unknown', modifiedDetails: { a: 1 } },
    ],
    ['a status with a leading space', { status: ' approved' }, { status: 'unknown' }],
    ['a property name of every object', { status: 'constructor' }, { status: 'unknown' }],
    ['no status', { id: 'req_1' }, { status: 'unknown', statusWord: '', id: 'req_1' }],
    ['a status that is no text', { status: true }, { status: 'unknown', statusWord: '' }],
    ['C2: both ids', { status: 'pending', id: 'a', approvalId: 'b' }, { id: 'b' }],
    ['C2: an approvalId of null', { status: 'pending', id: 'a', approvalId: null }, { id: 'a' }],
    ['an id with a control character', { status: 'pending', id: 'a\u0000' }, { id: null }],
    [
      'C9: an edit',
      { status: 'approved', modifiedDetails: { z: 1, a: [2] } },
      { status: 'approved', modifiedDetails: { z: 1, a: [2] } },
    ],
    ['an empty edit', { status: 'approved', modifiedDetails: {} }, { status: 'approved', modifiedDetails: {} }],
    [
      'an edit that is text',
      { status: 'approved', modifiedDetails: '{"a":1}' },
      { status: 'unknown', statusWord: 'approved', modifiedDetails: null },
    ],
    ['an edit that is a list', { status: 'approved', modifiedDetails: [] }, { status: 'unknown' }],
    ['an edit that is false', { status: 'approved', modifiedDetails: false }, { status: 'unknown' }],
    ['C10: both notes', { status: 'approved', decisionNote: 'first', responseNotes: 'second' }, { note: 'first' }],
    [
      'C10: responseNotes alone',
      { status: 'approved', decisionNote: null, responseNotes: 'second' },
      { note: 'second' },
    ],
    ['details', { status: 'approved', details: { b: 1, a: 2 } }, { details: { b: 1, a: 2 } }],
    ['details that are no object', { status: 'approved', details: 'text' }, { status: 'approved', details: null }],
    [
      'decided by a rule',
      { status: 'approved', autoDecided: true, autoDecisionRuleName: 'small', decisionReasonCode: 'rule' },
      { autoDecided: true, ruleName: 'small', reasonCode: 'rule' },
    ],
    ['rejected by the system', { status: 'REJECTED', retryable: true }, { status: 'rejected', retryable: true }],
    [
      'booleans as text or number',
      { status: 'REJECTED', retryable: 'true', autoDecided: 1 },
      { retryable: false, autoDecided: false },
    ],
    ['a link that is no web address', { status: 'pending', reviewUrl: 'javascript:alert(1)' }, { reviewUrl: null }],
    [
      'fields of other types',
      { status: 'pending', decidedAt: 5, decisionNote: {}, autoDecisionRuleName: [], decisionReasonCode: 1 },
      { decidedAt: null, note: null, ruleName: null, reasonCode: null },
    ],
    ['unknown fields', { status: 'pending', type: 'x', webhook_delivered: false }, { status: 'pending' }],
  ];

  it.each(cases)('%s: read the same by GET and POST', async (_why, body, read) => {
    const { client } = await answering(body);
    const word = (body as { status?: unknown }).status;
    const status = typeof word === 'string' ? word : '';
    const expected = { ...nothing, status: status.toLowerCase(), statusWord: status, ...read };
    expect(await client.read('req_1', signal)).toEqual(expected);
    expect(await client.request(request)).toEqual(expected);
  });

  it('details with a key named __proto__: kept', async () => {
    const { url } = await startService(
      () => new Response('{"status":"approved","details":{"__proto__":{"a":1},"b":2}}'),
    );
    const { details } = await createReviewService({ baseUrl: url, connectionKey }).read('req_1', signal);
    expect(JSON.stringify(details)).toBe('{"__proto__":{"a":1},"b":2}');
  });

  it.each([
    ['{"status":"rejected","status":"approved","details":{"a":1}}', 'status'],
    ['{"status":"approved","details":{"a":1},"modifiedDetails":{"a":2,"a":9000}}', 'modifiedDetails.a'],
  ])('approval with a name twice, %s: unreadable', async (answer, path) => {
    const { url } = await startService(() => new Response(answer));
    await expect(createReviewService({ baseUrl: url, connectionKey }).read('req_1', signal)).rejects.toMatchObject({
      kind: 'unreadable',
      message: expect.stringContaining(`${path}: this name stands twice`) as string,
    });
  });

  it.each([200, 201, 202])('HTTP %d is a success', async (status) => {
    const { url } = await startService(() => Response.json({ status: 'pending', approvalId: 'req_1' }, { status }));
    expect(await createReviewService({ baseUrl: url, connectionKey }).request(request)).toMatchObject({ id: 'req_1' });
  });
});

describe('review service, capabilities', () => {
  it.each([
    ['our review server', () => Response.json(healthy), true, true],
    ['a review server of ours without withdrawing', () => Response.json({ ...healthy, withdraw: false }), true, false],
    ['an unhealthy review server of ours', () => Response.json(healthy, { status: 503 }), true, true],
    ['a service without that page', () => new Response('Not found', { status: 404 }), false, false],
    ['another product', () => Response.json({ status: 'ok', idempotency: true, withdraw: true }), false, false],
    ['a service with a JSON error', () => Response.json({ error: 'No key.' }, { status: 401 }), false, false],
  ])('%s: asked once and remembered', async (_what, health, idempotency, withdraw) => {
    let asked = 0;
    const { client } = await answering({ status: 'pending' }, () => {
      asked += 1;
      return health();
    });
    const answers = await Promise.all([
      client.capabilities(),
      client.capabilities(),
      client.request(request).then(() => client.capabilities()),
    ]);
    expect(answers).toEqual([1, 2, 3].map(() => ({ idempotency, withdraw, pause: idempotency })));
    expect(asked).toBe(1);
  });

  it.each([
    ['a web page', () => new Response('<html>', { headers: { 'content-type': 'text/html' } })],
    ['a web page without a type', () => new Response('<!doctype html>')],
    ['a page that says 404', () => new Response('<html>', { status: 404, headers: { 'content-type': 'text/html' } })],
    ['a redirect', () => new Response(null, { status: 307, headers: { location: '/login' } })],
    ['a refusal in plain text', () => new Response('Forbidden', { status: 403 })],
    ['an empty answer', () => new Response(null, { status: 204 })],
    ['a timeout of a proxy', () => Response.json({ error: 'timeout' }, { status: 504 })],
  ])('%s: unclear, no call is made, and the next one asks again', async (_what, health) => {
    const answers = [health, health, () => Response.json(healthy)];
    const { client, arrived } = await answering({ paused: null }, () => answers.shift()!());
    await expect(client.request(request)).rejects.toMatchObject({ kind: 'unavailable', sent: false });
    await expect(client.paused(signal)).rejects.toMatchObject({ kind: 'unavailable', sent: false });
    expect(arrived).toEqual([]);
    expect(await client.paused(signal)).toBeNull();
    expect(arrived.map(({ path }) => path)).toEqual(['/api/assistant']);
  });

  it('unclear answer: the message names /healthz and the setting', async () => {
    const { client, url } = await answering(
      { status: 'pending' },
      () => new Response('<html>', { headers: { 'content-type': 'text/html' } }),
    );
    await expect(client.capabilities()).rejects.toThrow(
      `GET /healthz of the review service at ${url} answered HTTP 200 (text/html), so it is unclear whether this is a Holdpoint review server. Let the proxy in front of it pass /healthz on. For hosted Cheqpoint, CHEQPOINT_BASE_URL is https://app.cheqpoint.co.`,
    );
  });

  it('service that looked hosted: asked again after five minutes', async () => {
    const answers = [
      () => Response.json({ status: 'ok' }),
      () => Response.json({ error: 'starting' }, { status: 503 }),
      () => Response.json(healthy),
    ];
    const { url } = await startService(
      () => Response.json({ status: 'pending' }),
      () => answers.shift()!(),
    );
    let time = 0;
    const client = createReviewService({ baseUrl: url, connectionKey, now: () => time });
    const seen = [];
    for (const minutes of [0, 4, 6, 7, 12, 99]) {
      time = minutes * 60_000;
      seen.push((await client.capabilities()).idempotency);
    }
    expect(seen).toEqual([false, false, false, false, true, true]);
    expect(answers).toEqual([]);
  });

  it('the question carries no key', async () => {
    let headers: Headers | undefined;
    const { url } = await startService(() => Response.json({ status: 'pending' }));
    const fetchAndKeep: typeof fetch = (input, init) => {
      if (typeof input === 'string' && input.endsWith('/healthz')) headers = new Headers(init?.headers);
      return fetch(input, init);
    };
    await createReviewService({ baseUrl: url, connectionKey, fetch: fetchAndKeep }).capabilities();
    expect([...headers!.values()].join(' ')).not.toContain('canary');
  });

  it('service was starting: asked again', async () => {
    const answers = [
      () => Response.json({ error: 'starting' }, { status: 503, headers: { 'retry-after': '2' } }),
      () => Response.json(healthy),
    ];
    const { client, arrived } = await answering({ status: 'pending' }, () => answers.shift()!());
    await expect(client.request(request)).rejects.toMatchObject({
      kind: 'unavailable',
      sent: false,
      retryAfterMs: 2000,
    });
    expect(arrived).toEqual([]);
    expect(await client.capabilities()).toEqual({ idempotency: true, withdraw: true, pause: true });
  });

  it('unreachable service → failure, nothing sent', async () => {
    const client = createReviewService({ baseUrl: await closedPort(), connectionKey });
    await expect(client.capabilities()).rejects.toMatchObject({
      name: 'ReviewFailure',
      kind: 'unavailable',
      sent: false,
    });
    await expect(client.request(request)).rejects.toMatchObject({ kind: 'unavailable', sent: false });
  });

  it('close at hosted Cheqpoint: refused without a call', async () => {
    const { client, arrived } = await answering({ status: 'rejected' });
    await expect(client.close('req_1', 'withdrawn', signal)).rejects.toMatchObject({ kind: 'refused', sent: false });
    expect(arrived).toEqual([]);
  });
});

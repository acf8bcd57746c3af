import { describe, expect, it } from 'vitest';
import { askApprovalSchema } from '../../src/schemas/rest-approvals.ts';
import { run, waiting, waitingCall } from './fake-runs.ts';
import { testGateway } from './test-gateway.ts';

const ask = { action: 'refund', summary: 'Refund order A-17', details: { order: 'A-17', amount: 80 } };
const schema = {
  type: 'object',
  properties: { order: { type: 'string' }, amount: { type: 'number' } },
  required: ['order', 'amount'],
  additionalProperties: false,
};

describe('POST /v1/approvals', () => {
  it('new request: 201 with its run, whose id has action and day', async () => {
    const { call, runs } = testGateway({ now: () => new Date('2026-11-22T10:00:00Z') });
    const answer = await call('POST', '/v1/approvals', {
      ...ask,
      justification: 'It broke.',
      riskLevel: 'high',
      expiresIn: '3 days',
      argumentsSchema: schema,
      context: { ticket: 7 },
    });
    expect(answer.status).toBe(201);
    expect(answer.json()).toMatchObject({
      id: expect.stringMatching(/^refund-20261122-[a-z2-9]{6}$/),
      kind: 'approval',
      decision: null,
    });
    expect([...runs.created.values()]).toEqual([
      {
        id: answer.json().id,
        caller: 'operator',
        assistant: '(none)',
        input: ask.summary,
        context: { ticket: 7 },
        inputDigest: expect.stringMatching(/^[0-9a-f]{64}$/),
        approval: {
          ...ask,
          justification: 'It broke.',
          riskLevel: 'high',
          expiresInMs: 259_200_000,
          argumentsSchema: schema,
        },
      },
    ]);
  });

  it('idempotency key sent twice: one approval, 200 the second time', async () => {
    const { call, runs } = testGateway();
    const [first, second] = [
      await call('POST', '/v1/approvals', { ...ask, idempotencyKey: 'order 17' }),
      await call('POST', '/v1/approvals', { ...ask, idempotencyKey: 'order 17' }),
    ];
    expect([first.status, second.status, second.json().id]).toEqual([201, 200, first.json().id]);
    expect(runs.created.size).toBe(1);
  });

  const changes = {
    action: { action: 'other' },
    summary: { summary: 'other' },
    details: { details: { order: 'A-18', amount: 80 } },
    justification: { justification: 'so' },
    riskLevel: { riskLevel: 'low' },
    expiresIn: { expiresIn: 1000 },
    argumentsSchema: { argumentsSchema: schema },
    assistant: { assistant: 'comms' },
    context: { context: 1 },
  };
  it.each(Object.entries(changes))('used id with another %s: 409', async (_what, change) => {
    const { call } = testGateway();
    await call('POST', '/v1/approvals', { ...ask, id: 'same' });
    const answer = await call('POST', '/v1/approvals', { ...ask, ...change, id: 'same' });
    expect({ status: answer.status, ...answer.json().error }).toMatchObject({
      status: 409,
      code: 'run-id-taken',
      path: 'body.id',
      message: expect.stringContaining('another request'),
    });
  });

  it('id of a run of an assistant: 409', async () => {
    const { call } = testGateway();
    await call('POST', '/v1/runs', { assistant: 'comms', input: ask.summary, id: 'same' });
    expect((await call('POST', '/v1/approvals', { ...ask, assistant: 'comms', id: 'same' })).status).toBe(409);
  });

  it.each([
    ['no action', { action: undefined }, 'body.action'],
    ['an action above 200 characters', { action: 'a'.repeat(201) }, 'body.action'],
    ['an empty summary', { summary: '' }, 'body.summary'],
    ['a summary with NUL', { summary: 'a\0b' }, 'body.summary'],
    ['no details', { details: undefined }, 'body.details'],
    ['details that are a list', { details: [1] }, 'body.details'],
    ['details with the reserved key', { details: { holdpoint: 1 } }, 'body.details.holdpoint'],
    ['an unknown risk', { riskLevel: 'odd' }, 'body.riskLevel'],
    ['a malformed span', { expiresIn: 'soon' }, 'body.expiresIn'],
    ['an empty span', { expiresIn: '' }, 'body.expiresIn'],
    ['a span of 0', { expiresIn: 0 }, 'body.expiresIn'],
    ['a span of a thousand years', { expiresIn: '1000 years' }, 'body.expiresIn'],
    ['a malformed schema', { argumentsSchema: { type: 'odd' } }, 'body.argumentsSchema'],
    [
      'a schema with $async, which would accept everything',
      { argumentsSchema: { $async: true, required: ['none'] } },
      'body.argumentsSchema',
    ],
    ['a schema that refers to itself', { argumentsSchema: { $ref: '#' } }, 'body.details'],
    [
      'a schema with an endless pattern',
      { argumentsSchema: { properties: { a: { pattern: '^(a+)+$' } } }, details: { a: `${'a'.repeat(60)}!` } },
      'body.details.a',
    ],
    ['a schema with an unknown $ref', { argumentsSchema: { $ref: '#/$defs/none' } }, 'body.argumentsSchema'],
    [
      'details that do not match their schema',
      { argumentsSchema: schema, details: { order: 'A-17', amount: 'much' } },
      'body.details.amount',
    ],
    ['details without a required key', { argumentsSchema: schema, details: { order: 'A-17' } }, 'body.details.amount'],
    ['an unknown field', { sumary: 'x' }, 'body'],
    ['id and key together', { id: 'a', idempotencyKey: 'b' }, 'body.idempotencyKey'],
    ['an id with a slash', { id: 'a/b' }, 'body.id'],
  ])('%s: 400 with the path, no approval is requested', async (_what, change, path) => {
    const { call, runs } = testGateway();
    const answer = await call('POST', '/v1/approvals', { ...ask, ...change });
    expect({ status: answer.status, ...answer.json().error }).toMatchObject({
      status: 400,
      code: 'invalid-request',
      path,
    });
    expect(runs.created.size).toBe(0);
  });

  it.each([
    [
      'details that need a database',
      { details: { text: 'x'.repeat(70_000) } },
      413,
      'payload-too-large',
      'body.details',
    ],
    ['a context above 64 KB', { context: 'x'.repeat(65_600) }, 413, 'payload-too-large', 'body.context'],
    [
      'a schema above 64 KB',
      { argumentsSchema: { description: 'x'.repeat(65_600) } },
      413,
      'payload-too-large',
      'body.argumentsSchema',
      'Leave out descriptions',
    ],
    ['an unknown assistant', { assistant: 'nobody' }, 400, 'unknown-assistant', 'body.assistant'],
  ])('%s: refused, no approval is requested', async (_what, change, status, code, path, advice = '') => {
    const { call, runs } = testGateway({ assistants: async () => ['comms'] });
    const answer = await call('POST', '/v1/approvals', { ...ask, ...change });
    expect({ status: answer.status, ...answer.json().error }).toMatchObject({
      status,
      code,
      path,
      message: expect.stringContaining(advice),
    });
    expect(runs.created.size).toBe(0);
  });

  it('details nested too deeply: 400', async () => {
    const { call, runs } = testGateway();
    const answer = await call(
      'POST',
      '/v1/approvals',
      JSON.stringify({ ...ask, details: 0 }).replace(
        '"details":0',
        `"details":{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
      ),
    );
    expect({ status: answer.status, ...answer.json().error }).toMatchObject({ status: 400, path: 'body.details' });
    expect(runs.created.size).toBe(0);
  });

  it('details with the key __proto__: the key is kept', async () => {
    const { call, runs } = testGateway();
    await call('POST', '/v1/approvals', '{"action":"a","summary":"s","details":{"__proto__":{"x":1},"a":1}}');
    expect(JSON.stringify([...runs.created.values()][0]?.approval?.details)).toBe('{"__proto__":{"x":1},"a":1}');
  });
});

describe('standalone approval', () => {
  it('GET by its own id: found while it waits, 404 with the run afterwards', async () => {
    const { call, runs } = testGateway();
    const { approval, ...rest } = waitingCall('req_1');
    const detail = {
      state: 'waiting' as const,
      turn: 0,
      calls: [{ ...rest, approval }],
      parked: [],
      queuedMessages: 0,
    };
    runs.set(run('mine', { kind: 'approval', state: 'waiting', detail }));
    runs.filters.length = 0;
    expect((await call('GET', '/v1/approvals/req_1')).json()).toMatchObject({ id: 'req_1', runId: 'mine' });
    expect((await call('GET', '/v1/approvals/mine')).json()).toMatchObject({
      id: 'req_1',
      runId: 'mine',
      tool: 'send_email_blast',
    });
    runs.set(run('mine', { kind: 'approval', state: 'completed', closedAt: '2026-11-22T11:00:00.000Z', detail: null }));
    expect((await call('GET', '/v1/approvals/mine')).json().error).toMatchObject({
      code: 'approval-not-found',
      message: expect.stringContaining('GET /v1/runs/mine shows it'),
    });
    runs.set(run('other'));
    expect((await call('GET', '/v1/approvals/other')).status).toBe(404);
  });

  it('OpenAPI: has its request and its decision', async () => {
    const { call } = testGateway();
    const page = (await call('GET', '/openapi.json')).json();
    expect(Object.keys(page.components.schemas.AskApproval.properties).sort()).toEqual(
      Object.keys(askApprovalSchema.shape).sort(),
    );
    expect(page.components.schemas.AskApproval.properties.details).toMatchObject({ type: 'object' });
    expect(page.paths['/v1/approvals'].post.responses['201'].content['application/json'].schema).toEqual({
      $ref: '#/components/schemas/Run',
    });
    expect(JSON.stringify(page.components.schemas.ApprovalDecision)).toContain('"withdrawn"');
  });
});

describe('POST /v1/approvals/{id}/answers', () => {
  const question = {
    id: 'q1',
    text: 'Which customer?',
    askedBy: 'rita',
    askedAt: '2026-11-22T09:00:00.000Z',
    answer: null,
    problem: null,
    answeredAt: null,
  };
  function asked(options: Parameters<typeof testGateway>[0] = {}) {
    const gateway = testGateway(options);
    const call = waitingCall('q');
    gateway.runs.set(waiting('refund-1', call));
    gateway.runs.set({ ...gateway.runs.runs.get('refund-1')!, kind: 'approval' });
    const { id } = call.approval!;
    gateway.reviews.set(id!, { order: 'A-17' }, { callKey: call.key, tool: call.tool }, { questions: [question] });
    return { ...gateway, call: gateway.call, waits: call, approvalId: id! };
  }

  it('question open → shown with the approval; answered → at the review service, the run is signalled', async () => {
    const { call, reviews, runs, waits, approvalId } = asked();
    expect((await call('GET', '/v1/approvals/refund-1')).json()).toMatchObject({ questions: [question] });
    const answer = { question: 'q1', answer: 'Ada.' };
    const answered = await call('POST', '/v1/approvals/refund-1/answers', answer);
    expect([answered.status, answered.json()]).toEqual([
      200,
      { ...question, answer: 'Ada.', answeredAt: '2026-11-22T10:00:00.000Z' },
    ]);
    expect([reviews.answered, runs.asked]).toEqual([
      [{ id: approvalId, answer }],
      [{ id: 'refund-1', hint: { callKey: waits.key } }],
    ]);
  });

  it.each([
    ['unknown question', 'refund-1', { question: 'q2', answer: 'Ada.' }, 404, 'question-not-found'],
    ['unknown approval', 'refund-2', { question: 'q1', answer: 'Ada.' }, 404, 'approval-not-found'],
    ['no text', 'refund-1', { question: 'q1', answer: '' }, 400, 'invalid-request'],
    ['8,001 characters', 'refund-1', { question: 'q1', answer: 'x'.repeat(8_001) }, 400, 'invalid-request'],
  ] as const)('%s → refused', async (_name, id, body, status, code) => {
    const { call, reviews } = asked();
    const answer = await call('POST', `/v1/approvals/${id}/answers`, body);
    expect([answer.status, answer.json().error.code, reviews.answered]).toEqual([status, code, []]);
  });

  it('no worker answers for the run → 503 to send it again, nothing is answered', async () => {
    const { call, runs, reviews } = asked();
    runs.set({ ...runs.runs.get('refund-1')!, detail: null, detailMissing: 'No worker answered.' });
    const answer = await call('POST', '/v1/approvals/refund-1/answers', { question: 'q1', answer: 'Ada.' });
    expect([answer.status, answer.json().error.code, reviews.answered]).toEqual([503, 'temporal-unavailable', []]);
    expect(answer.json().error.message).toContain('No worker answered.');
  });

  it('run of an assistant → refused: its model answers', async () => {
    const { call, runs, reviews } = asked();
    runs.set({ ...runs.runs.get('refund-1')!, kind: 'assistant' });
    const answer = await call('POST', '/v1/approvals/refund-1/answers', { question: 'q1', answer: 'Ada.' });
    expect([answer.status, reviews.answered]).toEqual([404, []]);
  });
});

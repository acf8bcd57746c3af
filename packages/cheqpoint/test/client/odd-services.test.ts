import { describe, expect, it } from 'vitest';
import { CheqpointClient, type RequestResult } from '../../../../src/cheqpoint.ts';
import { closedPort, startService, startSocketServer, type Service } from '../cheqpoint-service.ts';

/* Services that follow one of Cheqpoint's contradicting pages, or answer wrongly. C1 to C13: the contradictions. */

const apiKey = 'cq_live_canary0123456789';
const details = { charge_id: 'ch_1', amount: 20 };
const question = { action: 'refund', summary: 'Refund 20 euros', details };

type Odd = Service & { client: CheqpointClient };

/** Answers the POST with `toPost`, and each GET with the next of `toGets`, repeating the last: JSON, or a function that makes the answer. */
async function odd(toPost: unknown, toGets: unknown[] = [], options: object = {}): Promise<Odd> {
  const left = [...toGets];
  const service = await startService(({ method }) => {
    const body =
      method === 'POST' ? toPost : left.length > 1 ? left.shift() : (left[0] ?? { status: 'PENDING', id: 'req_1' });
    return typeof body === 'function' ? (body as () => Response)() : Response.json(body);
  });
  return { ...service, client: new CheqpointClient({ apiKey, baseUrl: service.url, pollIntervalMs: 5, ...options }) };
}

const approved: RequestResult = { status: 'approved', approvalId: 'req_1', modifiedDetails: null, decisionNote: null };
const rejected: RequestResult = { ...approved, status: 'rejected' };
const pending: RequestResult = { ...approved, status: 'pending' };

describe('requestSync, decided in the first answer', () => {
  it.each<[string, object, RequestResult]>([
    ['C1: lower case', { status: 'approved', approvalId: 'req_1' }, approved],
    ['C1: upper case', { status: 'APPROVED', approvalId: 'req_1' }, approved],
    ['C1: declined', { status: 'declined', approvalId: 'req_1' }, rejected],
    ['C1: DENIED', { status: 'DENIED', approvalId: 'req_1' }, rejected],
    ['C2: id', { status: 'approved', id: 'req_1' }, approved],
    ['C2: approvalId before id', { status: 'approved', id: 'evt_9', approvalId: 'req_1' }, approved],
    [
      'C9: an edit of the changed keys',
      { status: 'approved', approvalId: 'req_1', modifiedDetails: { amount: 10 } },
      { ...approved, modifiedDetails: { amount: 10 } },
    ],
    [
      'C10: without an id',
      { status: 'approved', modifiedDetails: null, decisionNote: 'Fine.' },
      { ...approved, approvalId: null, decisionNote: 'Fine.' },
    ],
    ['C10: the status alone', { status: 'rejected' }, { ...rejected, approvalId: null }],
    [
      'the note under its other name',
      { status: 'approved', approvalId: 'req_1', responseNotes: 'Fine.' },
      { ...approved, decisionNote: 'Fine.' },
    ],
    [
      'an empty object is an edit',
      { status: 'approved', approvalId: 'req_1', modifiedDetails: {} },
      { ...approved, modifiedDetails: {} },
    ],
    [
      'an edit beside a rejection is none',
      { status: 'rejected', approvalId: 'req_1', modifiedDetails: { amount: 10 } },
      rejected,
    ],
  ])('%s', async (_, answer, result) => {
    const { client, arrived } = await odd(answer);
    expect(await client.requestSync(question)).toEqual(result);
    expect(arrived).toHaveLength(1);
  });
});

describe('unclear answer → no approval', () => {
  const doubtful: Array<[string, unknown]> = [
    ['an unknown word', { status: 'escalated', id: 'req_1', details }],
    ['a word that begins with approved', { status: 'approved_pending', id: 'req_1', details }],
    ['a word with a space', { status: 'approved ', id: 'req_1', details }],
    ['no status', { id: 'req_1', details }],
    ['status null', { status: null, id: 'req_1', details }],
    ['status true', { status: true, id: 'req_1', details }],
    ['status in a list', { status: ['approved'], id: 'req_1', details }],
    ['an edit that is a text', { status: 'approved', id: 'req_1', details, modifiedDetails: '{"amount":10}' }],
    ['an edit that is a list', { status: 'approved', id: 'req_1', details, modifiedDetails: [details] }],
    ['an edit that is a number', { status: 'approved', id: 'req_1', details, modifiedDetails: 0 }],
    ['a flag beside no status', { id: 'req_1', details, approved: true }],
  ];

  it.each(doubtful)('in the first answer: %s', async (_, answer) => {
    const { client } = await odd(answer);
    expect(await client.requestSync({ ...question, timeoutMs: 20 })).toEqual(pending);
    expect(await client.requestAsync(question)).toEqual(pending);
  });

  it.each(doubtful)('in a poll: %s', async (_, answer) => {
    const { client } = await odd({ status: 'pending', id: 'req_1' }, [answer]);
    expect(await client.requestSync({ ...question, timeoutMs: 20 })).toEqual(pending);
    await expect(client.checkpoint({ ...question, timeoutMs: 20 })).rejects.toMatchObject({
      name: 'CheqpointTimeoutError',
      message: expect.stringContaining('could not be read as a decision'),
    });
    expect(await client.getRequest('req_1')).toMatchObject({ status: 'UNKNOWN' });
  });

  it.each<[string, unknown]>([
    ['a web page', () => new Response('<html>approved</html>', { headers: { 'content-type': 'text/html' } })],
    ['a list', [{ status: 'approved' }]],
    ['a text', '"approved"'],
    ['nothing', () => new Response(null, { status: 204 })],
  ])('instead of an object: %s', async (_, answer) => {
    const { client } = await odd(answer);
    await expect(client.requestSync(question)).rejects.toMatchObject({
      name: 'CheqpointError',
      mayHaveArrived: true,
      message: expect.stringContaining('baseUrl'),
    });
  });

  it('answer about another request → CheqpointError', async () => {
    const { client } = await odd({ id: 'req_1', status: 'PENDING' }, [{ id: 'req_2', status: 'APPROVED', details }]);
    await expect(client.requestSync(question)).rejects.toMatchObject({
      name: 'CheqpointError',
      message: expect.stringContaining('answered about req_2'),
    });
    await expect(client.checkpoint(question)).rejects.toMatchObject({ name: 'CheqpointError' });
  });

  it('pending without an id → CheqpointError, since the decision could not be read', async () => {
    const { client, arrived } = await odd({ status: 'pending' });
    for (const call of [client.requestSync(question), client.requestAsync(question), client.checkpoint(question)])
      await expect(call).rejects.toMatchObject({
        name: 'CheqpointError',
        mayHaveArrived: true,
        message: expect.stringContaining('no id'),
      });
    expect(arrived.every(({ method }) => method === 'POST')).toBe(true);
  });

  it('checkpoint: the answer to the POST is no decision; the first poll is', async () => {
    const { client } = await odd({ id: 'req_1', status: 'APPROVED' }, [{ id: 'req_1', status: 'REJECTED', details }]);
    await expect(client.checkpoint(question)).rejects.toMatchObject({ name: 'RejectedError' });
  });
});

describe('checkpoint, edit', () => {
  const edited = (modifiedDetails: object | null, more: object = { details }) => [
    { id: 'req_1', status: 'APPROVED', ...more, modifiedDetails },
  ];

  it('C9: edit omits a key → CheqpointError', async () => {
    const { client } = await odd({ id: 'req_1' }, edited({ amount: 10 }));
    await expect(client.checkpoint(question)).rejects.toMatchObject({
      name: 'CheqpointError',
      message: expect.stringMatching(/leaves out charge_id\..*edits: 'merge'/),
    });
  });

  it('C9: edits merge → edited keys over the original', async () => {
    const { client } = await odd({ id: 'req_1' }, edited({ amount: 10 }), { edits: 'merge' });
    expect(await client.checkpoint(question)).toMatchObject({
      modifiedDetails: { amount: 10 },
      effectiveDetails: { charge_id: 'ch_1', amount: 10 },
    });
  });

  it('whole edit with an added key → replaces the original', async () => {
    const whole = { charge_id: 'ch_1', amount: 10, currency: 'EUR' };
    const { client } = await odd({ id: 'req_1' }, edited(whole));
    expect(await client.checkpoint(question)).toMatchObject({ effectiveDetails: whole });
  });

  it('no edit → the details of the answer; if missing, the details sent', async () => {
    const seen = await odd({ id: 'req_1' }, edited(null, { details: { charge_id: 'ch_1', amount: 19 } }));
    expect(await seen.client.checkpoint(question)).toMatchObject({ effectiveDetails: { amount: 19 } });
    const silent = await odd({ id: 'req_1' }, edited(null, {}));
    expect(
      await silent.client.checkpoint({ ...question, details: { at: new Date(0), left: undefined } }),
    ).toMatchObject({ effectiveDetails: { at: '1970-01-01T00:00:00.000Z' } });
  });
});

describe('CheqpointClient, what is sent', () => {
  it('C3, C5, C6, C13: requestSync → inbound webhook, given fields only', async () => {
    const { client, arrived } = await odd(approved);
    await client.requestSync({
      ...question,
      riskLevel: 'severe',
      justification: 'Asked by the customer.',
      timeoutMs: 1e9,
    });
    await client.requestSync({ ...question, timeoutMs: 1234.5 });
    expect(arrived[0]).toMatchObject({ method: 'POST', path: '/api/webhooks/inbound' });
    expect(arrived[0]!.json).toEqual({
      ...question,
      riskLevel: 'severe',
      justification: 'Asked by the customer.',
      maxWaitMs: 10_000,
    });
    expect(arrived[1]!.json).toEqual({ ...question, maxWaitMs: 1234 });
    expect(arrived[0]!.headers.get('x-api-key')).toBe(apiKey);
  });

  it('requestAsync → inbound webhook with the callback URL', async () => {
    const { client, arrived } = await odd(pending);
    await client.requestAsync({ ...question, callbackUrl: 'https://me.example/cheqpoint' });
    expect(arrived).toMatchObject([
      { path: '/api/webhooks/inbound', json: { ...question, callbackUrl: 'https://me.example/cheqpoint' } },
    ]);
    expect(arrived[0]!.json).not.toHaveProperty('maxWaitMs');
  });

  it('C6: checkpoint → score or level, key in the header only', async () => {
    const { client, arrived } = await odd({ id: 'req_1' }, [{ id: 'req_1', status: 'APPROVED' }]);
    await client.checkpoint({ ...question, riskScore: 0.9, webhookUrl: 'https://me.example/cheqpoint' });
    await client.checkpoint({ ...question, riskLevel: 'high' });
    const posts = arrived.filter(({ method }) => method === 'POST');
    expect(posts.map(({ path }) => path)).toEqual(['/api/approvals/request', '/api/approvals/request']);
    expect(posts.map(({ json }) => json)).toEqual([
      { ...question, riskScore: 0.9, webhookUrl: 'https://me.example/cheqpoint' },
      { ...question, riskLevel: 'high' },
    ]);
  });

  it('C4: base URL with a path → kept', async () => {
    const { url, arrived } = await odd(approved);
    await new CheqpointClient({ apiKey, baseUrl: `${url}/proxy/` }).requestSync(question);
    expect(arrived[0]!.path).toBe('/proxy/api/webhooks/inbound');
  });
});

describe('CheqpointClient, failed POST: sent once, never approved', () => {
  it.each([500, 502, 503, 504, 408])('HTTP %i → mayHaveArrived', async (status) => {
    const { client, arrived } = await odd(() => Response.json({ error: 'Try later' }, { status }));
    for (const call of [client.requestSync(question), client.requestAsync(question), client.checkpoint(question)]) {
      await expect(call).rejects.toMatchObject({
        name: 'CheqpointError',
        status,
        mayHaveArrived: true,
        message: expect.stringContaining('look into the inbox before you ask again'),
      });
    }
    expect(arrived).toHaveLength(3);
  });

  it.each([
    [400, false],
    [401, false],
    [404, false],
    [422, false],
    [429, true],
  ])('HTTP %i → not arrived', async (status, passing) => {
    const { client, arrived } = await odd(() => Response.json({ error: `No, ${apiKey} may not.` }, { status }));
    const error = await client.requestSync(question).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      name: 'CheqpointError',
      status,
      passing,
      mayHaveArrived: false,
      message: expect.stringContaining('No, [Connection Key] may not.'),
    });
    expect(arrived).toHaveLength(1);
  });

  it('lost reply → mayHaveArrived', async () => {
    const baseUrl = await startSocketServer((socket) => socket.destroy());
    await expect(new CheqpointClient({ apiKey, baseUrl }).requestSync(question)).rejects.toMatchObject({
      status: 0,
      mayHaveArrived: true,
    });
  });

  it('closed port → not arrived', async () => {
    await expect(
      new CheqpointClient({ apiKey, baseUrl: await closedPort() }).requestSync(question),
    ).rejects.toMatchObject({ status: 0, passing: true, mayHaveArrived: false });
  });

  it.each([301, 302, 307, 308])('C4: redirect by HTTP %i → not followed, key not sent', async (status) => {
    const stranger = await odd(approved);
    const { client } = await odd(
      () => new Response(null, { status, headers: { location: `${stranger.url}/api/webhooks/inbound` } }),
    );
    await expect(client.requestSync(question)).rejects.toMatchObject({
      name: 'CheqpointError',
      status,
      message: expect.stringContaining('Set baseUrl to'),
    });
    expect(stranger.arrived).toEqual([]);
  });
});

describe('CheqpointClient, polling', () => {
  const open = { id: 'req_1', status: 'PENDING', details };
  const decision = { id: 'req_1', status: 'APPROVED', details, decisionNote: 'Fine.' };

  it.each<[string, unknown]>([
    ['HTTP 500', () => Response.json({}, { status: 500 })],
    ['HTTP 503', () => Response.json({}, { status: 503 })],
    ['HTTP 429', () => Response.json({}, { status: 429, headers: { 'retry-after': '0' } })],
    ['a web page', () => new Response('<html>')],
    ['an unknown word', { ...open, status: 'in_review' }],
  ])('%s between two polls → the wait goes on', async (_, hiccup) => {
    const { client, arrived } = await odd(open, [open, hiccup, hiccup, decision]);
    expect(await client.requestSync(question)).toEqual({ ...approved, decisionNote: 'Fine.' });
    expect(arrived.map(({ method }) => method)).toEqual(['POST', 'GET', 'GET', 'GET', 'GET']);
  });

  it.each([401, 403, 404, 410])('HTTP %i → the wait ends at once', async (status) => {
    const { client, arrived } = await odd(open, [open, () => Response.json({ error: 'No' }, { status })]);
    await expect(client.requestSync(question)).rejects.toMatchObject({
      name: 'CheqpointError',
      status,
      mayHaveArrived: false,
    });
    expect(arrived).toHaveLength(3);
  });

  it('service unavailable until the end → CheqpointTimeoutError says why', async () => {
    const { client } = await odd(open, [() => Response.json({ error: 'Closed for lunch' }, { status: 503 })]);
    await expect(client.checkpoint({ ...question, timeoutMs: 20 })).rejects.toMatchObject({
      name: 'CheqpointTimeoutError',
      message: expect.stringContaining('Closed for lunch'),
      cause: { name: 'CheqpointError', status: 503 },
    });
    expect(await client.requestSync({ ...question, timeoutMs: 20 })).toEqual(pending);
  });

  it('last poll is at the end of the wait', async () => {
    const { client, arrived } = await odd(open, [decision], { pollIntervalMs: 1_000_000 });
    expect(await client.requestSync({ ...question, timeoutMs: 10 })).toMatchObject({ status: 'approved' });
    expect(arrived).toHaveLength(2);
  });

  it('checkpoint polls first and last, whatever the interval', async () => {
    const atOnce = await odd(open, [decision], { pollIntervalMs: 1_000_000 });
    expect(await atOnce.client.checkpoint(question)).toMatchObject({ status: 'APPROVED' });
    const atTheEnd = await odd(open, [open, decision], { pollIntervalMs: 1_000_000 });
    expect(await atTheEnd.client.checkpoint({ ...question, timeoutMs: 500 })).toMatchObject({ status: 'APPROVED' });
    expect(atTheEnd.arrived).toHaveLength(3);
  }, 20_000);

  it.each([1, 1500, 6000.5, 9999, Infinity])('%d ms left → polls', async (timeoutMs) => {
    const { client } = await odd(open, [decision]);
    expect(await client.requestSync({ ...question, timeoutMs })).toMatchObject({ status: 'approved' });
    expect(await client.checkpoint({ ...question, timeoutMs })).toMatchObject({ status: 'APPROVED' });
  });

  it('pauses between polls grow', async () => {
    const { client, arrived } = await odd(open, [open], { pollIntervalMs: 20 });
    await client.requestSync({ ...question, timeoutMs: 600 });
    // Constant pauses of 20 ms would make about thirty polls.
    expect(arrived.length).toBeLessThan(15);
  });
});

it.each([new Date(0), new Date(Number.NaN), new URL('https://a.example')])(
  'details that JSON turns into something else: %s → TypeError, and nothing is sent',
  async (value) => {
    const { client } = await odd({});
    await expect(
      client.requestAsync({ ...question, details: value, callbackUrl: 'https://a.example' }),
    ).rejects.toThrow('details must be an object');
  },
);

import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createCallbackTokens } from '../../src/signing/callback-token.ts';
import { completed, run } from './fake-runs.ts';
import { apiKey, callbackSecret, testGateway } from './test-gateway.ts';

const tokens = createCallbackTokens({ namespace: 'default', secrets: [callbackSecret] });
const claim = { workflowId: 'comms-20261122-abcdef', callKey: 'b7a0/1/0/call%5F1', request: 2 };

function announced(options: Parameters<typeof testGateway>[0] = {}) {
  const gateway = testGateway(options);
  gateway.runs.set(run(claim.workflowId));
  const token = gateway.tokens.make(claim);
  const post = async (
    body: string | undefined,
    headers: Record<string, string> = {},
    path = `/callbacks/cheqpoint/${token}`,
  ) => {
    const response = await gateway.app.request(path, {
      method: 'POST',
      headers,
      ...(body === undefined ? {} : { body }),
    });
    return {
      status: response.status,
      headers: response.headers,
      json: (await response.json()) as { result?: string; error: { code: string } },
    };
  };
  return { ...gateway, token, post };
}

describe('POST /callbacks/cheqpoint', () => {
  it('valid token: the run gets a hint without the decision', async () => {
    const { post, runs } = announced();
    const answer = await post(
      JSON.stringify({ id: 'other', approvalId: 'req_9', status: 'APPROVED', modifiedDetails: { recipient_count: 1 } }),
      { 'content-type': 'application/json' },
    );
    expect([answer.status, answer.json]).toEqual([200, { result: 'delivered' }]);
    expect(runs.hints).toEqual([
      { id: claim.workflowId, hint: { callKey: claim.callKey, request: 2, approvalId: 'req_9' } },
    ]);
  });

  it('callback about a question → the Signal `asked`, without the question', async () => {
    const { post, runs } = announced();
    const body = JSON.stringify({ event: 'question', approvalId: 'req_9', question: 'q1', text: 'Who?' });
    expect((await post(body)).json).toEqual({ result: 'delivered' });
    expect(runs.asked).toEqual([
      { id: claim.workflowId, hint: { callKey: claim.callKey, request: 2, approvalId: 'req_9' } },
    ]);
    expect(runs.hints).toEqual([]);
  });

  it.each([
    ['body with id only: hint with the id', '{"id":"req_9"}', 'req_9'],
    ['half a document: hint without an id', '{"approvalId":', undefined],
    ['no body: hint without an id', undefined, undefined],
    ['bytes that are not text: hint without an id', '\uD800\u0000', undefined],
    ['null: hint without an id', 'null', undefined],
    ['list: hint without an id', '[1]', undefined],
    ['number as id: hint without an id', '{"approvalId":7}', undefined],
    ['id above 255 characters: hint without an id', JSON.stringify({ approvalId: 'x'.repeat(256) }), undefined],
    [
      'body above 1 MB: hint without an id',
      JSON.stringify({ approvalId: 'req_9', filler: 'x'.repeat(1024 * 1024) }),
      undefined,
    ],
  ])('%s', async (_what, body, approvalId) => {
    const { post, runs } = announced();
    const answer = await post(body);
    expect([answer.status, answer.json]).toEqual([200, { result: 'delivered' }]);
    expect(runs.hints).toEqual([
      { id: claim.workflowId, hint: { callKey: claim.callKey, request: 2, ...(approvalId ? { approvalId } : {}) } },
    ]);
  });

  it('sent twice: the run gets two hints', async () => {
    const { post, runs } = announced();
    expect([(await post('{}')).status, (await post('{}')).status]).toEqual([200, 200]);
    expect(runs.hints).toHaveLength(2);
  });

  it('closed or unknown run: 200 with "run closed"', async () => {
    const { post, runs, tokens } = announced();
    runs.set(completed(claim.workflowId, 'Done.'));
    expect((await post('{}')).json).toEqual({ result: 'run closed' });
    expect(
      (await post('{}', {}, `/callbacks/cheqpoint/${tokens.make({ ...claim, workflowId: 'never' })}`)).json,
    ).toEqual({ result: 'run closed' });
  });

  it('Temporal unavailable: 503 with Retry-After', async () => {
    const { post, runs } = announced();
    runs.away = true;
    const answer = await post('{}');
    expect([answer.status, answer.headers.get('retry-after'), answer.json.error.code]).toEqual([
      503,
      '5',
      'temporal-unavailable',
    ]);
  });

  it('API key: not needed, and not a token', async () => {
    const { post, runs } = announced();
    expect((await post('{}')).status).toBe(200);
    expect((await post('{}', { authorization: `Bearer ${apiKey}` }, `/callbacks/cheqpoint/${apiKey}`)).status).toBe(
      401,
    );
    expect(runs.hints).toHaveLength(1);
  });

  it('wrong signature: the hint is delivered, the log has "invalid"', async () => {
    const checkSignature = (body: Uint8Array, signature: string) =>
      createHmac('sha256', 'hook').update(body).digest('hex') === signature;
    const { post, runs, lines } = announced({ checkSignature });
    const good = createHmac('sha256', 'hook').update('{"id":"a"}').digest('hex');
    for (const signature of [good, 'wrong', undefined])
      await post('{"id":"a"}', signature ? { 'x-cheqpoint-signature': signature } : {});
    expect(runs.hints).toHaveLength(3);
    expect(lines.flatMap((line) => JSON.parse(line).signature ?? [])).toEqual(['valid', 'invalid', 'absent']);
  });

  it('log and metrics: no token, secret or key', async () => {
    const { post, runs, lines, token, call } = announced();
    await post('{}');
    runs.away = true;
    await post('{}');
    await post('{}', {}, `/callbacks/cheqpoint/${token}x`);
    await post('{}', {}, `/callbacks/cheqpoint/${token}/more`).catch(() => undefined);
    await call('GET', '/v1/runs');
    const told = lines.join('') + (await call('GET', '/metrics')).text;
    expect(lines.length).toBeGreaterThan(4);
    for (const secret of [token, token.split('.')[1]!, callbackSecret, apiKey]) expect(told).not.toContain(secret);
  });
});

describe('forged callback token', () => {
  const token = tokens.make(claim);
  const [body, mac] = token.split('.') as [string, string];
  const otherClaim = Buffer.from(JSON.stringify([claim.workflowId, claim.callKey, 3])).toString('base64url');
  const forgeries = {
    'a token made with another secret': createCallbackTokens({ namespace: 'default', secrets: ['another'] }).make(
      claim,
    ),
    'a token of another namespace': createCallbackTokens({ namespace: 'other', secrets: [callbackSecret] }).make(claim),
    'another claim under a good mac': `${otherClaim}.${mac}`,
    'a cut mac': `${body}.${mac.slice(0, -1)}`,
    'a longer mac': `${body}.${mac}A`,
    'a third part': `${token}.x`,
    'no mac': `${body}.`,
    'no claim': `.${mac}`,
    'no token': 'hello',
    'a mac with an odd letter': `${body}.${mac}%21`,
  };
  it.each(Object.entries(forgeries))('%s: 401, no hint', async (_what, forged) => {
    const { post, runs } = announced();
    const answer = await post('{}', {}, `/callbacks/cheqpoint/${forged}`);
    expect([answer.status, answer.json.error.code]).toEqual([401, 'unauthorized']);
    expect(runs.hints).toEqual([]);
  });

  it('any one altered letter: not verified', () => {
    for (let at = 0; at < token.length; at += 1) {
      const letter = token[at] === 'A' ? 'B' : 'A';
      expect(tokens.verify(token.slice(0, at) + letter + token.slice(at + 1))).toBeUndefined();
    }
  });
});

describe('callback token', () => {
  it('round trip: returns its content, also with odd letters', () => {
    for (const odd of [claim, { workflowId: 'ü/ "?#', callKey: 'a/1/0/%F0%9F%98%80', request: 30 }]) {
      expect(tokens.make(odd)).toMatch(/^[A-Za-z0-9_.-]+$/);
      expect(tokens.verify(tokens.make(odd))).toEqual(odd);
    }
  });

  it('rotated secret: an old token is still verified', () => {
    const before = createCallbackTokens({ namespace: 'default', secrets: ['first'] }).make(claim);
    const rotated = createCallbackTokens({ namespace: 'default', secrets: ['second', 'first'] });
    expect(rotated.verify(before)).toEqual(claim);
    expect(rotated.make(claim)).toBe(createCallbackTokens({ namespace: 'default', secrets: ['second'] }).make(claim));
  });

  it.each([[[]], [['']], [['good', '']]])('secrets %j: refused', (secrets) => {
    expect(() => createCallbackTokens({ namespace: 'default', secrets })).toThrow('at least one secret');
  });
});

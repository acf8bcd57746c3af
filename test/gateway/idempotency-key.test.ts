import { describe, expect, it } from 'vitest';
import { run } from './fake-runs.ts';
import { testGateway } from './test-gateway.ts';

const requests = {
  '/v1/runs': { body: { assistant: 'comms', input: 'Hello.' }, other: { assistant: 'comms', input: 'Bye.' } },
  '/v1/approvals': {
    body: { action: 'refund', summary: 'Refund A-17', details: { order: 'A-17' } },
    other: { action: 'refund', summary: 'Refund A-17', details: { order: 'A-18' } },
  },
  '/v1/runs/open/messages': { body: { text: 'Hurry.' }, other: { text: 'Wait.' } },
};

const gateway = () => {
  const { call, runs } = testGateway();
  runs.set(run('open'));
  const post = async (path: string, body: object, key?: string) =>
    await call('POST', path, body, key === undefined ? {} : { 'idempotency-key': key });
  return { post, runs };
};

describe.each(Object.entries(requests))('Idempotency-Key of POST %s', (path, { body, other }) => {
  it('same key and body → one start, the second answer has status 200 and the same id', async () => {
    const { post } = gateway();
    const [first, second] = [await post(path, body, '"k-1"'), await post(path, body, '"k-1"')];
    expect([first.status, second.status]).toEqual([path.includes('messages') ? 202 : 201, 200]);
    expect(second.json().id).toBe(first.json().id);
  });

  it('same key, other body → 422', async () => {
    const { post } = gateway();
    await post(path, body, '"k-1"');
    const answer = await post(path, other, '"k-1"');
    expect({ status: answer.status, ...answer.json().error }).toMatchObject({
      status: 422,
      code: 'idempotency-key-reused',
      path: 'header.idempotency-key',
    });
  });

  it('key with and without quotes, in the header or the body → the same key', async () => {
    const { post } = gateway();
    await post(path, body, '"order 17:a\\\\b"');
    for (const again of [
      await post(path, body, 'order 17:a\\b'),
      await post(path, { ...body, idempotencyKey: 'order 17:a\\b' }),
    ])
      expect(again.status).toBe(200);
  });

  it.each([
    ['', 'must have 1 to 255'],
    ['""', 'must have 1 to 255'],
    ['x'.repeat(256), 'must have 1 to 255'],
    ['"open', 'must be one key'],
    ['"a", "b"', 'must be one key'],
    ['"a";v=1', 'must be one key'],
    ['a, b', 'must be one key'],
    ['é', 'must be one key'],
  ])('header %j → 400, and no start', async (key, says) => {
    const { post, runs } = gateway();
    const answer = await post(path, body, key);
    expect({ status: answer.status, ...answer.json().error }).toMatchObject({
      status: 400,
      code: 'invalid-request',
      path: 'header.idempotency-key',
      message: expect.stringContaining(says),
    });
    expect([runs.created.size, runs.said.length]).toEqual([0, 0]);
  });

  it('header beside another key in the body → 400', async () => {
    const { post } = gateway();
    expect((await post(path, { ...body, idempotencyKey: 'a' }, 'b')).status).toBe(400);
    expect((await post(path, { ...body, idempotencyKey: 'a' }, '"a"')).status).toBeLessThan(300);
  });
});

it('Idempotency-Key beside an id → 400', async () => {
  const { post } = gateway();
  const answer = await post('/v1/runs', { ...requests['/v1/runs'].body, id: 'a' }, 'k');
  expect(answer.json().error).toMatchObject({ code: 'invalid-request', path: 'header.idempotency-key' });
});

it('one key for a run and an approval → 422', async () => {
  const { post } = gateway();
  await post('/v1/runs', requests['/v1/runs'].body, 'k');
  expect((await post('/v1/approvals', requests['/v1/approvals'].body, 'k')).status).toBe(422);
});

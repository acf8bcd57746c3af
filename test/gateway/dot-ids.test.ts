import { describe, expect, it } from 'vitest';
import { createClient } from '../../src/client.ts';
import { testGateway } from './test-gateway.ts';

/* Every program that reads an address drops "." and "..", so that no request could reach a run of that id. */

describe.each(['.', '..'])('id %j', (id) => {
  it.each([
    ['/v1/runs', { assistant: 'comms', input: 'Hello.', id }, 'body.id'],
    ['/v1/runs', { assistant: 'comms', input: 'Hello.', continueFrom: id }, 'body.continueFrom'],
    ['/v1/approvals', { action: 'refund', summary: 'Refund', details: {}, id }, 'body.id'],
  ])('POST %s → 400', async (path, body, at) => {
    const { call, runs } = testGateway();
    const answer = await call('POST', path, body);
    expect({ status: answer.status, ...answer.json().error }).toMatchObject({ status: 400, path: at });
    expect(runs.created.size).toBe(0);
  });

  it('client: refused before a request is sent', async () => {
    const sent: unknown[] = [];
    const fetch = async (address: unknown) => {
      sent.push(address);
      return new Response('{}');
    };
    const { runs, approvals } = createClient({ url: 'http://127.0.0.1:9', apiKey: 'k', fetch });
    for (const order of [
      () => runs.get(id),
      () => runs.cancel(id),
      () => runs.retry(id),
      () => runs.send(id, 'Hurry.'),
      () => runs.result(id),
      () => approvals.get(id),
      () => approvals.cancel(id),
    ])
      await expect(order()).rejects.toMatchObject({ name: 'HoldpointError', code: 'invalid-request', status: 400 });
    expect(sent).toEqual([]);
  });
});

it('ids that only hold dots → accepted', async () => {
  const { call } = testGateway();
  for (const id of ['...', '.a', 'a..b', '..-'])
    expect((await call('POST', '/v1/runs', { assistant: 'comms', input: 'Hello.', id })).status).toBe(201);
});

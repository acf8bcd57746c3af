import { describe, expect, it } from 'vitest';
import { completed, run } from './fake-runs.ts';
import { testGateway } from './test-gateway.ts';

describe('POST /v1/runs/{id}/messages', () => {
  it('message: 202, queued by default; the same key twice is one message, 200', async () => {
    const { call, runs } = testGateway();
    runs.set(run('a'));
    const statuses = [];
    for (const body of [
      { text: 'Hurry.', idempotencyKey: 'k' },
      { text: 'Hurry.', idempotencyKey: 'k' },
      { text: 'No.', whenWaiting: 'supersede' },
    ])
      statuses.push((await call('POST', '/v1/runs/a/messages', body)).status);
    expect(statuses).toEqual([202, 200, 202]);
    expect(runs.said).toMatchObject([
      { text: 'Hurry.', whenWaiting: 'queue' },
      { text: 'No.', whenWaiting: 'supersede' },
    ]);
    expect(runs.said.map(({ id }) => id)).not.toContain('k');
  });

  it.each([
    ['no text', 'a', {}, 400, 'invalid-request', 'body.text'],
    ['an empty text', 'a', { text: '' }, 400, 'invalid-request', 'body.text'],
    ['an unknown way to wait', 'a', { text: 'x', whenWaiting: 'now' }, 400, 'invalid-request', 'body.whenWaiting'],
    ['an unknown field', 'a', { text: 'x', role: 'system' }, 400, 'invalid-request', 'body'],
    [
      'a text that only a database could keep',
      'a',
      { text: 'x'.repeat(70_000) },
      413,
      'payload-too-large',
      'body.text',
    ],
    ['no such run', 'none', { text: 'x' }, 404, 'run-not-found', undefined],
    ['a run that failed', 'failed', { text: 'x' }, 409, 'run-closed', undefined],
    [
      'another text under the same key',
      'a',
      { text: 'y', idempotencyKey: 'k' },
      409,
      'message-key-taken',
      'body.idempotencyKey',
    ],
  ])('%s: refused', async (_what, id, body, status, code, path) => {
    const { call, runs } = testGateway();
    runs.set(run('a'));
    runs.set({ ...completed('failed', ''), state: 'failed', output: null });
    await call('POST', '/v1/runs/a/messages', { text: 'x', idempotencyKey: 'k' });
    const answer = await call('POST', `/v1/runs/${id}/messages`, body);
    expect({ status: answer.status, ...answer.json().error }).toMatchObject({
      status,
      code,
      ...(path !== undefined && { path }),
    });
    expect(runs.said).toHaveLength(1);
  });

  it('too many messages: 429; completed run: 409 with continueFrom as the remedy', async () => {
    const { call, runs } = testGateway();
    runs.set(run('a'));
    runs.set(completed('b', 'Done.'));
    for (const text of ['1', '2']) await call('POST', '/v1/runs/a/messages', { text });
    expect(await call('POST', '/v1/runs/a/messages', { text: '3' })).toMatchObject({ status: 429 });
    expect((await call('POST', '/v1/runs/b/messages', { text: 'And?' })).json().error).toEqual({
      code: 'run-closed',
      message: 'The run "b" has ended as completed. To continue its conversation, start a run with continueFrom: "b".',
    });
  });
});

describe('continueFrom', () => {
  it('without assistant: that of the continued run', async () => {
    const { call, runs } = testGateway();
    runs.set(completed('first', 'Done.'));
    expect(await call('POST', '/v1/runs', { input: 'And?', continueFrom: 'first' })).toMatchObject({ status: 201 });
    expect([...runs.created.values()]).toMatchObject([{ assistant: 'comms', continueFrom: 'first' }]);
  });

  it.each(['terminated', 'timed out'] as const)(
    'run that was %s: refused at once, and a message says so',
    async (how) => {
      const { call, runs } = testGateway();
      runs.set({ ...completed('stopped', ''), state: 'failed' });
      runs.stops.set('stopped', how);
      const answer = await call('POST', '/v1/runs', { input: 'And?', continueFrom: 'stopped' });
      expect({ status: answer.status, ...answer.json().error }).toMatchObject({
        status: 409,
        code: 'run-not-continuable',
        path: 'body.continueFrom',
        message: expect.stringContaining(`${how} in Temporal`),
      });
      const message = await call('POST', '/v1/runs/stopped/messages', { text: 'Hurry.' });
      expect(message.json().error.message).not.toContain('continueFrom');
      expect(runs.created.size).toBe(0);
    },
  );

  it('another continueFrom under one id: 409', async () => {
    const { call, runs } = testGateway();
    for (const id of ['first', 'other']) runs.set(completed(id, 'Done.'));
    const create = async (continueFrom: string) =>
      (await call('POST', '/v1/runs', { id: 'next', input: 'And?', continueFrom })).status;
    expect([await create('first'), await create('first'), await create('other')]).toEqual([201, 200, 409]);
  });

  it.each([{ id: 'next' }, { idempotencyKey: 'key-1' }])(
    'same request (%j): finds its run, also when the continued run is deleted',
    async (named) => {
      const { call, runs } = testGateway();
      runs.set(completed('first', 'Done.'));
      const create = async (input = 'And?') =>
        await call('POST', '/v1/runs', { ...named, input, continueFrom: 'first' });
      const started = await create();
      runs.runs.delete('first');
      expect(await create()).toMatchObject({ status: 200 });
      expect((await create()).json().id).toBe(started.json().id);
      expect(await create('Another.')).toMatchObject({ status: 409 });
      expect(runs.created.size).toBe(1);
    },
  );

  it.each([
    [{ continueFrom: 'none' }, 404, 'run-not-found', 'body.continueFrom'],
    [{ continueFrom: 'open' }, 409, 'run-not-continuable', 'body.continueFrom'],
    [{ continueFrom: 'cancelled' }, 409, 'run-not-continuable', 'body.continueFrom'],
    [{ continueFrom: 'first', assistant: 'another' }, 409, 'run-not-continuable', 'body.assistant'],
    [{ continueFrom: 'a/b' }, 400, 'invalid-request', 'body.continueFrom'],
    [{}, 400, 'invalid-request', 'body.assistant'],
  ])('%j: refused, no run starts', async (body, status, code, path) => {
    const { call, runs } = testGateway();
    runs.set(run('open'));
    runs.set(completed('first', 'Done.'));
    runs.set({ ...completed('cancelled', ''), state: 'cancelled' });
    const answer = await call('POST', '/v1/runs', { input: 'And?', ...body });
    expect({ status: answer.status, ...answer.json().error }).toMatchObject({ status, code, path });
    expect(runs.created.size).toBe(0);
  });
});

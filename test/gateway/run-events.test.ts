import { EventSourceParserStream } from 'eventsource-parser/stream';
import { describe, expect, it } from 'vitest';
import { gatewayWithCallers } from './callers.ts';
import { completed, run, waiting, waitingCall } from './fake-runs.ts';
import { apiKey, testGateway } from './test-gateway.ts';

type Event = { event: string | undefined; id: string | undefined; data: { id: string; state: string } };

/** Watches a run, one event at a time. */
async function watch(
  { app }: Pick<ReturnType<typeof testGateway>, 'app'>,
  id: string,
  headers: Record<string, string> = {},
) {
  const gone = new AbortController();
  const response = await app.request(`/v1/runs/${id}/events`, {
    headers: { authorization: `Bearer ${apiKey}`, ...headers },
    signal: gone.signal,
  });
  const comments: string[] = [];
  const events = response
    .body!.pipeThrough(new TextDecoderStream() as unknown as TransformStream<Uint8Array, string>)
    .pipeThrough(new EventSourceParserStream({ onComment: (comment) => void comments.push(comment) }))
    .getReader();
  return {
    response,
    comments,
    async next(): Promise<Event | 'closed'> {
      const { done, value } = await events.read();
      return done ? 'closed' : { event: value.event, id: value.id, data: JSON.parse(value.data) };
    },
    leave: async () => {
      gone.abort();
      await events.cancel();
    },
  };
}

describe('GET /v1/runs/{id}/events', () => {
  it('stream: the run now, each change, the end', async () => {
    const gateway = testGateway();
    gateway.runs.set(run('a'));
    const stream = await watch(gateway, 'a');
    expect(stream.response.headers.get('content-type')).toContain('text/event-stream');
    expect(await stream.next()).toMatchObject({ event: 'run', data: { id: 'a', state: 'running' } });
    gateway.runs.set(waiting('a', waitingCall('req_1')));
    expect(await stream.next()).toMatchObject({ event: 'run', data: { state: 'waiting' } });
    gateway.runs.set(completed('a', 'Done.'));
    expect(await stream.next()).toMatchObject({ event: 'end', data: { state: 'completed', output: 'Done.' } });
    expect(await stream.next()).toBe('closed');
  });

  it('event without a change: no message', async () => {
    const gateway = testGateway();
    gateway.runs.set(run('a'));
    const stream = await watch(gateway, 'a');
    await stream.next();
    gateway.runs.set(run('a'));
    gateway.runs.set(run('a', { state: 'parked' }));
    expect(await stream.next()).toMatchObject({ data: { state: 'parked' } });
    await stream.leave();
  });

  it('too many streams, of one caller or in all → 429 and 503 with words; a closed one frees its place', async () => {
    const gateway = await gatewayWithCallers({ streams: { perKey: 2, total: 3 } });
    gateway.runs.set(run('a'));
    const open = [await watch(gateway, 'a'), await watch(gateway, 'a')];
    const refused = await gateway.call('GET', '/v1/runs/a/events');
    expect([refused.status, refused.json().error]).toEqual([
      429,
      {
        code: 'too-many-streams',
        message:
          'The caller of this API key watches 2 runs at once already. End a stream, or read the runs by GET /v1/runs.',
      },
    ]);
    const other = { authorization: `Bearer ${await gateway.add('reader', { read: 'all' })}` };
    open.push(await watch(gateway, 'a', other));
    const full = await gateway.call('GET', '/v1/runs/a/events', undefined, other);
    expect([full.status, full.json().error.code, full.headers.get('retry-after')]).toEqual([503, 'streams-full', '5']);
    await open[0]!.leave();
    await expect.poll(async () => (await watch(gateway, 'a')).response.status).toBe(200);
  });

  it('key revoked, or its permissions taken, during a stream → nothing more is sent, and the stream ends', async () => {
    const gateway = await gatewayWithCallers({ keepAliveMs: 20 });
    const authorization = `Bearer ${await gateway.add('billing')}`;
    gateway.runs.set(run('a', { caller: 'billing' }));
    const stream = await watch(gateway, 'a', { authorization });
    expect(await stream.next()).toMatchObject({ event: 'run' });
    expect((await gateway.call('POST', '/v1/api-keys/billing/revoke', {})).status).toBe(200);
    gateway.runs.set(run('a', { caller: 'billing', state: 'parked' }));
    expect(await stream.next()).toMatchObject({ event: 'error', data: { error: { code: 'unauthorized' } } });
    expect(await stream.next()).toBe('closed');
  });

  it('permission to read the runs of others taken during a stream → nothing more is sent, and the stream ends', async () => {
    const gateway = await gatewayWithCallers({ keepAliveMs: 20 });
    const authorization = `Bearer ${await gateway.add('billing', { read: 'all' })}`;
    gateway.runs.set(run('a', { caller: 'other' }));
    const stream = await watch(gateway, 'a', { authorization });
    expect(await stream.next()).toMatchObject({ event: 'run' });
    expect((await gateway.call('POST', '/v1/api-keys/billing/scopes', { read: 'own' })).status).toBe(200);
    gateway.runs.set(run('a', { caller: 'other', state: 'parked' }));
    expect(await stream.next()).toMatchObject({ event: 'error', data: { error: { code: 'run-not-found' } } });
    expect(await stream.next()).toBe('closed');
  });

  it('HEAD → the headers, and no open stream', async () => {
    const gateway = testGateway({ streams: { perKey: 1, total: 1 } });
    gateway.runs.set(run('a'));
    for (let time = 0; time < 2; time += 1) {
      const { status, headers, text } = await gateway.call('HEAD', '/v1/runs/a/events');
      expect([status, headers.get('content-type'), text]).toEqual([200, 'text/event-stream', '']);
    }
    expect(gateway.runs.watchers).toBe(0);
    expect((await gateway.call('GET', '/metrics')).text).toContain('holdpoint_gateway_watchers 0');
    const stream = await watch(gateway, 'a');
    expect(stream.response.status).toBe(200);
    await stream.leave();
    expect((await gateway.call('HEAD', '/v1/runs/none/events')).status).toBe(404);
  });

  it('closed run: the end at once', async () => {
    const gateway = testGateway();
    gateway.runs.set(completed('a', 'Done.'));
    const stream = await watch(gateway, 'a');
    expect(await stream.next()).toMatchObject({ event: 'end' });
    expect(await stream.next()).toBe('closed');
  });

  it('Last-Event-ID: a seen state is not sent again, the end is', async () => {
    const gateway = testGateway();
    gateway.runs.set(run('a'));
    const first = await watch(gateway, 'a');
    const seen = (await first.next()) as Event;
    await first.leave();
    const second = await watch(gateway, 'a', { 'last-event-id': seen.id! });
    gateway.runs.set(waiting('a', waitingCall('req_1')));
    expect(await second.next()).toMatchObject({ data: { state: 'waiting' } });
    gateway.runs.set(completed('a', 'Done.'));
    const end = (await second.next()) as Event;
    expect(await (await watch(gateway, 'a', { 'last-event-id': end.id! })).next()).toMatchObject({ event: 'end' });
  });

  it('quiet stream: comments, and the detail once a worker is back', async () => {
    const gateway = testGateway({ keepAliveMs: 5 });
    gateway.runs.set(run('a', { detail: null, detailMissing: 'No worker answered.' }));
    const stream = await watch(gateway, 'a');
    expect(await stream.next()).toMatchObject({ data: { detail: null } });
    const next = stream.next();
    await expect.poll(() => stream.comments).toContain('still here');
    // A worker that starts adds nothing to the history.
    gateway.runs.runs.set('a', run('a'));
    expect(await next).toMatchObject({ data: { detail: { turn: 1 } } });
    await stream.leave();
  });

  it('watcher leaves or gateway closes: the poll at Temporal ends', async () => {
    const closing = new AbortController();
    const gateway = testGateway({ closing: closing.signal });
    gateway.runs.set(run('a'));
    const leaver = await watch(gateway, 'a');
    await leaver.next();
    const stayer = await watch(gateway, 'a');
    await stayer.next();
    await expect.poll(() => gateway.runs.watchers).toBe(2);
    await leaver.leave();
    await expect.poll(() => gateway.runs.watchers).toBe(1);
    closing.abort();
    expect(await stayer.next()).toBe('closed');
    await expect.poll(() => gateway.runs.watchers).toBe(0);
    expect((await gateway.call('GET', '/metrics')).text).toContain('holdpoint_gateway_watchers 0');
  });

  it('Temporal stops answering: an error event, then the stream ends', async () => {
    const gateway = testGateway();
    gateway.runs.set(run('a'));
    const stream = await watch(gateway, 'a');
    await stream.next();
    gateway.runs.away = true;
    gateway.runs.set(run('a', { state: 'parked' }));
    expect(await stream.next()).toMatchObject({ event: 'error', data: { error: { code: 'temporal-unavailable' } } });
    expect(await stream.next()).toBe('closed');
  });
});

import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nextAttemptAt } from '../src/delivery/back-off.ts';
import { createPublicLookup, postCallback } from '../src/delivery/post-callback.ts';
import { startCallbackReceiver, type CallbackReceiver } from './callback-receiver.ts';
import { eventually } from './eventually.ts';
import { startTestServer } from './test-server.ts';

let receiver: CallbackReceiver;
beforeEach(async () => {
  receiver = await startCallbackReceiver();
});
afterEach(() => receiver.stop());

describe('callback target', () => {
  it.each([
    [
      'a host that is not on the list',
      ['gateway.internal:7341'],
      'http://127.0.0.1:9/x',
      'callbackUrl: the host 127.0.0.1:9 is not allowed',
    ],
    ['another port of a host on the list', ['127.0.0.1:7341'], 'http://127.0.0.1:22/x', 'callbackUrl'],
    [
      'a loopback address where only public ones may be called',
      'public',
      'http://127.0.0.1/x',
      'callbackUrl: the address 127.0.0.1 is not public',
    ],
    ['a disguised loopback address', 'public', 'http://0x7f.1/x', 'callbackUrl'],
    ['an IPv6 form of a private address', 'public', 'http://[::ffff:10.0.0.1]/x', 'callbackUrl'],
  ] as const)('%s → refused', async (_what, callbackHosts, callbackUrl, text) => {
    const server = await startTestServer('sqlite::memory:', { callbackHosts });
    try {
      const { status, text: answer } = await server.ask({ callbackUrl });
      expect([status, answer]).toEqual([400, expect.stringContaining(text)]);
    } finally {
      await server.close();
    }
  });

  it('listed host → accepted', async () => {
    const server = await startTestServer('sqlite::memory:', { callbackHosts: [new URL(receiver.url).host] });
    try {
      const {
        body: { id },
      } = await server.ask({ callbackUrl: receiver.url });
      await server.decide(id, { decision: 'approve' });
      const [received] = await eventually('a callback', () => receiver.received.length > 0 && receiver.received);
      expect(JSON.parse(received!.text)).toMatchObject({ id });
      expect(receiver.received).toHaveLength(1);
    } finally {
      await server.close();
    }
  });

  const post = (url: string, hosts: 'public' | 'any' | readonly string[]) =>
    postCallback(
      { id: '1', url, body: '{}', at: new Date() },
      { hosts, webhookSecret: undefined },
      new AbortController().signal,
    );

  it('address allowed at the request, not at the delivery → no connection', async () => {
    await expect(post(receiver.url, 'public')).rejects.toThrow(/127\.0\.0\.1 is not public/);
    await expect(post(receiver.url, ['other.example'])).rejects.toThrow(/not allowed for callbacks/);
    expect(receiver.received).toEqual([]);
  });

  it('redirect to another address → not followed', async () => {
    const other = await startCallbackReceiver();
    for (const status of [301, 302, 303, 307, 308]) {
      receiver.answers.push({ status, headers: { location: `${other.url}/secret` } });
      expect(await post(receiver.url, 'any')).toMatchObject({ status });
    }
    expect([receiver.received.length, other.received]).toEqual([5, []]);
    await other.stop();
  });

  it.each<[string, string[], boolean]>([
    ['public', ['8.8.8.8'], true],
    ['private', ['10.0.0.1'], false],
    ['one of two private', ['8.8.8.8', '127.0.0.1'], false],
    ['a private one in IPv6 form', ['::ffff:192.168.0.1'], false],
    ['none', [], false],
  ])('name that resolves to %s → connects: %s', async (_what, addresses, allowed) => {
    const lookup = createPublicLookup((_name, _options, answer) =>
      answer(
        null,
        addresses.map((address) => ({ address, family: 4 })),
      ),
    );
    const problem = await new Promise((resolve) => lookup('x.example', { all: true }, (error) => resolve(error)));
    expect(problem === null).toBe(allowed);
  });

  it('name that is public at first and private at the connection (rebinding) → no connection', async () => {
    const answers = ['8.8.8.8', '127.0.0.1'];
    const lookup = createPublicLookup((_name, _options, answer) => answer(null, answers.shift()!, 4));
    await new Promise((resolve) => lookup('x.example', {}, resolve));
    const connecting = once(
      connect({ host: 'x.example', port: Number(new URL(receiver.url).port), lookup }),
      'connect',
    );
    await expect(connecting).rejects.toThrow('does not resolve to a public address');
    expect(answers).toEqual([]);
  });

  it('name of a private address → no connection', async () => {
    const sender = { hosts: 'public', webhookSecret: undefined } as const;
    await expect(
      postCallback(
        { id: '1', url: receiver.url.replace('127.0.0.1', 'localhost'), body: '{}', at: new Date() },
        sender,
        new AbortController().signal,
      ),
    ).rejects.toThrow(/does not resolve to a public address/);
    expect(receiver.received).toEqual([]);
  });
});

describe('next delivery attempt', () => {
  const firstAt = new Date('2026-11-22T00:00:00Z');
  const after = (hours: number, seconds = 0) => new Date(firstAt.getTime() + hours * 3_600_000 + seconds * 1000);
  it.each([
    ['comes after a second at first', { now: firstAt, attempts: 1 }, after(0, 1)],
    ['comes later with each failure', { now: firstAt, attempts: 4 }, after(0, 60)],
    ['is never further than four hours', { now: firstAt, attempts: 40 }, after(4)],
    ['waits as many seconds as the receiver asks', { now: firstAt, attempts: 1, retryAfter: '120' }, after(0, 120)],
    [
      'waits until the time that the receiver asks',
      { now: firstAt, attempts: 1, retryAfter: 'Sun, 22 Nov 2026 01:00:00 GMT' },
      after(1),
    ],
    ['ignores a shorter or senseless wish', { now: firstAt, attempts: 2, retryAfter: 'soon' }, after(0, 5)],
    ['is at the latest at the end of 72 hours', { now: after(71), attempts: 40, retryAfter: '999999' }, after(72)],
    ['does not come when 72 hours are over', { now: after(72), attempts: 40 }, undefined],
  ])('%s', (_what, attempt, wanted) => {
    expect(nextAttemptAt({ firstAt, spread: 0.5, ...attempt })).toEqual(wanted);
  });
});

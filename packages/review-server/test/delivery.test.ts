import { spawn, type ChildProcess } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { setTimeout as pause } from 'node:timers/promises';
import { array, assert, asyncProperty, boolean, constantFrom, integer } from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { callbackSchema, type DecisionCallback } from '@holdpoint/cheqpoint/wire';
import type { Delivery } from '../src/contract/deliveries.ts';
import { startCallbackReceiver, type CallbackReceiver } from './callback-receiver.ts';
import { eventually } from './eventually.ts';
import { onBothDatabases } from './on-both-databases.ts';
import { startServerProcess } from './start-server-process.ts';
import { ADMINISTRATORS, EMAIL_BLAST, optionsFor, startTestServer, type TestServer } from './test-server.ts';

const SECRET = 'a webhook secret';
let receiver: CallbackReceiver;
beforeEach(async () => {
  receiver = await startCallbackReceiver();
});
afterEach(() => receiver.stop());

const delivered = (count: number) =>
  eventually(`${count} callbacks`, () => receiver.received.length >= count && receiver.received);
const bodyOf = ({ text }: { text: string }) => JSON.parse(text) as DecisionCallback;

onBothDatabases((newDatabase) => {
  let server: TestServer;
  let databaseUrl: string;
  let shiftMs = 0;
  beforeAll(async () => {
    databaseUrl = await newDatabase();
    server = await startTestServer(databaseUrl, {
      webhookSecret: SECRET,
      reviewers: ADMINISTRATORS,
      clock: () => new Date(Date.now() + shiftMs),
      rules: [
        {
          name: 'never drop',
          conditions: [{ field: 'action', operator: 'is', value: 'drop_database' }],
          decision: 'reject',
        },
      ],
    });
  });
  afterAll(() => server.close());
  const deliveryOf = async (id: string) =>
    (await server.get<{ deliveries: Delivery[] }>(`/reviewer-api/deliveries?approval=${id}`, await server.bearer()))
      .body.deliveries[0]!;
  const resend = async ({ id }: Delivery) =>
    server.post(`/reviewer-api/deliveries/${id}/resend`, '', await server.bearer());

  it('decision → posted once, signed over its bytes, in upper case, with the original details', async () => {
    const {
      body: { id },
    } = await server.ask({ callbackUrl: `${receiver.url}/hook?token=t`, webhookUrl: `${receiver.url}/hook?token=t` });
    const edited = { ...EMAIL_BLAST.details, recipient_count: 50 };
    await server.decide(id, { decision: 'approve', modifiedDetails: edited, note: 'Fewer — ünïcode.' });
    const [received] = await delivered(1);
    expect(received).toMatchObject({
      path: '/hook?token=t',
      headers: {
        'content-type': 'application/json',
        'x-cheqpoint-signature': createHmac('sha256', SECRET).update(received!.text).digest('hex'),
      },
    });
    expect(callbackSchema.parse(bodyOf(received!))).toMatchObject({
      id,
      approvalId: id,
      status: 'APPROVED',
      action: 'send_email_blast',
      details: EMAIL_BLAST.details,
      modifiedDetails: edited,
      decisionNote: 'Fewer — ünïcode.',
      responseNotes: 'Fewer — ünïcode.',
      decisionReasonCode: 'person',
      autoDecided: false,
      decidedAt: expect.any(String),
    });
    expect(bodyOf(received!)).not.toHaveProperty('reviewUrl');
  });

  it('two different addresses → both get it', async () => {
    const {
      body: { id },
    } = await server.ask({ callbackUrl: `${receiver.url}/one`, webhookUrl: `${receiver.url}/two` });
    await server.decide(id, { decision: 'reject' });
    expect((await delivered(2)).map(({ path }) => path).sort()).toEqual(['/one', '/two']);
  });

  it('no 2xx, or a redirect → retried', async () => {
    receiver.answers.push(
      { status: 500 },
      { status: 302, headers: { location: '/elsewhere' } },
      { status: 401 },
      { status: 204 },
    );
    const {
      body: { id },
    } = await server.ask({ callbackUrl: `${receiver.url}/hook` });
    await server.decide(id, { decision: 'approve' });
    for (let attempt = 1; attempt <= 4; attempt += 1) {
      await delivered(attempt);
      shiftMs += 60_000;
    }
    // One more decision shows that nothing of the first came after its 204.
    const {
      body: { id: next },
    } = await server.ask({ callbackUrl: `${receiver.url}/next` });
    await server.decide(next, { decision: 'approve' });
    expect((await delivered(5)).map(({ path }) => path)).toEqual(['/hook', '/hook', '/hook', '/hook', '/next']);
    expect(new Set(receiver.received.slice(0, 4).map(({ text }) => text)).size).toBe(1);

    // A delivery sent again by a person starts with the first pause. The fifth pause would be five minutes.
    receiver.answers.push({ status: 500 });
    await resend(await deliveryOf(id));
    const { attempts, nextAttemptAt } = await eventually(
      'the fifth attempt',
      async () => (await deliveryOf(id)).attempts.length === 5 && deliveryOf(id),
    );
    expect(Date.parse(nextAttemptAt!) - Date.parse(attempts[4]!.at)).toBeLessThan(60_000);
    shiftMs += 60_000;
    expect((await delivered(7))[6]).toMatchObject({ path: '/hook' });
  });

  it('address of a Holdpoint gateway, 2xx of another server → retried until the gateway answers', async () => {
    const html = { headers: { 'content-type': 'text/html' }, body: '<h1>Welcome</h1>' };
    receiver.answers.push(
      { status: 200, ...html },
      { status: 204 },
      { status: 200, body: '{"ok":true}' },
      { status: 200, body: '{"result":"delivered"}' },
    );
    const callbackUrl = `${receiver.url}/base/callbacks/cheqpoint/WyJydW4iXQ.c2VhbA`;
    const { id } = (await server.ask({ callbackUrl })).body;
    await server.decide(id, { decision: 'approve' });
    for (let attempt = 1; attempt <= 4; attempt += 1) {
      await delivered(attempt);
      shiftMs += 60_000;
    }
    const { attempts } = await eventually(
      'the delivery',
      async () => (await deliveryOf(id)).state === 'delivered' && deliveryOf(id),
    );
    expect(attempts.map(({ status, problem }) => `${status} ${problem?.slice(0, 60)}`)).toEqual([
      '200 The receiver answered 200, but not as a Holdpoint gateway do',
      '204 The receiver answered 204, but not as a Holdpoint gateway do',
      '200 The receiver answered 200, but not as a Holdpoint gateway do',
      '200 undefined',
    ]);
  });

  it('sent again during an attempt → one more delivery', async () => {
    let answer = () => {};
    receiver.answers.push({ status: 200, after: new Promise<void>((resolve) => (answer = resolve)) });
    const {
      body: { id },
    } = await server.ask({ callbackUrl: `${receiver.url}/hook` });
    await server.decide(id, { decision: 'approve' });
    await delivered(1);
    shiftMs += 1;
    await resend(await deliveryOf(id));
    answer();
    expect(new Set((await delivered(2)).map(({ text }) => text)).size).toBe(1);
    await eventually(
      'both attempts',
      async () => (await deliveryOf(id)).state === 'delivered' && (await deliveryOf(id)).attempts.length === 2,
    );
  });

  it('clock set forward during an attempt → no second attempt beside it', async () => {
    let answer = () => {};
    receiver.answers.push({ status: 200, after: new Promise<void>((resolve) => (answer = resolve)) });
    const [slow, next] = [
      (await server.ask({ callbackUrl: `${receiver.url}/slow` })).body.id,
      (await server.ask({ callbackUrl: `${receiver.url}/next` })).body.id,
    ];
    await server.decide(slow, { decision: 'approve' });
    await delivered(1);
    shiftMs += 60_000;
    // The round that delivers this one would take the other first.
    await server.decide(next, { decision: 'approve' });
    await eventually('the next delivery', async () => (await deliveryOf(next)).state === 'delivered');
    expect(receiver.received.map(({ path }) => path)).toEqual(['/slow', '/next']);
    answer();
    await eventually('the slow delivery', async () => (await deliveryOf(slow)).state === 'delivered');
  });

  it('expiry → posted; withdrawal, decision in the inbound answer → not posted', async () => {
    const callbackUrl = `${receiver.url}/hook`;
    expect((await server.ask({ action: 'drop_database', callbackUrl })).body.status).toBe('rejected');
    const {
      body: { id: withdrawn },
    } = await server.ask({ callbackUrl });
    await server.post(`/api/approvals/${withdrawn}/withdraw`, { reason: 'withdrawn' });
    const {
      body: { id: expired },
    } = await server.ask({ callbackUrl, expiresAt: new Date(Date.now() + shiftMs + 1000).toISOString() });
    shiftMs += 5000;
    await server.get(`/api/approvals/${expired}`);
    expect(
      (await delivered(1)).map((received) => [
        bodyOf(received).id,
        bodyOf(received).decisionReasonCode,
        bodyOf(received).retryable,
      ]),
    ).toEqual([[expired, 'expired', true]]);
  });

  it('immediate decision at the request endpoint → posted', async () => {
    const {
      body: { id },
    } = await server.post('/api/approvals/request', {
      ...EMAIL_BLAST,
      action: 'drop_database',
      webhookUrl: `${receiver.url}/hook`,
    });
    expect((await delivered(1)).map((received) => bodyOf(received).id)).toEqual([id]);
  });

  it('process killed before it sends a callback leased to it → sent once by another process, when the lease is over', async () => {
    const {
      body: { id },
    } = await server.ask({ callbackUrl: `${receiver.url}/hook` });
    const [, signal] = await once(
      runFile('decide-and-die.ts', databaseUrl, id, 'approve-leased', String(shiftMs)),
      'exit',
    );
    expect(signal).toBe('SIGKILL');
    expect((await server.get(`/api/approvals/${id}`)).body.status).toBe('APPROVED');
    expect(await deliveryOf(id)).toMatchObject({ state: 'due', attempts: [] });
    expect(receiver.received).toEqual([]);
    shiftMs += 16_000;
    expect((await delivered(1)).map((received) => bodyOf(received).id)).toEqual([id]);
    await eventually('it is recorded', async () => (await deliveryOf(id)).state === 'delivered');
    expect((await deliveryOf(id)).attempts).toEqual([expect.objectContaining({ number: 2, problem: null })]);
  });

  it('process killed between the outcome and the delivery → one outcome, its callback arrives', async () => {
    const acts = {
      reject: (id: string) => server.decide(id, { decision: 'reject' }, 'ben'),
      withdraw: (id: string) => server.post(`/api/approvals/${id}/withdraw`, { reason: 'withdrawn' }),
      read: (id: string) => server.get(`/api/approvals/${id}`),
    };
    const names = Object.keys(acts) as (keyof typeof acts)[];
    await server.bearer('ben');
    const heard = (id: string) =>
      receiver.received
        .map(bodyOf)
        .filter((body) => body.id === id)
        .map(({ status, decidedBy }) => [status, decidedBy]);
    await assert(
      asyncProperty(
        array(constantFrom(...names), { maxLength: 3 }),
        integer({ min: 0, max: 900 }),
        constantFrom('approve', 'expire'),
        boolean(),
        async (chosen, afterMs, act, mayExpire) => {
          const {
            body: { id },
          } = await server.ask({
            callbackUrl: `${receiver.url}/hook`,
            ...((mayExpire || act === 'expire') && {
              expiresAt: new Date(Date.now() + shiftMs + afterMs).toISOString(),
            }),
          });
          const dying = once(runFile('decide-and-die.ts', databaseUrl, id, act, String(shiftMs)), 'exit');
          // Somewhere between the start of the other process and its end.
          const others = pause(afterMs).then(() => Promise.all(chosen.map((name) => acts[name](id))));
          expect((await dying)[1]).toBe('SIGKILL');
          await others;
          const { body: final } = await server.get(`/api/approvals/${id}`);
          expect(final.status).not.toBe('PENDING');
          const calledBack = final.decisionReasonCode === 'person' || final.decisionReasonCode === 'expired';
          // The next server, here the one that is running, finds it in the outbox.
          if (calledBack) await eventually('the callback', () => heard(id).length > 0);
          expect(heard(id)).toEqual(calledBack ? [[final.status, final.decidedBy]] : []);
        },
      ),
      {
        numRuns: 7,
        examples: [
          [[], 0, 'approve', false],
          [[], 900, 'expire', true],
          [['withdraw', 'reject'], 300, 'approve', false],
        ],
      },
    );
  }, 240_000);
});

onBothDatabases((newDatabase) => {
  const started: TestServer[] = [];
  afterEach(() => Promise.all(started.splice(0).map((server) => server.close())));

  it('kill -9 during an attempt → delivered after the restart', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const databaseUrl = await newDatabase();
    const first = await startServerProcess(optionsFor(databaseUrl));
    started.push(first);
    const {
      body: { id },
    } = await first.ask({ callbackUrl: `http://127.0.0.1:${port}/hook` });
    const attempted = once(silent, 'connection');
    expect((await first.decide(id, { decision: 'approve' })).status).toBe(200);
    const [socket] = (await attempted) as [{ destroy(): void }];
    await first.close();
    socket.destroy();
    await new Promise((resolve) => silent.close(resolve));

    const calls: string[] = [];
    const revived = createServer((connection) =>
      connection.once('data', (data) => {
        calls.push(data.toString());
        connection.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
      }),
    );
    await new Promise<void>((resolve) => revived.listen(port, '127.0.0.1', resolve));
    // Other processes on PostgreSQL wait for the end of the killed one's lease, which is over on this clock.
    const second = await startTestServer(databaseUrl, { clock: () => new Date(Date.now() + 16_000) });
    await eventually('the callback', () => calls.length > 0);
    expect(calls[0]).toMatch(/^POST \/hook /);
    expect((await second.get(`/api/approvals/${id}`)).body.status).toBe('APPROVED');
    await second.close();
    await new Promise((resolve) => revived.close(resolve));
  });

  it('several servers on one database → each decision delivered once', async () => {
    const databaseUrl = await newDatabase();
    // On this clock no lease ends, so a busy machine repeats nothing: a second callback is a second claim.
    const now = new Date();
    const start = () => startTestServer(databaseUrl, { reviewers: ADMINISTRATORS, clock: () => now });
    const servers = [await start()];
    // A SQLite file is for one process.
    if (databaseUrl.startsWith('postgres')) servers.push(await start(), await start());
    try {
      const ids = await Promise.all(
        Array.from({ length: 60 }, async (_, index) => {
          const server = servers[index % servers.length]!;
          const asked = await server.ask({ callbackUrl: `${receiver.url}/${index}` });
          const { id } = asked.body;
          expect(id, asked.text).toBeDefined();
          expect((await server.decide(id, { decision: 'approve' })).status).toBe(200);
          return id;
        }),
      );
      // A server that stops gives up its open attempts, and another one would repeat them.
      const bearer = await servers[0]!.bearer();
      const due = () => servers[0]!.get<{ deliveries: Delivery[] }>('/reviewer-api/deliveries?state=due', bearer);
      await eventually('every delivery', async () => (await due()).body.deliveries.length === 0);
      expect(receiver.received.map((received) => bodyOf(received).id).sort()).toEqual([...ids].sort());
    } finally {
      await Promise.all(servers.map((server) => server.close()));
    }
  });
});

function runFile(name: string, ...more: string[]): ChildProcess {
  return spawn(
    process.execPath,
    ['--conditions=holdpoint-source', fileURLToPath(new URL(name, import.meta.url)), ...more],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
}

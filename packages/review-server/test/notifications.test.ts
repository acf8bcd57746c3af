import { afterAll, beforeAll, expect, it } from 'vitest';
import { startCallbackReceiver, type CallbackReceiver } from './callback-receiver.ts';
import { eventually } from './eventually.ts';
import { onBothDatabases } from './on-both-databases.ts';
import { startTestServer, type TestServer } from './test-server.ts';

onBothDatabases((newDatabase) => {
  let chat: CallbackReceiver;
  let server: TestServer;
  let shiftMs = 0;
  beforeAll(async () => {
    chat = await startCallbackReceiver();
    server = await startTestServer(await newDatabase(), {
      clock: () => new Date(Date.now() + shiftMs),
      callbackHosts: 'public',
      webhookSecret: 'a secret of callbacks only',
      notify: { url: `${chat.url}/hooks/T0/B0`, shows: 'nothing' },
      rules: [
        { name: 'Small ones', conditions: [{ field: 'action', operator: 'is', value: 'small' }], decision: 'approve' },
      ],
    });
  });
  afterAll(async () => {
    await server.close();
    await chat.stop();
  });

  const textFor = async (id: string) =>
    eventually('the message', () =>
      chat.received.map(({ text }) => (JSON.parse(text) as { text: string }).text).find((text) => text.includes(id)),
    );

  it('notification → the link, no arguments; texts can’t become links or mentions', async () => {
    const {
      body: { id },
    } = await server.ask({
      action: 'pay `<!channel>`\n*now*',
      agentName: '<https://evil.example|Billing>',
      summary: 'canary-summary',
      details: { card: 'canary-details' },
      justification: 'canary-why',
      expiresAt: '2099-01-02T03:04:05.000Z',
    });
    expect(await textFor(id)).toBe(
      [
        "*comms* (says it is “&lt;https://evil.example|Billing&gt;”) asks for a decision: `pay '&lt;!channel&gt;' *now*`, risk medium",
        'It expires at 2099-01-02 03:04 UTC.',
        `<${server.url}/approvals/${id}|Review it>`,
      ].join('\n'),
    );
    const { path, headers, text } = chat.received.at(-1)!;
    expect([path, headers['content-type']]).toEqual(['/hooks/T0/B0', 'application/json']);
    expect([headers['x-cheqpoint-signature'], headers['webhook-signature']]).toEqual([undefined, undefined]);
    expect(text).not.toContain('canary');
  });

  it('notification: one for each request, retried until accepted; decided without a person → none', async () => {
    chat.answers.push({ status: 500 }, { status: 429, headers: { 'retry-after': '1' } });
    await server.ask({ action: 'small' });
    const ask = () => server.ask({ summary: 'asked twice' }, { 'idempotency-key': 'the same' });
    const {
      body: { id },
    } = await ask();
    await ask();
    const tries = () => chat.received.filter(({ text }) => text.includes(id));
    await eventually('the third try', () => tries().length === 3);
    const {
      body: { id: next },
    } = await server.ask();
    await textFor(next);
    expect(tries()).toHaveLength(3);
    expect(chat.received.map(({ text }) => text).join('')).not.toContain('`small`');
    expect(
      (await server.get<{ deliveries: unknown[] }>(`/reviewer-api/approvals/${id}`, await server.bearer())).body
        .deliveries,
    ).toEqual([]);
  });

  it('notification: decided before it was accepted → not sent', async () => {
    chat.answers.push({ status: 429, headers: { 'retry-after': '600' } });
    const {
      body: { id },
    } = await server.ask();
    await eventually('the first try', () => chat.received.some(({ text }) => text.includes(id)));
    await server.decide(id, { decision: 'approve' });
    shiftMs += 700_000;
    const {
      body: { id: next },
    } = await server.ask();
    await textFor(next);
    expect(chat.received.filter(({ text }) => text.includes(id))).toHaveLength(1);
  });
});

it.each([
  ['summary', false],
  ['arguments', true],
] as const)('notification: shows %s → as configured', async (shows, hasArguments) => {
  const chat = await startCallbackReceiver();
  const server = await startTestServer('sqlite::memory:', { notify: { url: chat.url, shows } });
  await server.ask({
    summary: 'Pay & go',
    details: { to: 'a`b', holdpoint: { mac: 'sealed-mac' }, long: 'x'.repeat(5000) },
  });
  const { text } = await eventually('the message', () => chat.received[0]);
  expect([
    text.includes('> Pay &amp; go'),
    text.includes("a'b"),
    text.includes('… (cut)'),
    text.includes('sealed-mac'),
  ]).toEqual([true, hasArguments, hasArguments, false]);
  await server.close();
  await chat.stop();
});

import { expect, it } from 'vitest';
import { runPage } from '../../src/cli/show-run.ts';
import { completed } from './fake-runs.ts';
import { gatewayWithCallers } from './callers.ts';
import { at, record } from './run-records.ts';
import { testGateway } from './test-gateway.ts';

it('GET /v1/runs/{id} of a closed run → with its record, as runs show prints it', async () => {
  const { call, runs } = testGateway();
  runs.set(completed('a', 'Done.'));
  runs.records.set('a', record);
  const answer = await call('GET', '/v1/runs/a?turnsBefore=4');
  expect(answer.json().record).toEqual(record);
  expect(runs.recordsBefore).toEqual([4]);
  const page = runPage(answer.json());
  for (const line of [
    '2 earlier turns: --before 3',
    `Turn 3  ${at}  gpt-5  1.5 s  attempt 2  1200 in (1000 cached), 30 out  0.000675 USD`,
    'model: I will.\\u202e',
    'send_email_blast {"recipient_count":500}',
    `approved by rita ${at}: Fewer.`,
    'ran with {"recipient_count":20}',
    'output: {"sent":20}',
  ])
    expect(page).toContain(line);
});

it('events and lists → without the record', async () => {
  const { call, runs } = testGateway();
  runs.set(completed('a', 'Done.'));
  runs.records.set('a', record);
  expect((await call('GET', '/v1/runs/a/events')).text).not.toContain('earlierTurns');
  expect((await call('GET', '/v1/runs')).text).not.toContain('earlierTurns');
});

it('run of another caller → no record', async () => {
  const { as, add, runs } = await gatewayWithCallers();
  runs.set({ ...completed('a', 'Done.'), caller: 'billing' });
  runs.records.set('a', record);
  await add('billing');
  await add('other');
  expect((await as('billing', 'GET', '/v1/runs/a')).json().record).toEqual(record);
  const refused = await as('other', 'GET', '/v1/runs/a');
  expect([refused.status, refused.text.includes('recipient_count')]).toEqual([404, false]);
});

it('filters of GET /v1/runs → passed on; other forms are refused', async () => {
  const { call, runs } = testGateway();
  await call(
    'GET',
    '/v1/runs?since=2026-11-22T10:00:00%2B02:00&until=2026-11-23T00:00:00Z&context=user%3Dana&context=order.id%3DA%3D17&text=refund',
  );
  await call('GET', '/v1/runs?context=user%3Dana');
  expect(runs.filters).toMatchObject([
    {
      since: new Date('2026-11-22T08:00:00Z'),
      until: new Date('2026-11-23T00:00:00Z'),
      context: [
        { name: 'user', value: 'ana' },
        { name: 'order.id', value: 'A=17' },
      ],
      text: 'refund',
    },
    { context: [{ name: 'user', value: 'ana' }] },
  ]);
  for (const query of ['since=yesterday', 'since=2026-11-22', 'context=user', 'context=%3Dana', 'text='])
    expect([query, (await call('GET', `/v1/runs?${query}`)).status]).toEqual([query, 400]);
});

it('GET /v1/usage → a caller that reads its own runs sees their usage only', async () => {
  const { as, add, call } = await gatewayWithUsage();
  await add('billing');
  await add('auditor', { read: 'all' });
  const totals = async (name: string, query: string) =>
    (await as(name, 'GET', `/v1/usage?by=run${query}`)).json().groups.map(({ name: run }: { name: string }) => run);
  expect(await totals('billing', '')).toEqual(['run-billing']);
  expect(await totals('billing', '&caller=other')).toEqual([]);
  expect((await totals('auditor', '')).toSorted()).toEqual(['run-billing', 'run-other']);
  expect(await totals('auditor', '&caller=other')).toEqual(['run-other']);
  expect((await call('GET', '/v1/usage')).json()).toEqual({
    total: expect.objectContaining({ turns: 2, input: 20, costs: [{ amount: '0.0025', currency: 'USD' }] }) as object,
    groups: [{ name: 'comms', usage: expect.objectContaining({ turns: 2 }) as object }],
    moreGroups: 0,
  });
  for (const query of ['by=day', 'since=today', 'limit=0'])
    expect([query, (await call('GET', `/v1/usage?${query}`)).status]).toEqual([query, 400]);
});

it('gateway without a database → usage-not-set-up', async () => {
  const answer = await testGateway().call('GET', '/v1/usage');
  expect([answer.status, answer.json().error.code]).toEqual([503, 'usage-not-set-up']);
});

async function gatewayWithUsage() {
  const gateway = await gatewayWithCallers();
  const { runRecords } = gateway.database;
  for (const caller of ['billing', 'other']) {
    const firstRunId = `first-${caller}`;
    const runId = `run-${caller}`;
    await runRecords.begin({ runId, firstRunId, assistant: 'comms', caller, summary: '', startedAt: 0, context: null });
    await runRecords.addTurn({
      id: `entry-${caller}`,
      runId,
      firstRunId,
      turn: 1,
      attempt: 1,
      assistant: 'comms',
      api: 'responses',
      model: 'gpt-5',
      startedAt: 0,
      endedAt: 1,
      usage: { input: 10, cachedInput: null, output: 1, reasoning: null },
      cost: { pico: 1_250_000_000n, currency: 'USD' },
      outcome: { type: 'answer', output: { type: 'inline', value: 'Hi.' } },
    });
  }
  return gateway;
}

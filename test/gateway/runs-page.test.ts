import { serveHttp } from '@holdpoint/process';
import { createRequire } from 'node:module';
import { afterAll, describe, expect, it as test } from 'vitest';
import { driverNames, driverOf } from '../../packages/review-server/test/inbox/drivers.ts';
import { expectSeen, type InboxInBrowser } from '../../packages/review-server/test/inbox/inbox-in-browser.ts';
import { describeInBrowser, inboxTest } from '../../packages/review-server/test/inbox/inbox-test.ts';
import { PASSWORDS, startTestServer } from '../../packages/review-server/test/test-server.ts';
import type { RunsAccess } from '../../packages/review-server/src/contract/runs-access.ts';
import { completed, run, waiting, waitingCall } from './fake-runs.ts';
import { record } from './run-records.ts';
import { apiKey, testGateway } from './test-gateway.ts';

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
let gateway = testGateway();
const served = await serveHttp({
  fetch: (request, env) => gateway.app.fetch(request, env),
  host: '127.0.0.1',
  port: 0,
  setting: 'none',
  graceMs: 100,
});
afterAll(() => served.close());
const access = { url: served.url, key: apiKey };
const reviewers = [
  { name: 'ana', password: PASSWORDS.ana, roles: ['reviewer', 'operator'] as const },
  { name: 'ben', password: PASSWORDS.ben, roles: ['reviewer', 'auditor'] as const },
];

/** A gateway with a parked run, a waiting one and a closed one, whose page calls are from this inbox. */
function serve({ server }: Pick<InboxInBrowser, 'server'>): typeof gateway {
  gateway = testGateway({ inboxOrigin: new URL(server.url).origin });
  gateway.reviews.set('req_1', { recipient_count: 500 });
  gateway.runs.set(completed('done', 'All told.'));
  gateway.runs.set(waiting('waits', waitingCall('req_1')));
  gateway.runs.set(parked());
  for (const id of ['done', 'waits', 'parked']) gateway.runs.records.set(id, record);
  return gateway;
}

function parked() {
  const reason = { type: 'QuotaExhausted', message: 'Raise the limit.', since: '2026-11-22T10:00:00.000Z' } as const;
  return run('parked', {
    state: 'parked',
    detail: { state: 'parked', turn: 3, calls: [], parked: [{ ...reason, callKey: null }], queuedMessages: 0 },
  });
}

describe('POST /reviewer-api/runs-access', () => {
  test('operator → may retry; auditor → may not; nobody → 401', async () => {
    const server = await startTestServer('sqlite::memory:', { reviewers, gateway: access });
    const ask = async (name: 'ana' | 'ben') =>
      await server.post<RunsAccess>('/reviewer-api/runs-access', {}, await server.bearer(name));
    const operator = (await ask('ana')).body.access;
    expect(operator).toMatchObject({ url: served.url, mayRetry: true });
    expect((await ask('ben')).body.access).toMatchObject({ mayRetry: false });
    expect((await server.post('/reviewer-api/runs-access', {}, {})).status).toBe(401);
    expect(JSON.stringify(operator)).not.toContain(apiKey);
    await server.close();
  });

  test('reviewer without such a role → 403, and the gateway gets no call', async () => {
    const plain = [{ name: 'ben', password: PASSWORDS.ben, roles: ['reviewer'] as const }];
    const server = await startTestServer('sqlite::memory:', { reviewers: plain, gateway: access });
    const before = gateway.lines.length;
    const answer = await server.post('/reviewer-api/runs-access', {}, await server.bearer('ben'));
    expect([answer.status, gateway.lines.length]).toEqual([403, before]);
    await server.close();
  });

  test('no gateway set → null', async () => {
    const server = await startTestServer('sqlite::memory:', { reviewers });
    const answer = await server.post('/reviewer-api/runs-access', {}, await server.bearer('ana'));
    expect([answer.status, answer.body]).toEqual([200, { access: null }]);
    await server.close();
  });
});

const it = inboxTest({ reviewers, gateway: access });

describeInBrowser('runs in the inbox', () => {
  it('list → every run with its state; search and filters go to the gateway', async ({ inbox, page, goTo }) => {
    const { runs } = serve(inbox);
    await goTo('/runs');
    for (const [id, state] of [
      ['done', 'Completed'],
      ['waits', 'Waiting'],
      ['parked', 'Parked'],
    ] as const)
      await expectSeen(page.getByRole('row').filter({ hasText: id }).getByText(state, { exact: true }));
    await page.getByLabel('Search', { exact: true }).fill('refund');
    await page.getByLabel('Search', { exact: true }).press('Enter');
    await expect.poll(() => runs.filters.at(-1)).toMatchObject({ text: 'refund', limit: 50 });
    expect(new URL(page.url()).search).toBe('?text=refund');
  });

  it('closed run → turns, calls, decisions, outputs, tokens and cost', async ({ inbox, page, goTo }) => {
    serve(inbox);
    await goTo('/runs');
    await page.getByRole('link', { name: 'done' }).click();
    const turn = page.getByRole('region', { name: 'Turn 3' });
    for (const text of [
      /gpt-5 · 1,200 tokens in \(1,000 cached\), 30 out · 0\.000675 USD · attempt 2/,
      /^Approved by rita, .*: Fewer\./,
      '2 attempts',
      'I will.',
    ])
      await expectSeen(turn.getByText(text).first());
    await expectSeen(turn.getByRole('region', { name: 'Ran with' }).getByText('"recipient_count": 20'));
    await expectSeen(turn.getByRole('region', { name: 'Output' }).getByText('{"sent":20}'));
    expect(await turn.getByRole('link', { name: 'Open the request' }).getAttribute('href')).toBe('/approvals/req_1');
    await expectSeen(page.getByRole('button', { name: 'Load earlier turns' }));
  });

  it('open run → follows its changes', async ({ inbox, page, goTo }) => {
    const { runs } = serve(inbox);
    await goTo('/runs/waits');
    await expectSeen(page.getByText('Waiting', { exact: true }).first());
    await expect.poll(() => runs.watchers).toBe(1);
    runs.set(completed('waits', 'Done.'));
    await expectSeen(page.getByText('Completed', { exact: true }));
  });

  it('auditor → no button to retry, and who can', async ({ inbox }) => {
    serve(inbox);
    const page = await inbox.open('/runs/parked', { as: 'ben' });
    await expectSeen(page.getByText('A person with the role “operator” can retry it.'));
    expect(await page.getByRole('button', { name: 'Retry' }).count()).toBe(0);
  });

  it('no runs, no such run, the gateway away → each says so', async ({ inbox, page, goTo }) => {
    gateway = testGateway({ inboxOrigin: new URL(inbox.server.url).origin });
    await goTo('/runs');
    await expectSeen(page.getByText('No runs.'));
    await page.goto(`${inbox.server.url}/runs/none`);
    await expectSeen(page.getByText('There is no run "none".'));
    gateway.runs.away = true;
    await page.getByRole('button', { name: 'Try again' }).click();
    await expectSeen(page.getByText('Temporal did not answer in time. Try again.'));
    gateway.runs.away = false;
    gateway.runs.set(completed('none', 'Here.'));
    await page.getByRole('button', { name: 'Try again' }).click();
    await expectSeen(page.getByText('Completed', { exact: true }));
  });

  it('list and run → nothing for axe to find, in light, dark and on a phone', async ({ inbox }) => {
    serve(inbox);
    for (const context of [
      { colorScheme: 'light' },
      { colorScheme: 'dark' },
      { colorScheme: 'light', viewport: { width: 390, height: 844 } },
    ] as const)
      for (const path of ['/runs', '/runs/done', '/runs/parked']) {
        const page = await inbox.open(path, { context: { ...context, bypassCSP: true } });
        await expectSeen(page.getByText(path === '/runs' ? 'Tell all customers' : 'Turn 3').first());
        await page.addScriptTag({ path: axePath });
        const found = await page.evaluate<Array<{ id: string; nodes: unknown[] }>>(
          'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html }) => html) })))',
        );
        expect({ path, context, found }).toEqual({ path, context, found: [] });
        const wide = await page.evaluate('document.documentElement.scrollWidth > innerWidth');
        expect({ path, context, wide }).toEqual({ path, context, wide: false });
        if (process.env['HOLDPOINT_TEST_SHOTS'] !== undefined)
          await page.screenshot({
            path: `${process.env['HOLDPOINT_TEST_SHOTS']}/runs${path.replaceAll('/', '-')}-${context.colorScheme}-${'viewport' in context ? 'phone' : 'desk'}.png`,
            fullPage: true,
          });
      }
  });
});

describeInBrowser.each(driverNames)('parked run by %s', (driverName) => {
  it('operator retries → the gateway resumes it, and the page says so', async ({ inbox, page, goTo }) => {
    const { runs, lines } = serve(inbox);
    const user = driverOf(driverName, page);
    await goTo('/runs/parked');
    await expectSeen(page.getByText('QuotaExhausted. Raise the limit.'));
    await user.press('Retry');
    await expect.poll(() => runs.orders).toEqual(['retry parked']);
    expect(lines.some((line) => line.includes('"person":"ana"'))).toBe(true);
    runs.set(run('parked'));
    await expectSeen(page.getByText('The run goes on.'));
  });
});

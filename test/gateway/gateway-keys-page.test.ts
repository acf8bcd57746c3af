import { sha256 } from '@holdpoint/json/digest';
import { serveHttp } from '@holdpoint/process';
import { createRequire } from 'node:module';
import { afterAll, describe, expect, it as test } from 'vitest';
import type { GatewayCaller, NewGatewayKey } from '../../packages/review-server/src/contract/gateway-keys.ts';
import { driverNames, driverOf } from '../../packages/review-server/test/inbox/drivers.ts';
import { expectSeen } from '../../packages/review-server/test/inbox/inbox-in-browser.ts';
import { describeInBrowser, inboxTest } from '../../packages/review-server/test/inbox/inbox-test.ts';
import { named } from '../../packages/review-server/test/inbox/new-assistant.ts';
import {
  ADMINISTRATORS,
  PASSWORDS,
  startTestServer,
  type TestServer,
} from '../../packages/review-server/test/test-server.ts';
import { openDatabase } from '../../src/adapters/database/open-database.ts';
import { apiKey, testGateway } from './test-gateway.ts';

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const database = await openDatabase('sqlite::memory:');
const gateway = testGateway({ apiKeys: database.apiKeys });
const served = await serveHttp({ fetch: gateway.app.fetch, host: '127.0.0.1', port: 0, setting: 'none', graceMs: 100 });
afterAll(async () => {
  await served.close();
  await database.close();
});
const access = { url: served.url, key: apiKey };

/** The status for a key at the gateway. 403: accepted, without the permission to manage keys. */
const statusOf = async (key: string) =>
  (await gateway.call('GET', '/v1/api-keys', undefined, { authorization: `Bearer ${key}` })).status;

const leastScopes = { start: ['comms'], read: 'own', control: 'own', ask: false, admin: false };

describe('API keys of the gateway at the review server', () => {
  const withServer = async (
    work: (server: TestServer, as: (name: 'ana' | 'ben') => Promise<Record<string, string>>) => Promise<void>,
    more: Parameters<typeof startTestServer>[1] = {},
  ) => {
    const reviewers = [
      { name: 'ana', password: PASSWORDS.ana, roles: ['admin'] as const },
      { name: 'ben', password: PASSWORDS.ben, roles: ['reviewer'] as const },
    ];
    const server = await startTestServer('sqlite::memory:', { reviewers, gateway: access, ...more });
    try {
      await work(server, (name) => server.bearer(name));
    } finally {
      await server.close();
    }
  };

  test('admin → creates, rotates and revokes; the gateway notes the person, and the audit has each change', async () => {
    await withServer(async (server, as) => {
      const headers = await as('ana');
      const name = named('caller');
      const made = await server.post<NewGatewayKey>(
        '/reviewer-api/gateway-keys',
        { name, scopes: leastScopes },
        headers,
      );
      expect([made.status, made.body.caller.createdBy]).toEqual([201, 'ana (operator)']);
      expect(await statusOf(made.body.secret)).toBe(403);
      const rotated = await server.post<NewGatewayKey>(
        `/reviewer-api/gateway-keys/${name}/rotate`,
        { overlapSeconds: 3600, key: made.body.key.id },
        headers,
      );
      expect([rotated.status, rotated.body.replaced?.state]).toEqual([201, 'retiring']);
      const again = await server.post(`/reviewer-api/gateway-keys/${name}/rotate`, {}, headers);
      expect([again.status, again.text]).toEqual([409, expect.stringContaining('is accepted until')]);
      const revoked = await server.post<GatewayCaller>(`/reviewer-api/gateway-keys/${name}/revoke`, {}, headers);
      expect(revoked.body.removedAt).not.toBeNull();
      expect([await statusOf(made.body.secret), await statusOf(rotated.body.secret)]).toEqual([401, 401]);
      const audit = await server.get('/reviewer-api/audit', headers);
      const events = (
        audit.body as unknown as { entries: Array<{ event: string; actor: string; subject: string }> }
      ).entries
        .filter(({ subject }) => subject === name)
        .map(({ event, actor }) => `${event} by ${actor}`);
      expect(events).toEqual([
        'gateway-key-revoked by reviewer:ana',
        'gateway-key-rotated by reviewer:ana',
        'gateway-key-added by reviewer:ana',
      ]);
      for (const secret of [made.body.secret, rotated.body.secret, apiKey]) {
        expect(audit.text).not.toContain(secret);
        expect((await server.get('/reviewer-api/gateway-keys', headers)).text).not.toContain(secret);
      }
    });
  });

  test('reviewer without the role, or nobody → 403 and 401, and the gateway gets no call', async () => {
    await withServer(async (server, as) => {
      const before = gateway.lines.length;
      const body = { name: named('caller'), scopes: leastScopes };
      for (const [headers, status] of [
        [await as('ben'), 403],
        [{}, 401],
      ] as const) {
        expect((await server.get('/reviewer-api/gateway-keys', headers)).status).toBe(status);
        expect((await server.post('/reviewer-api/gateway-keys', body, headers)).status).toBe(status);
        for (const act of ['rotate', 'revoke'])
          expect((await server.post(`/reviewer-api/gateway-keys/victim/${act}`, {}, headers)).status).toBe(status);
      }
      expect(gateway.lines.length).toBe(before);
    });
  });

  test.each([
    ['the gateway is away', { url: 'http://127.0.0.1:1', key: apiKey }, 'did not answer'],
    ['the key is refused', { url: served.url, key: 'hp_another-key-of-no-gateway' }, 'HOLDPOINT_REVIEW_GATEWAY_KEY'],
  ])('%s → 503 with the setting, and no entry in the audit', async (_case, wrong, says) => {
    await withServer(
      async (server, as) => {
        const headers = await as('ana');
        expect((await server.get('/reviewer-api/gateway-keys', headers)).status).toBe(503);
        const body = { name: named('caller'), scopes: leastScopes };
        const answer = await server.post('/reviewer-api/gateway-keys', body, headers);
        expect([answer.status, answer.text]).toEqual([503, expect.stringContaining(says)]);
        expect(answer.text).not.toContain(wrong.key);
        expect((await server.get('/reviewer-api/audit', headers)).text).not.toContain('gateway-key');
      },
      { gateway: wrong },
    );
  });

  test('gateway not set → the list says so, and changes are 503', async () => {
    const reviewers = ADMINISTRATORS;
    const server = await startTestServer('sqlite::memory:', { reviewers });
    const headers = await server.bearer('ana');
    const list = await server.get<{ isSetUp: boolean }>('/reviewer-api/gateway-keys', headers);
    expect([list.status, list.body]).toEqual([200, { isSetUp: false, callers: [] }]);
    const body = { name: named('caller'), scopes: leastScopes };
    expect((await server.post('/reviewer-api/gateway-keys', body, headers)).status).toBe(503);
    await server.close();
  });
});

const it = inboxTest({ reviewers: ADMINISTRATORS, gateway: access });
/** A caller with a key, made at the gateway. */
const newCaller = async () => {
  const name = named('caller');
  const made = await gateway.call('POST', '/v1/api-keys', { name, scopes: { start: ['comms'] } });
  return { name, secret: String(made.json().secret) };
};

describeInBrowser.each(driverNames)('API keys by %s', (driverName) => {
  it('create → the key is shown once, with the permissions, and the gateway accepts it', async ({ page, goTo }) => {
    const user = driverOf(driverName, page);
    const name = named('caller');
    await goTo('/admin/api-keys');
    await user.press('Create API key');
    await user.type('Caller', name);
    await user.type('Assistants it may start', 'comms, billing');
    await user.choose(/Runs it may read/, 'All');
    await user.toggle('May ask for standalone approvals');
    await user.press('Create API key');
    const key = await page.locator('.secret code').innerText();
    await user.press('Done');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await user.expectFocusOn('Create API key');
    expect(await page.locator('body').innerText()).not.toContain(key);
    const row = page.getByRole('row').filter({ hasText: name });
    await expectSeen(row.getByText('Start comms, billing; read all; control own; ask for approvals'));
    expect(await statusOf(key)).toBe(403);
    expect(await database.apiKeys.find(sha256(key), Date.now())).toMatchObject({ name });
  });

  it('rotate → both keys work, and the old one shows its end', async ({ page, goTo }) => {
    const user = driverOf(driverName, page);
    const { name, secret } = await newCaller();
    await goTo('/admin/api-keys');
    await user.press(`Rotate key of ${name}`);
    await user.choose(/Old key expires/, 'In 1 week');
    await user.press('Create new key');
    const second = await page.locator('.secret code').innerText();
    await user.press('Done');
    await expectSeen(
      page
        .getByRole('row')
        .filter({ hasText: name })
        .getByText(/^Expires /),
    );
    expect([await statusOf(secret), await statusOf(second)]).toEqual([403, 403]);
  });

  it('revoke, cancelled and then pressed → the key works, then it is refused', async ({ page, goTo }) => {
    const user = driverOf(driverName, page);
    const { name, secret } = await newCaller();
    await goTo('/admin/api-keys');
    await user.press(`Revoke keys of ${name}`);
    await user.press('Cancel');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await user.expectFocusOn(`Revoke keys of ${name}`);
    expect(await statusOf(secret)).toBe(403);
    await user.press(`Revoke keys of ${name}`);
    await user.press('Revoke');
    await expectSeen(page.getByRole('row').filter({ hasText: name }).getByText('Revoked'));
    expect(await statusOf(secret)).toBe(401);
  });
});

describeInBrowser('page of API keys', () => {
  it('name that was given → the gateway’s words in the dialog, which keeps the text', async ({ page, goTo, press }) => {
    const { name } = await newCaller();
    await goTo('/admin/api-keys');
    await press('Create API key');
    await page.getByLabel('Caller', { exact: true }).fill(name);
    await page.getByRole('dialog').getByRole('button', { name: 'Create API key' }).click();
    await expectSeen(page.getByRole('dialog').getByText(/has or had the name/));
    expect(await page.getByLabel('Caller', { exact: true }).inputValue()).toBe(name);
  });

  it.for([
    ['light', { bypassCSP: true }],
    ['dark', { colorScheme: 'dark', bypassCSP: true }],
    ['phone', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, bypassCSP: true }],
  ] as const)('%s → fits the screen, and axe finds nothing', async ([, context], { inbox }) => {
    await newCaller();
    const page = await inbox.open('/admin/api-keys', { context });
    for (const part of ['page', 'dialog']) {
      await page.getByRole('button', { name: 'Create API key' }).waitFor();
      if (part === 'dialog') {
        await page.getByRole('button', { name: 'Create API key' }).click();
        await page.getByRole('dialog').getByLabel('Caller', { exact: true }).waitFor();
      }
      await page.addScriptTag({ path: axePath });
      const { violations } = await page.evaluate<{ violations: Array<{ id: string }> }>(
        `axe.run(${part === 'dialog' ? '"[role=dialog]"' : 'document'}, { resultTypes: ["violations"] })`,
      );
      expect(violations.map(({ id }) => id)).toEqual([]);
      const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
      expect(overflow).toBeLessThanOrEqual(0);
    }
  });
});

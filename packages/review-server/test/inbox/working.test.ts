import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sqliteUrl } from '@holdpoint/database/url';
import type { Page } from 'playwright-core';
import { afterAll, describe, expect } from 'vitest';
import { until } from '../../../../test/support/until.ts';
import { callsTo, EMAIL_BLAST as emailBlast, optionsFor, PASSWORDS as passwords } from '../test-server.ts';
import { createReviewServer } from '../../src/create-review-server.ts';
import { expectSeen } from './inbox-in-browser.ts';
import { describeInBrowser, inboxTest, rowsOf } from './inbox-test.ts';

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const loginToken = 'one-time-token-of-the-test';
const phone = { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true };

const folder = mkdtempSync(join(tmpdir(), 'holdpoint-inbox-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const databaseUrl = sqliteUrl(join(folder, 'review.db'));
const reviewers = [
  { name: 'ana', password: passwords.ana, roles: ['reviewer', 'admin'] as const },
  { name: 'ben', password: passwords.ben },
];
const it = inboxTest({ databaseUrl, reviewers, loginToken });
const heading = (page: Page, name?: string | RegExp) =>
  page.getByRole('heading', { level: 1, ...(name === undefined ? {} : { name }) });
const scrollTo = (page: Page, top: string) =>
  page.evaluate(`document.querySelector('.list-scroller').scrollTo(0, ${top})`);

describeInBrowser('inbox', () => {
  describe('sign-in', () => {
    it('wrong, then right password at a deep link → the request at the same address', async ({ inbox, ask }) => {
      const id = await ask({ summary: 'A deep link' });
      const page = await inbox.visit(`/approvals/${id}?box=done`);
      await page.getByLabel('Name').fill('ana');
      await page.getByLabel('Password').fill('wrong');
      await page.keyboard.press('Enter');
      await page.getByRole('alert').filter({ hasText: 'Wrong name or password.' }).waitFor();
      await page.getByLabel('Password').fill(passwords.ana);
      await page.keyboard.press('Enter');
      await heading(page, 'A deep link').waitFor();
      expect(page.url()).toBe(`${inbox.server.url}/approvals/${id}?box=done`);
    });

    it('one-time link → a GET spends nothing, it works once, and the address drops the token', async ({ inbox }) => {
      expect((await inbox.server.get(`/login?token=${loginToken}`, {})).status).toBe(200);
      const page = await inbox.visit(`/login?token=${loginToken}`);
      await page.getByRole('button', { name: /ana/ }).waitFor();
      expect(page.url()).toBe(`${inbox.server.url}/`);
      const second = await inbox.visit(`/login?token=${loginToken}`);
      await second.getByRole('alert').filter({ hasText: 'used before' }).waitFor();
    });

    it('link from another site → signed in; API call from another site → 401', async ({ inbox, ask }) => {
      const id = await ask({ summary: 'Asked in a chat' });
      const elsewhere = createServer((request, response) => {
        const to = `${inbox.server.url}${request.url === '/link' ? `/approvals/${id}` : `/reviewer-api/approvals/${id}`}`;
        response.setHeader('content-type', 'text/html').end(`<a href="${to}">To the approval</a>`);
      });
      // "localhost" and "127.0.0.1" are two sites to a browser, as two domains are.
      await new Promise<void>((listening) => elsewhere.listen(0, 'localhost', listening));
      const chat = `http://localhost:${(elsewhere.address() as AddressInfo).port}`;
      const page = await inbox.open('/');
      await page.goto(`${chat}/link`);
      await page.getByRole('link').click();
      await heading(page, 'Asked in a chat').waitFor();
      await page.goto(`${chat}/api`);
      const [answer] = await Promise.all([
        page.waitForResponse((response) => response.url().includes('/reviewer-api/')),
        page.getByRole('link').click(),
      ]);
      expect(answer.status()).toBe(401);
      elsewhere.close();
      inbox.problems.splice(
        0,
        inbox.problems.length,
        ...inbox.problems.filter((problem) => !problem.startsWith(`a call to ${chat}`)),
      );
    });

    it('sessions → listed by browser, ended one by one or all', async ({ inbox, ask }) => {
      // A user agent is free text and may mislead.
      await inbox.server.post(
        '/reviewer-api/session',
        { name: 'ben', password: passwords.ben },
        { 'user-agent': 'tool\u00AD/1' },
      );
      const opened = (userAgent: string) => inbox.open('/', { as: 'ben', fresh: true, context: { userAgent } });
      const [first, second, third] = [
        await opened('Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0'),
        await opened('cli/1'),
        await opened('Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0'),
      ];
      const page = await opened('Mozilla/5.0 (Macintosh) Version/18.0 Safari/605.1');
      await page.locator('.user-button').click();
      await page.getByRole('button', { name: 'Your sessions' }).click();
      const dialog = page.getByRole('dialog', { name: 'Your sessions' });
      expect(await dialog.getByRole('listitem').filter({ hasText: 'This session' }).innerText()).toContain(
        'Safari on macOS',
      );
      await dialog.getByRole('button', { name: /^Sign out of tool\[U\+00AD\]\/1,/ }).waitFor();
      expect(await dialog.getByTitle('tool[U+00AD]/1', { exact: true }).count()).toBe(1);
      await dialog.getByRole('button', { name: /^Sign out of Firefox on Windows/ }).click();
      await dialog.getByText('Firefox on Windows').waitFor({ state: 'detached' });
      // An idle page notices at the next event.
      await ask();
      await first.getByRole('heading', { name: 'Sign in to Holdpoint' }).waitFor();
      await dialog.getByRole('button', { name: 'Sign out everywhere else' }).click();
      await dialog.getByText('No other sessions.').waitFor();
      await ask();
      for (const other of [second, third]) await other.getByRole('heading', { name: 'Sign in to Holdpoint' }).waitFor();
      await page.reload();
      await page.getByRole('button', { name: /ben/ }).waitFor();
    });

    it('sign out → drafts are discarded', async ({ inbox, ask }) => {
      const id = await ask();
      const page = await inbox.open(`/approvals/${id}`, { fresh: true });
      await page.getByLabel('Note', { exact: true }).fill('For my eyes only');
      await page.locator('.user-button').click();
      await page.getByRole('button', { name: 'Sign out' }).click();
      await heading(page, 'Sign in to Holdpoint').waitFor();
      expect(await page.evaluate('JSON.stringify(sessionStorage)')).not.toContain('For my eyes only');
    });

    it('expired session → sign-in, then the note is still there', async ({ inbox, ask }) => {
      const id = await ask();
      const page = await inbox.open(`/approvals/${id}`, { fresh: true });
      await page.getByLabel('Note', { exact: true }).fill('Typed before');
      await page.context().clearCookies();
      await page.keyboard.press('Escape');
      await page.keyboard.press('a');
      await page.getByLabel('Name').fill('ana');
      await page.getByLabel('Password').fill(passwords.ana);
      await page.keyboard.press('Enter');
      await heading(page, emailBlast.summary).waitFor();
      expect(await page.getByLabel('Note', { exact: true }).inputValue()).toBe('Typed before');
    });
  });

  describe('list', () => {
    it('new requests → appear without moving the scroll position, the note or the open request', async ({
      inbox,
      ask,
    }) => {
      const action = 'in-order';
      const ids: string[] = [];
      for (let index = 0; index < 40; index += 1) ids.push(await ask({ action, summary: `Waiting ${index}` }));
      const page = await inbox.open(`/?action=${action}&box=all`);
      await rowsOf(page).first().waitFor();
      await scrollTo(page, '780');
      await page.getByText('Waiting 20', { exact: true }).click();
      await heading(page, 'Waiting 20').waitFor();
      await page.getByLabel('Note', { exact: true }).fill('half a sentence');
      const place = async () => (await page.locator('.row[data-open=true]').boundingBox())?.y;
      const before = await place();
      // The newest come first, so these rows are inserted above.
      for (let index = 0; index < 3; index += 1) await ask({ action, summary: `Just in ${index}` });
      await until(
        'the new ones are counted in',
        async () =>
          (await page
            .getByRole('listitem')
            .filter({ hasText: /^Waiting 20/ })
            .getAttribute('aria-posinset')) === '23',
        10_000,
      );
      expect(Math.abs(((await place()) ?? 0) - (before ?? 0))).toBeLessThan(2);
      expect(await page.getByLabel('Note', { exact: true }).inputValue()).toBe('half a sentence');
      await scrollTo(page, '0');
      await page.getByText('Just in 2', { exact: true }).waitFor();
      await Promise.all(ids.map((id) => inbox.server.decide(id, { decision: 'reject' })));
    });

    it('search and filters → in the address, and the browser’s back button restores them', async ({ inbox, ask }) => {
      await ask({ action: 'findable', summary: 'A needle in the hay', riskLevel: 'high' });
      await ask({ action: 'findable', summary: 'Only hay', riskLevel: 'low' });
      const page = await inbox.open('/');
      await rowsOf(page).first().waitFor();
      await page.keyboard.press('/');
      await page.keyboard.type('needle');
      await page.waitForURL(/q=needle/);
      await until('only the needle is there', async () => (await rowsOf(page).count()) === 1);
      await page.getByRole('button', { name: /Risk/ }).click();
      await page.getByRole('option', { name: 'Low' }).click();
      await page.getByText('No matching requests.').waitFor();
      expect(page.url()).toBe(`${inbox.server.url}/?q=needle&risk=low`);
      await page.getByRole('link', { name: 'Search all requests' }).click();
      await page.waitForURL(/box=all/);
      await page.goBack();
      await page.getByRole('button', { name: 'Clear filters' }).click();
      await page.waitForURL(`${inbox.server.url}/`);
      const other = await inbox.open('/?action=findable&risk=high');
      await other.getByText('A needle in the hay').waitFor();
      expect(await rowsOf(other).count()).toBe(1);
    });

    it('J, K and Esc → next, previous, back to the list', async ({ inbox, ask }) => {
      const action = 'walked';
      for (const name of ['one', 'two', 'three']) await ask({ action, summary: `Walk ${name}` });
      const page = await inbox.open(`/?action=${action}`);
      await rowsOf(page).first().waitFor();
      for (const [key, name] of [
        ['j', 'one'],
        ['j', 'two'],
        ['j', 'three'],
        ['j', 'three'],
        ['k', 'two'],
      ] as const) {
        await page.keyboard.press(key);
        await heading(page, `Walk ${name}`).waitFor();
      }
      await until('the focus is in the list', async () =>
        String(await page.evaluate('document.activeElement.innerText')).startsWith('Walk two'),
      );
      await page.keyboard.press('a');
      await page.getByText('Approved by you').waitFor();
      await page.keyboard.press('j');
      await heading(page, 'Walk three').waitFor();
      await page.keyboard.press('Escape');
      await page.waitForURL(`${inbox.server.url}/?action=${action}`);
      await expectSeen(page.getByRole('heading', { name: /need/ }));
    });

    it('counts in boxes and title → updated live', async ({ inbox, ask }) => {
      const page = await inbox.open('/?box=done');
      const count = async () => Number(/^\((\d+)\)/.exec(await page.title())?.[1] ?? 0);
      await page.getByRole('link', { name: /^Needs you/ }).waitFor();
      await until('the title counts', async () => (await count()) > 0);
      const before = await count();
      const id = await ask();
      await until('one more', async () => (await count()) === before + 1);
      await inbox.server.decide(id, { decision: 'approve' });
      await until('one less', async () => (await count()) === before);
      await expectSeen(page.getByRole('link', { name: /^Needs you/ }).getByText(String(before), { exact: true }));
    });
  });

  it('phone → one pane at a time, no sideways scrolling, edit and approve work', async ({ inbox, ask }) => {
    const id = await ask({
      summary: 'On the phone',
      details: { text: 'long '.repeat(200), key: 'x'.repeat(300), tags: ['one', 'two'] },
    });
    const page = await inbox.open('/?q=phone', { context: phone });
    const sideways = () => page.evaluate('document.documentElement.scrollWidth - innerWidth');
    await page.getByText('On the phone').tap();
    await heading(page, 'On the phone').waitFor();
    expect(await page.getByRole('region', { name: 'Requests' }).isVisible()).toBe(false);
    expect(await sideways()).toBe(0);
    await page.getByRole('button', { name: 'Back' }).tap();
    await page.getByRole('region', { name: 'Requests' }).waitFor();
    expect(await sideways()).toBe(0);
    await page.getByText('On the phone').tap();
    await page.getByRole('button', { name: 'Edit…' }).tap();
    await page.getByLabel('key', { exact: true }).fill('short');
    expect((await page.getByLabel(/^tags 2/).boundingBox())?.width).toBeGreaterThan(phone.viewport.width / 2);
    await page.getByRole('button', { name: 'Approve with changes' }).tap();
    await page.getByText('Approved with changes by you').waitFor();
    expect(await sideways()).toBe(0);
    expect((await inbox.server.get(`/api/approvals/${id}`)).body.modifiedDetails).toMatchObject({ key: 'short' });
  });

  it('notifications on, page in the background → a notification without arguments', async ({ inbox, ask }) => {
    const page = await inbox.open('/', { context: { permissions: ['notifications'] } });
    await page.evaluate(
      'window.told = []; window.Notification = class extends EventTarget { static permission = "granted"; static requestPermission = async () => "granted"; constructor(title, options) { super(); told.push([title, options.body]); } close() {} }; Object.defineProperty(document, "visibilityState", { get: () => "hidden" });',
    );
    await ask({ action: 'silent' });
    await page.locator('.user-button').click();
    await page.getByText('Browser notifications').click();
    await page.keyboard.press('Escape');
    await ask({ action: 'announced', summary: 'a secret summary', details: { secret: 'a secret argument' } });
    await until('a notification was shown', async () => (await page.evaluate<number>('told.length')) > 0);
    expect(await page.evaluate('told')).toEqual([
      ['A request needs review', expect.stringContaining('announced · Requested by comms')],
    ]);
    expect(JSON.stringify(await page.evaluate('told'))).not.toContain('secret');
  });

  it('server restart → “Reconnecting…”, the note is kept, and deciding works again', async ({ inbox, ask }) => {
    const id = await ask({ summary: 'Over a restart' });
    const page = await inbox.open(`/approvals/${id}`);
    await page.getByLabel('Note', { exact: true }).fill('Typed before the restart');
    await page.getByText('Live', { exact: true }).waitFor();
    const port = Number(new URL(inbox.server.url).port);
    await inbox.server.close();
    await page.getByText('Reconnecting…').waitFor();
    await page.getByRole('button', { name: /^Approve/ }).click();
    await page.getByRole('alert').filter({ hasText: 'can’t be reached' }).waitFor();
    inbox.server = callsTo(await createReviewServer(optionsFor(databaseUrl, { reviewers, port })));
    await page.getByText('Live', { exact: true }).waitFor();
    await scrollTo(page, '0');
    const other = await ask({ summary: 'After the restart', expiresAt: new Date(Date.now() + 60_000).toISOString() });
    await page.getByText('After the restart').waitFor();
    expect(await page.getByLabel('Note', { exact: true }).inputValue()).toBe('Typed before the restart');
    await page.getByRole('button', { name: /^Approve/ }).click();
    await page.getByText('Approved by you').waitFor();
    expect((await inbox.server.get(`/api/approvals/${id}`)).body).toMatchObject({
      status: 'APPROVED',
      decisionNote: 'Typed before the restart',
    });
    await inbox.server.decide(other, { decision: 'reject' });
  });

  describe.each(['light', 'dark'] as const)('axe, %s', { timeout: 180_000 }, (colorScheme) => {
    const expectNoViolations = async (page: Page) => {
      await page.addScriptTag({ path: axePath });
      const { violations } = await page.evaluate<{
        violations: { id: string; nodes: { html: string; failureSummary: string }[] }[];
      }>('axe.run(document, { resultTypes: ["violations"] })');
      expect(
        violations.map(
          ({ id, nodes }) =>
            `${id}: ${nodes.map(({ html, failureSummary }) => `${html.slice(0, 200)} ${failureSummary}`).join(' | ')}`,
        ),
      ).toEqual([]);
    };
    const themed = it.extend(
      'opened',
      ({ inbox }) =>
        (path: string, context: object = {}) =>
          inbox.open(path, { context: { colorScheme, bypassCSP: true, ...context } }),
    );

    themed('sign-in → no violations', async ({ inbox }) => {
      const page = await inbox.visit('/', { colorScheme, bypassCSP: true });
      await page.getByLabel('Name').waitFor();
      await expectNoViolations(page);
    });

    themed('request read, edited, rejected, decided, on a phone → no violations', async ({ ask, opened }) => {
      const id = await ask({
        summary: `Looked at by axe in ${colorScheme}`,
        riskLevel: 'critical',
        expiresAt: new Date(Date.now() + 600_000).toISOString(),
        justification: 'Mine.',
        argumentsSchema: {
          type: 'object',
          properties: {
            template: { type: 'string', description: 'Which' },
            recipient_count: { type: 'integer' },
            subject: { type: 'string' },
          },
        },
        details: { ...emailBlast.details, holdpoint: { justificationFrom: 'model', context: { by: 'zoe' } } },
      });
      const page = await opened(`/approvals/${id}`);
      await heading(page).waitFor();
      await expectNoViolations(page);
      await page.keyboard.press('e');
      await page.getByLabel('recipient_count').fill('x');
      await expectNoViolations(page);
      await page.keyboard.press('Escape');
      await page.keyboard.press('r');
      await expectNoViolations(page);
      await page.getByRole('button', { name: 'Not needed' }).click();
      await page.getByRole('button', { name: /^Reject$/ }).click();
      await page.locator('[data-ended]').waitFor();
      await expectNoViolations(page);
      const small = await opened(
        `/approvals/${await ask({ action: 'x:outcome-unknown', details: { outcome: 'happened', holdpoint: { kind: 'outcome' } } })}`,
        phone,
      );
      await heading(small).waitFor();
      await expectNoViolations(small);
    });

    themed('list and batch → no violations', async ({ ask, opened }) => {
      for (const riskLevel of ['low', 'medium', 'high', 'critical'])
        await ask({ action: 'axe', summary: `A row of ${riskLevel} risk`, riskLevel });
      const page = await opened('/?action=axe');
      await rowsOf(page).first().waitFor();
      await expectNoViolations(page);
      await rowsOf(page).getByRole('checkbox').first().check();
      await page.getByRole('button', { name: /Review selected/ }).click();
      await page.getByRole('dialog').waitFor();
      await expectNoViolations(page);
    });

    themed('menus, help and decided requests → no violations', async ({ inbox, ask, opened }) => {
      await inbox.server.decide(await ask({ action: 'axe' }), { decision: 'reject' });
      const page = await opened('/?action=axe');
      await page.getByText('Live', { exact: true }).waitFor();
      await page.getByRole('button', { name: /Risk/ }).click();
      await page.getByRole('option').first().waitFor();
      await expectNoViolations(page);
      await page.keyboard.press('Escape');
      await page.locator('.user-button').click();
      await page.getByRole('button', { name: 'Sign out' }).waitFor();
      await expectNoViolations(page);
      await page.getByRole('button', { name: 'Your sessions' }).click();
      await page.getByRole('dialog').getByText('This session').waitFor();
      await expectNoViolations(page);
      await page.keyboard.press('Escape');
      await page.keyboard.press('?');
      await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
      await expectNoViolations(page);
      await page.keyboard.press('Escape');
      await page.getByRole('search').getByRole('button', { name: 'Clear filters' }).click();
      await page.getByRole('link', { name: /^Done/ }).click();
      await rowsOf(page)
        .getByText(/^(Approved|Rejected)/)
        .first()
        .waitFor();
      await expectNoViolations(page);
    });

    themed('administration → no violations', async ({ opened }) => {
      const page = await opened('/admin/users');
      for (const name of ['Users', 'Connection Keys', 'Assistants', 'Rules', 'Deliveries', 'Audit']) {
        await page.getByRole('link', { name, exact: true }).click();
        await heading(page, name).waitFor();
        await page.locator('.skeleton').waitFor({ state: 'detached' });
        await expectNoViolations(page);
      }
    });
  });
});

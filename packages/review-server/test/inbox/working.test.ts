import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { sqliteUrl } from '@holdpoint/database/url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from '../../../../test/support/chromium.ts';
import { until } from '../../../../test/support/until.ts';
import { callsTo, EMAIL_BLAST, optionsFor, PASSWORDS } from '../test-server.ts';
import { createReviewServer } from '../../src/create-review-server.ts';
import { expectSeen, startInboxInBrowser, type InboxInBrowser } from './inbox-in-browser.ts';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const LOGIN_TOKEN = 'one-time-token-of-the-test';
const PHONE = { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true };

describe.skipIf(chromiumPath === undefined)('working with the inbox', () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-inbox-'));
  const database = sqliteUrl(join(folder, 'review.db'));
  const reviewers = [
    { name: 'ana', password: PASSWORDS.ana, roles: ['reviewer', 'admin'] as const },
    { name: 'ben', password: PASSWORDS.ben },
  ];
  let inbox: InboxInBrowser;
  beforeAll(async () => {
    inbox = await startInboxInBrowser(database, { reviewers, loginToken: LOGIN_TOKEN });
  });
  afterAll(async () => {
    await inbox.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const expectNoProblems = () => expect(inbox.problems.splice(0)).toEqual([]);
  afterEach(async () => {
    for (const context of inbox.browser.contexts()) await context.close();
    expectNoProblems();
  });

  const ask = async (more: object = {}) => (await inbox.server.ask(more)).body.id;
  const heading = (page: Page, name?: string | RegExp) =>
    page.getByRole('heading', { level: 1, ...(name === undefined ? {} : { name }) });
  const scrollTo = (page: Page, top: string) =>
    page.evaluate(`document.querySelector('.list-scroller').scrollTo(0, ${top})`);
  const rows = (page: Page) => page.getByRole('region', { name: 'Approvals' }).getByRole('listitem');

  describe('signing in', () => {
    it('is asked for where the person came to, says what is wrong, and leads on from there', async () => {
      const id = await ask({ summary: 'A deep link' });
      const page = await inbox.visit(`/approvals/${id}?box=done`);
      await page.getByLabel('Name').fill('ana');
      await page.getByLabel('Password').fill('wrong');
      await page.keyboard.press('Enter');
      await page.getByRole('alert').filter({ hasText: 'Wrong name or password.' }).waitFor();
      await page.getByLabel('Password').fill(PASSWORDS.ana);
      await page.keyboard.press('Enter');
      await heading(page, 'A deep link').waitFor();
      expect(page.url()).toBe(`${inbox.server.url}/approvals/${id}?box=done`);
    });

    it('works once by the one-time link, which a mere look does not spend, and the address forgets the token', async () => {
      expect((await inbox.server.get(`/login?token=${LOGIN_TOKEN}`, {})).status).toBe(200);
      const page = await inbox.visit(`/login?token=${LOGIN_TOKEN}`);
      await page.getByRole('button', { name: /ana/ }).waitFor();
      expect(page.url()).toBe(`${inbox.server.url}/`);
      const second = await inbox.visit(`/login?token=${LOGIN_TOKEN}`);
      await second.getByRole('alert').filter({ hasText: 'used before' }).waitFor();
    });

    it('counts for a link on another site, as in a mail or a chat, and for nothing else that another site begins', async () => {
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

    it('is listed with its browser, and ended elsewhere one by one or all at once', async () => {
      // How a program calls itself is its own choice, and may mislead.
      await inbox.server.post(
        '/reviewer-api/session',
        { name: 'ben', password: PASSWORDS.ben },
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
      await page.getByRole('button', { name: 'Where you are signed in' }).click();
      const dialog = page.getByRole('dialog', { name: 'Where you are signed in' });
      expect(await dialog.getByRole('listitem').filter({ hasText: 'this one' }).innerText()).toContain(
        'Safari on macOS',
      );
      await dialog.getByRole('button', { name: /^Sign out of tool\[U\+00AD\]\/1,/ }).waitFor();
      expect(await dialog.getByTitle('tool[U+00AD]/1', { exact: true }).count()).toBe(1);
      await dialog.getByRole('button', { name: /^Sign out of Firefox on Windows/ }).click();
      await dialog.getByText('Firefox on Windows').waitFor({ state: 'detached' });
      // A page that does nothing notices by the next news.
      await ask();
      await first.getByRole('heading', { name: 'Sign in to review' }).waitFor();
      await dialog.getByRole('button', { name: 'Sign out of the 3 others' }).click();
      await dialog.getByText('You are signed in nowhere else.').waitFor();
      await ask();
      for (const other of [second, third]) await other.getByRole('heading', { name: 'Sign in to review' }).waitFor();
      await page.reload();
      await page.getByRole('button', { name: /ben/ }).waitFor();
    });

    it('ends by signing out, with all that was typed', async () => {
      const id = await ask();
      const page = await inbox.open(`/approvals/${id}`, { fresh: true });
      await page.getByLabel('Note', { exact: true }).fill('For my eyes only');
      await page.locator('.user-button').click();
      await page.getByRole('button', { name: 'Sign out' }).click();
      await heading(page, 'Sign in to review').waitFor();
      expect(await page.evaluate('JSON.stringify(sessionStorage)')).not.toContain('For my eyes only');
    });

    it('that ended meanwhile is asked for again, and what was typed is still there', async () => {
      const id = await ask();
      const page = await inbox.open(`/approvals/${id}`);
      await page.getByLabel('Note', { exact: true }).fill('Typed before');
      await page.context().clearCookies();
      await page.keyboard.press('Escape');
      await page.keyboard.press('a');
      await page.getByLabel('Name').fill('ana');
      await page.getByLabel('Password').fill(PASSWORDS.ana);
      await page.keyboard.press('Enter');
      await heading(page, EMAIL_BLAST.summary).waitFor();
      expect(await page.getByLabel('Note', { exact: true }).inputValue()).toBe('Typed before');
    });
  });

  describe('the list', () => {
    it('shows what is new without a reload, and leaves scrolling, typing and the open approval alone', async () => {
      const action = 'in-order';
      const ids: string[] = [];
      for (let index = 0; index < 40; index += 1) ids.push(await ask({ action, summary: `Waiting ${index}` }));
      const page = await inbox.open(`/?action=${action}&box=all`);
      await rows(page).first().waitFor();
      await scrollTo(page, '1500');
      await page.getByText('Waiting 20', { exact: true }).click();
      await heading(page, 'Waiting 20').waitFor();
      await page.getByLabel('Note', { exact: true }).fill('half a sentence');
      const place = async () => (await page.locator('.row[data-open=true]').boundingBox())?.y;
      const before = await place();
      // The newest come first in this list, so these push in above.
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

    it('keeps box, search and filters in the address, and goes back and forth with it', async () => {
      await ask({ action: 'findable', summary: 'A needle in the hay', riskLevel: 'high' });
      await ask({ action: 'findable', summary: 'Only hay', riskLevel: 'low' });
      const page = await inbox.open('/');
      await rows(page).first().waitFor();
      await page.keyboard.press('/');
      await page.keyboard.type('needle');
      await page.waitForURL(/q=needle/);
      await until('only the needle is there', async () => (await rows(page).count()) === 1);
      await page.getByRole('button', { name: /Risk/ }).click();
      await page.getByRole('option', { name: 'Low' }).click();
      await page.getByText('Nothing here matches.').waitFor();
      expect(page.url()).toBe(`${inbox.server.url}/?q=needle&risk=low`);
      await page.getByRole('link', { name: 'Look in all boxes' }).click();
      await page.waitForURL(/box=all/);
      await page.goBack();
      await page.getByRole('button', { name: 'Clear' }).click();
      await page.waitForURL(`${inbox.server.url}/`);
      const other = await inbox.open('/?action=findable&risk=high');
      await other.getByText('A needle in the hay').waitFor();
      expect(await rows(other).count()).toBe(1);
    });

    it('is walked through by J and K, which open what they come to, and by Esc back to the list', async () => {
      const action = 'walked';
      for (const name of ['one', 'two', 'three']) await ask({ action, summary: `Walk ${name}` });
      const page = await inbox.open(`/?action=${action}`);
      await rows(page).first().waitFor();
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

    it('counts in the boxes and in the title, live', async () => {
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

  it('fits a phone: one pane at a time, nothing to scroll sideways, all decisions within reach', async () => {
    const id = await ask({
      summary: 'On the phone',
      details: { text: 'long '.repeat(200), key: 'x'.repeat(300), tags: ['one', 'two'] },
    });
    const page = await inbox.open('/?q=phone', { context: PHONE });
    const sideways = () => page.evaluate('document.documentElement.scrollWidth - innerWidth');
    await page.getByText('On the phone').tap();
    await heading(page, 'On the phone').waitFor();
    expect(await page.getByRole('region', { name: 'Approvals' }).isVisible()).toBe(false);
    expect(await sideways()).toBe(0);
    await page.getByRole('button', { name: 'List' }).tap();
    await page.getByRole('region', { name: 'Approvals' }).waitFor();
    expect(await sideways()).toBe(0);
    await page.getByText('On the phone').tap();
    await page.getByRole('button', { name: 'Edit …' }).tap();
    await page.getByLabel('key', { exact: true }).fill('short');
    expect((await page.getByLabel(/^tags-2/).boundingBox())?.width).toBeGreaterThan(PHONE.viewport.width / 2);
    await page.getByRole('button', { name: 'Approve with changes' }).tap();
    await page.getByText('Approved with changes by you').waitFor();
    expect(await sideways()).toBe(0);
    expect((await inbox.server.get(`/api/approvals/${id}`)).body.modifiedDetails).toMatchObject({ key: 'short' });
  });

  it('tells of a new approval while the page is in the background, once it was asked to, and without the arguments', async () => {
    const page = await inbox.open('/', { context: { permissions: ['notifications'] } });
    await page.evaluate(
      'window.told = []; window.Notification = class extends EventTarget { static permission = "granted"; static requestPermission = async () => "granted"; constructor(title, options) { super(); told.push([title, options.body]); } close() {} }; Object.defineProperty(document, "visibilityState", { get: () => "hidden" });',
    );
    await ask({ action: 'silent' });
    await page.locator('.user-button').click();
    await page.getByText('Notify me in this browser').click();
    await page.keyboard.press('Escape');
    await ask({ action: 'announced', summary: 'a secret summary', details: { secret: 'a secret argument' } });
    await until('somebody was told', async () => (await page.evaluate<number>('told.length')) > 0);
    expect(await page.evaluate('told')).toEqual([
      ['An approval needs somebody', expect.stringContaining('announced, asked by comms')],
    ]);
    expect(JSON.stringify(await page.evaluate('told'))).not.toContain('secret');
  });

  it('survives a restart of the server in the middle: it says so, keeps what was typed, and goes on', async () => {
    const id = await ask({ summary: 'Over a restart' });
    const page = await inbox.open(`/approvals/${id}`);
    await page.getByLabel('Note', { exact: true }).fill('Typed before the restart');
    await page.getByText('Live', { exact: true }).waitFor();
    const port = Number(new URL(inbox.server.url).port);
    await inbox.server.close();
    await page.getByText('Reconnecting …').waitFor();
    await page.getByRole('button', { name: /^Approve/ }).click();
    await page.getByRole('alert').filter({ hasText: 'can’t be reached' }).waitFor();
    inbox.server = callsTo(await createReviewServer(optionsFor(database, { reviewers, port })));
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

  describe.each(['light', 'dark'] as const)('axe, in %s,', (colorScheme) => {
    const expectNothing = async (page: Page) => {
      await page.addScriptTag({ path: AXE });
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
    const opened = async (path: string, context: object = {}) =>
      inbox.open(path, { context: { colorScheme, bypassCSP: true, ...context } });

    it('finds nothing at the sign-in', async () => {
      const page = await inbox.visit('/', { colorScheme, bypassCSP: true });
      await page.getByLabel('Name').waitFor();
      await expectNothing(page);
    });

    it('finds nothing at an approval: read, edited, rejected, decided, on a phone', async () => {
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
        details: { ...EMAIL_BLAST.details, holdpoint: { justificationFrom: 'model', context: { by: 'zoe' } } },
      });
      const page = await opened(`/approvals/${id}`);
      await heading(page).waitFor();
      await expectNothing(page);
      await page.keyboard.press('e');
      await page.getByLabel('recipient_count').fill('x');
      await expectNothing(page);
      await page.keyboard.press('Escape');
      await page.keyboard.press('r');
      await expectNothing(page);
      await page.getByRole('button', { name: 'Not needed' }).click();
      await page.getByRole('button', { name: /^Reject$/ }).click();
      await page.locator('[data-ended]').waitFor();
      await expectNothing(page);
      const phone = await opened(
        `/approvals/${await ask({ action: 'x:outcome-unknown', details: { outcome: 'happened', holdpoint: { kind: 'outcome' } } })}`,
        PHONE,
      );
      await heading(phone).waitFor();
      await expectNothing(phone);
    });

    it('finds nothing at the list, the boxes, a batch, the menus and the help', async () => {
      for (const riskLevel of ['low', 'medium', 'high', 'critical'])
        await ask({ action: 'axe', summary: `A row of ${riskLevel} risk`, riskLevel });
      const page = await opened('/?action=axe');
      await rows(page).first().waitFor();
      await expectNothing(page);
      await rows(page).getByRole('checkbox').first().check();
      await page.getByRole('button', { name: /Look at them/ }).click();
      await page.getByRole('dialog').waitFor();
      await expectNothing(page);
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: /Risk/ }).click();
      await page.getByRole('option').first().waitFor();
      await expectNothing(page);
      await page.keyboard.press('Escape');
      await page.locator('.user-button').click();
      await page.getByRole('button', { name: 'Sign out' }).waitFor();
      await expectNothing(page);
      await page.getByRole('button', { name: 'Where you are signed in' }).click();
      await page.getByRole('dialog').getByText('this one').waitFor();
      await expectNothing(page);
      await page.keyboard.press('Escape');
      await page.keyboard.press('?');
      await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
      await expectNothing(page);
      await page.keyboard.press('Escape');
      await page.getByRole('search').getByRole('button', { name: 'Clear' }).click();
      await page.getByRole('link', { name: /^Done/ }).click();
      await rows(page)
        .getByText(/^(Approved|Rejected)/)
        .first()
        .waitFor();
      await expectNothing(page);
    });

    it('finds nothing at the administration', async () => {
      const page = await opened('/admin/users');
      for (const name of ['Users', 'Connection Keys', 'Assistants', 'Rules', 'Deliveries', 'Audit']) {
        await page.getByRole('link', { name, exact: true }).click();
        await heading(page, name).waitFor();
        await page.locator('.skeleton').waitFor({ state: 'detached' });
        await expectNothing(page);
      }
    });
  });
});

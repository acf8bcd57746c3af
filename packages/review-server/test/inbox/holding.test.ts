import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { beforeEach, expect } from 'vitest';
import { until } from '../../../../test/support/until.ts';
import type { OwnHolds } from '../../src/contract/holds.ts';
import type { TestServer } from '../test-server.ts';
import { drawn } from './decisions-sent.ts';
import { driverOf } from './drivers.ts';
import { expectSeen, type InboxInBrowser } from './inbox-in-browser.ts';
import { describeInBrowser, inboxTest, rowsOf } from './inbox-test.ts';

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const it = inboxTest();

/** The footer of a request. */
const footer = (page: Page) => page.getByRole('group', { name: 'Decision', exact: true });

describeInBrowser('held decision', () => {
  beforeEach<{ inbox: InboxInBrowser }>(async ({ inbox: { server } }) => {
    const bearer = await server.bearer('ana');
    await server.send('PATCH', '/reviewer-api/settings', { holdSeconds: 60 }, bearer);
    // A hold that the last test left would be in the bar and in the list.
    const ids = (await server.get<OwnHolds>('/reviewer-api/holds', bearer)).body.holds.map(({ id }) => id);
    if (ids.length > 0) await server.post('/reviewer-api/approvals/undo', { ids }, bearer);
  });
  const hold = (inbox: { server: TestServer }, holdSeconds: number) =>
    inbox.server
      .bearer('ana')
      .then((bearer) => inbox.server.send('PATCH', '/reviewer-api/settings', { holdSeconds }, bearer));

  it('A → “You approve in 60 s”, shown to another person, Z → open as before', async ({ inbox, show, page, read }) => {
    const other = await inbox.open('/', { as: 'ben' });
    const id = await show();
    await page.keyboard.press('a');
    await expectSeen(footer(page).getByText('You approve'));
    await expectSeen(page.getByText(/in (60|5\d) s/));
    await expectSeen(rowsOf(other).getByText('ana approves').first());
    await other.goto(`${inbox.server.url}/approvals/${id}`);
    await expectSeen(other.getByText('ana approves'));
    expect(await other.getByRole('button', { name: 'Undo' }).count()).toBe(0);
    await page.keyboard.press('z');
    await expectSeen(page.getByRole('group', { name: 'Your decision' }));
    await other.getByText('ana approves').first().waitFor({ state: 'detached' });
    expect((await read(id)).status).toBe('PENDING');
  });

  it('time passes → approved, and the note is sent', async ({ inbox, show, page, read, note }) => {
    await hold(inbox, 2);
    const id = await show();
    await note.fill('As agreed.');
    await page.keyboard.press('Escape');
    await page.keyboard.press('a');
    await expectSeen(footer(page).getByText('You approve'));
    await expectSeen(footer(page).getByText('Approved by you'));
    expect(await read(id)).toMatchObject({ status: 'APPROVED', decidedBy: 'ana', decisionNote: 'As agreed.' });
    expect(await page.getByText('Your unsent note').count()).toBe(0);
  });

  it('rejection by Ctrl+Enter, the next request opened, U → undone there, the reason is kept', async ({
    ask,
    show,
    page,
    read,
  }) => {
    const before = await ask();
    const id = await show();
    await page.keyboard.press('r');
    await page.keyboard.insertText('Wrong recipients.');
    await page.keyboard.press('Control+Enter');
    await expectSeen(footer(page).getByText('You reject'));
    await page.keyboard.press('k');
    await page.waitForURL(`**/approvals/${before}*`);
    const bar = page.getByRole('status', { name: 'Held decisions' });
    await expectSeen(bar.getByText('You reject'));
    await page.keyboard.press('u');
    await bar.getByText('You reject').waitFor({ state: 'detached' });
    expect((await read(id)).status).toBe('PENDING');
    await page.goBack();
    expect(await page.getByLabel('Reason', { exact: true }).inputValue()).toBe('Wrong recipients.');
  });

  it('Undo by the mouse; a click on Approve → decides at once', async ({ show, page, press, read }) => {
    const id = await show();
    await page.keyboard.press('a');
    await press('Undo');
    await expectSeen(page.getByRole('group', { name: 'Your decision' }));
    await press('Approve');
    await expectSeen(footer(page).getByText('Approved by you'));
    expect((await read(id)).status).toBe('APPROVED');
  });

  it('Tab to Approve and Enter, Tab to Undo and Enter → open', async ({ show, page, read }) => {
    const id = await show();
    const user = driverOf('keyboard', page);
    await user.press('Approve');
    await expectSeen(footer(page).getByText('You approve'));
    await user.press('Undo');
    await expectSeen(page.getByRole('group', { name: 'Your decision' }));
    expect((await read(id)).status).toBe('PENDING');
  });

  it('key A held on a critical request → decides at once', async ({ show, page, read }) => {
    const id = await show({ riskLevel: 'critical', details: { amount: 1 } });
    await page.keyboard.down('a');
    await expectSeen(footer(page).getByText('Approved by you'));
    await page.keyboard.up('a');
    expect((await read(id)).status).toBe('APPROVED');
  });

  it('Esc, and every other key → nothing decided earlier', async ({ show, page, read }) => {
    const id = await show();
    await page.keyboard.press('a');
    await expectSeen(footer(page).getByText('You approve'));
    for (const key of ['a', 'r', 'e', 'Enter', ' ', 'Escape']) await page.keyboard.press(key);
    await drawn(page);
    expect((await read(id)).status).toBe('PENDING');
  });

  it('tab closed → neither lost nor early; reloaded in time → undone from the bar', async ({ inbox, ask, read }) => {
    const [lost, kept] = [await ask(), await ask()];
    const page = await inbox.open(`/approvals/${kept}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.keyboard.press('a');
    await expectSeen(footer(page).getByText('You approve'));
    await page.goto(inbox.server.url);
    await expectSeen(page.getByRole('status', { name: 'Held decisions' }).getByText('You approve'));
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('You approve').first().waitFor({ state: 'detached' });
    expect((await read(kept)).status).toBe('PENDING');

    await hold(inbox, 3);
    await page.goto(`${inbox.server.url}/approvals/${lost}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.keyboard.press('a');
    await expectSeen(footer(page).getByText('You approve'));
    await page.close();
    expect((await read(lost)).status).toBe('PENDING');
    await until('the decision', async () => (await read(lost)).status === 'APPROVED');
  });

  it('another person decides first → shown, the held decision is dropped', async ({ inbox, show, page, read }) => {
    const id = await show();
    await page.keyboard.press('a');
    await expectSeen(footer(page).getByText('You approve'));
    await inbox.server.decide(id, { decision: 'reject' }, 'ben');
    await expectSeen(footer(page).getByText('Rejected by ben'));
    await expectSeen(page.getByText('dropped the held answer “approve” of ana: the request was closed first'));
    expect((await read(id)).decidedBy).toBe('ben');
  });

  it('batch by keyboard → held as a whole, undone as a whole', async ({ inbox, ask, page, goTo, read }) => {
    const ids = [await ask({ action: 'batch_me' }), await ask({ action: 'batch_me' })];
    await goTo('/?action=batch_me');
    await rowsOf(page).nth(1).waitFor();
    for (const row of await rowsOf(page).all()) await row.getByRole('checkbox').check();
    const user = driverOf('keyboard', page);
    await page.getByRole('button', { name: /^Review/ }).press('Enter');
    await user.press('Approve 2');
    await expectSeen(page.getByText('2 decisions are held, so that you can undo them.'));
    await user.press('Undo 2');
    await expectSeen(page.getByRole('dialog').getByText('Undone').nth(1));
    for (const id of ids) expect((await read(id)).status).toBe('PENDING');
    await page.keyboard.press('Escape');
    await hold(inbox, 0);
  });

  it.for([
    ['light', {}],
    ['dark', { colorScheme: 'dark' }],
    ['phone', { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true }],
  ] as const)('%s → fits the screen, and axe finds nothing', async ([name, context], { inbox, ask }) => {
    const [first, second] = [await ask(), await ask({ summary: 'Refund 40 euros to Jo Weber for order 7781' })];
    const page = await inbox.open(`/approvals/${second}`, {
      context: { viewport: { width: 1280, height: 800 }, bypassCSP: true, ...context },
    });
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.keyboard.press('a');
    await expectSeen(footer(page).getByText('You approve'));
    const shot = async (what: string) =>
      process.env['SCREENSHOTS'] && page.screenshot({ path: `${process.env['SCREENSHOTS']}/held-${what}-${name}.png` });
    await shot('own');
    await page.goto(`${inbox.server.url}/approvals/${first}`);
    await expectSeen(page.getByRole('status', { name: 'Held decisions' }).getByText('You approve'));
    await shot('bar');
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    await page.addScriptTag({ path: axePath });
    const { violations } = await page.evaluate<{ violations: { id: string }[] }>(
      'axe.run(document, { resultTypes: ["violations"] })',
    );
    expect(violations).toEqual([]);
    await page.keyboard.press('z');
    await page.getByText('You approve').first().waitFor({ state: 'detached' });
  });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sqliteUrl } from '@holdpoint/database/url';
import type { Page, Request } from 'playwright-core';
import { afterAll, expect } from 'vitest';
import { filledId, fillApprovals, numbered as byNumber } from '../../../../test/support/fill-approvals.ts';
import { until } from '../../../../test/support/until.ts';
import { describeInBrowser, inboxTest, rowsOf } from './inbox-test.ts';

const approvals = 100_000;
const pageSize = 200;
const mostPages = 5;
/** Rare actions, spread evenly: `hits` requests, one in `every`, starting at number `first`. */
const spreadActions = [
  { action: 'twelve', hits: 12, every: 8400, first: 15 },
  { action: 'twelve_of_10000', hits: 120, every: 840, first: 7 },
  // More hits than pages in memory, and no call fills a page.
  { action: 'more_than_kept', hits: 1250, every: 80, first: 11 },
] as const;
/** The most rendered rows, however long the list is. */
const mostRows = 40;

const folder = mkdtempSync(join(tmpdir(), 'holdpoint-many-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const databaseUrl = sqliteUrl(join(folder, 'review.db'));
const it = inboxTest({ databaseUrl }).extend('openCounted', ({ inbox }) => async (path: string) => {
  const page = await inbox.open('/admin');
  const asked: string[] = [];
  const sizes: Promise<number>[] = [];
  page.on(
    'request',
    (request) =>
      void (
        request.url().includes('/reviewer-api/') &&
        asked.push(new URL(request.url()).pathname.replace('/reviewer-api', ''))
      ),
  );
  const underWay = new Set<Request>();
  page.on('request', (request) => void (request.url().includes('/reviewer-api/approvals?') && underWay.add(request)));
  page.on('requestfinished', (request) => void underWay.delete(request));
  page.on('requestfailed', (request) => void underWay.delete(request));
  page.on(
    'response',
    (response) =>
      void (
        response.url().includes('/reviewer-api/approvals?') &&
        sizes.push(
          response.body().then(
            (body) => body.length,
            () => 0,
          ),
        )
      ),
  );
  await page.goto(inbox.server.url + path);
  await rowsOf(page).first().waitFor();
  const lists = () => asked.filter((each) => each === '/approvals').length;
  /** Until no call is under way and two frames bring none. */
  const rest = () =>
    until('the list rests', async () => {
      const before = lists();
      await page.evaluate('new Promise((shown) => requestAnimationFrame(() => requestAnimationFrame(shown)))');
      return underWay.size === 0 && lists() === before;
    });
  return { page, asked, lists, rest, bytes: async () => Math.max(...(await Promise.all(sizes))) };
});

const numbered = (page: Page, number: number) => page.getByText(`Approval ${number}`, { exact: true }).first();
const placeOf = async (page: Page, number: number, timeout = 15_000) =>
  Number(
    await rowsOf(page)
      .filter({ has: page.getByText(`Approval ${number}`, { exact: true }) })
      .getAttribute('aria-posinset', { timeout }),
  );
/** Scrolls to one end, again where more comes in there or the list was still moving, until the row is there; gives its place. */
const scrollTo = (page: Page, number: number, top: string) =>
  until(`approval ${number} is there`, async () => {
    await page.evaluate(`document.querySelector('.list-scroller').scrollTo(0, ${top})`);
    return (await numbered(page, number).count()) === 1 && (await placeOf(page, number, 500).catch(() => undefined));
  });
/** Scrolls on as a wheel does, until the row is there. */
const scrollDownTo = (page: Page, number: number) =>
  page.evaluate(`(async () => {
  const scroller = document.querySelector('.list-scroller');
  while (![...scroller.querySelectorAll('.row-title')].some(({ textContent }) => textContent === 'Approval ${number}')) {
    scroller.scrollBy(0, scroller.clientHeight + 800);
    await new Promise((shown) => requestAnimationFrame(() => requestAnimationFrame(shown)));
  }
})()`);

describeInBrowser(`inbox with ${approvals} requests`, { timeout: 180_000 }, () => {
  // Takes 20 s on a quiet machine, and some minutes on a busy one.
  it.beforeAll(
    ({ inbox: _started }) =>
      fillApprovals(databaseUrl, approvals, { approval: (number) => ({ ...byNumber(number), ...actionOf(number) }) }),
    600_000,
  );

  it('open → one page of the list and a screen of rows', async ({ openCounted }) => {
    const { page, asked, lists, bytes } = await openCounted('/?box=all');
    await numbered(page, approvals - 1).waitFor();
    await page.getByRole('link', { name: /^Done/ }).getByText('10k+').waitFor();
    expect(lists()).toBe(1);
    expect([...new Set(asked)].toSorted()).toEqual([
      '/approvals',
      '/assigned',
      '/counts',
      '/events',
      '/facets',
      '/holds',
      '/session',
      '/settings',
    ]);
    expect(await rowsOf(page).count()).toBeLessThan(mostRows);
    expect(await bytes()).toBeLessThan(pageSize * 1000);
  });

  it('scroll to the end of thousands and back → each page is read once', async ({ openCounted }) => {
    const { page, lists } = await openCounted('/?box=all&action=action_3');
    const [all, newest, oldest] = [approvals / 40, approvals - 37, 3];
    expect(await scrollTo(page, oldest, '1e9')).toBe(all);
    expect(lists()).toBe(Math.ceil(all / pageSize));
    expect(await rowsOf(page).count()).toBeLessThan(mostRows);
    expect(await scrollTo(page, newest, '0')).toBe(1);
    expect(await rowsOf(page).count()).toBeLessThan(mostRows);
  });

  it.for(spreadActions)(
    '$hits hits, one in $every → first and last in place, then no more calls',
    async ({ action, hits, every, first }, { openCounted }) => {
      const { page, lists, rest } = await openCounted(`/?box=all&action=${action}`);
      const newest = first + every * (hits - 1);
      await numbered(page, newest).waitFor();
      await rest();
      expect(await placeOf(page, newest)).toBe(1);
      await scrollTo(page, first, '1e9');
      await rest();
      expect(await scrollTo(page, first, '1e9')).toBe(hits);
      await scrollTo(page, newest, '0');
      await rest();
      expect(await scrollTo(page, newest, '0')).toBe(1);
      // The way there and back, and not for ever.
      expect(lists()).toBeLessThan(4 * (approvals / 10_000 + hits / pageSize));
    },
  );

  it('slow search → shows the hits so far and “Loading more…”', async ({ inbox, openCounted }) => {
    const { page, lists, rest } = await openCounted('/?box=done');
    let goOn = () => {};
    const held = new Promise<void>((resolve) => (goOn = resolve));
    const until3 = lists() + 3;
    await page.route('**/reviewer-api/approvals?**', async (route) => {
      if (lists() >= until3) await held;
      await route.continue();
    });
    const { action, every, first, hits } = spreadActions[0];
    await page.goto(`${inbox.server.url}/?box=all&action=${action}`);
    await numbered(page, first + every * (hits - 1)).waitFor();
    await page.getByRole('status').filter({ hasText: 'Loading more' }).waitFor();
    const size = () => rowsOf(page).first().getAttribute('aria-setsize');
    expect(await size()).toBe('-1');
    goOn();
    await until('all are there', async () => (await size()) === String(hits));
    await rest();
    expect(await page.getByText('Loading more').count()).toBe(0);
  });

  it('J, K and “Next” after scrolling away → continue from the open request', async ({ openCounted }) => {
    const { page, rest } = await openCounted('/?box=all&action=action_3');
    const newest = approvals - 37;
    const opened = (number: number) =>
      page.getByRole('heading', { level: 1, name: `Approval ${number}`, exact: true }).waitFor();
    const next = page.locator('.next-link');
    await page.keyboard.press('j');
    await opened(newest);
    await page.keyboard.press('j');
    await opened(newest - 40);
    await next.getByText(`Approval ${newest - 80}`, { exact: true }).waitFor();
    for (const [key, number] of [
      ['j', newest - 80],
      ['k', newest - 40],
    ] as const) {
      await scrollTo(page, 3, '1e9');
      await rest();
      expect(await next.count()).toBe(0);
      await page.keyboard.press(key);
      await opened(number);
      await rest();
      expect(await placeOf(page, number)).toBe((newest - number) / 40 + 1);
    }
  });

  it('updates far down the list → few pages reload, and the scroll position stays', async ({ inbox, openCounted }) => {
    const { page, lists, rest } = await openCounted('/?box=all');
    const deep = approvals - 2500;
    await scrollDownTo(page, deep);
    await rest();
    const top = async () => (await numbered(page, deep).boundingBox())?.y ?? Number.NaN;
    const [before, asked] = [await top(), lists()];
    // One that is on the screen, and one that comes in far above.
    const pending = Math.ceil(deep / 20) * 20;
    await inbox.server.decide(filledId(pending), { decision: 'approve' }, 'ben');
    await inbox.server.ask({ summary: 'Far above' });
    await rowsOf(page)
      .filter({ hasText: `Approval ${pending}` })
      .getByText('by ben')
      .waitFor();
    expect(Math.abs((await top()) - before)).toBeLessThan(2);
    expect(lists() - asked).toBeLessThanOrEqual(2 * mostPages);
    expect(await rowsOf(page).count()).toBeLessThan(mostRows);
  });

  it('J and K → one call for each request', async ({ openCounted }) => {
    const { page, asked } = await openCounted('/?box=all&action=action_3');
    const steps = 15;
    const visited = [approvals - 37];
    for (let step = 0; step < steps; step += 1) {
      await page.keyboard.press('j');
      if (step > 0) visited.push(visited.at(-1)! - 40);
      await page.getByRole('heading', { level: 1, name: `Approval ${visited.at(-1)}`, exact: true }).waitFor();
    }
    for (let step = 1; step < steps; step += 1) {
      await page.keyboard.press('k');
      await page.getByRole('heading', { level: 1, name: `Approval ${visited.at(-1 - step)}`, exact: true }).waitFor();
    }
    const read = asked.filter((each) => /^\/approvals\/req_[^/]+$/.test(each));
    expect(new Set(read).size).toBe(steps);
    expect(await rowsOf(page).count()).toBeLessThan(mostRows);
  });

  it('selected row scrolled out of view → still in the batch', async ({ openCounted }) => {
    const { page } = await openCounted('/');
    await page.getByRole('checkbox', { name: 'Select: Approval 0', exact: true }).check();
    await scrollDownTo(page, 1200 * 20);
    await page.getByRole('checkbox', { name: 'Select: Approval 24000', exact: true }).check();
    await page.getByText('2 requests selected').waitFor();
    await page.getByRole('button', { name: 'Review selected…' }).click();
    await page.getByRole('button', { name: 'Reject 2' }).click();
    // All that were selected are decided, and the results stay to be read.
    await page.getByText('Decided 2 requests.').waitFor();
    await until(
      'they left the list',
      async () => (await rowsOf(page).filter({ hasText: 'Approval 24000' }).count()) === 0,
    );
    expect(await page.getByRole('dialog').getByRole('row').filter({ hasText: 'Rejected' }).count()).toBe(2);
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('region', { name: 'Selection' }).waitFor({ state: 'detached' });
  });
});

function actionOf(number: number): { action?: string } {
  const spread = spreadActions.find(({ every, first }) => number % every === first);
  return spread === undefined ? {} : { action: spread.action };
}

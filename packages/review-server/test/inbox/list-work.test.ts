import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { until } from '../../../../test/support/until.ts';
import type { Settings } from '../../src/contract/settings.ts';
import { ADMINISTRATORS } from '../test-server.ts';
import { decisionsOf } from './decisions-sent.ts';
import { driverOf } from './drivers.ts';
import { describeInBrowser, inboxTest, rowsOf } from './inbox-test.ts';
import { named } from './new-assistant.ts';

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const it = inboxTest({ reviewers: ADMINISTRATORS }).extend(
  'refunds',
  ({ ask }) =>
    async (count: number, more: (index: number) => object = () => ({})) => {
      const tag = named('refund');
      const askOne = (index: number) =>
        ask({
          action: tag,
          summary: `Refund ${index} of ${tag}`,
          details: { order: `A-${index}`, amount: 10 + index, currency: 'EUR' },
          riskLevel: 'low',
          ...more(index),
        });
      const ids: string[] = [];
      // Few are asked one after the other, since their order counts.
      const atOnce = count > 50 ? 10 : 1;
      while (ids.length < count)
        ids.push(...(await Promise.all(Array.from({ length: atOnce }, (_, offset) => askOne(ids.length + offset)))));
      return { tag, ids };
    },
);
const picture = async (page: Page, name: string) => {
  const folder = process.env['LIST_PICTURES'];
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: `${folder}/${name}.png` });
};
const selection = (page: Page) => page.getByRole('region', { name: 'Selection' });
const selected = (page: Page, text: string) => selection(page).getByText(text, { exact: true }).waitFor();
const dialog = (page: Page) => page.getByRole('dialog');
const titles = (page: Page) => rowsOf(page).locator('.row-title').allInnerTexts();

describeInBrowser('rows', () => {
  it('1440 × 900 → at least 13 whole rows of two lines', async ({ inbox, refunds }) => {
    await refunds(20, (index) => ({
      riskLevel: ['low', 'medium', 'high', 'critical'][index % 4],
      expiresAt: new Date(Date.now() + (index + 1) * 600_000).toISOString(),
      agentName: 'payments',
    }));
    const page = await inbox.open('/', { context: { viewport: { width: 1440, height: 900 } } });
    await rowsOf(page).nth(14).waitFor();
    const whole = await page.evaluate<number>(`(() => {
      const list = document.querySelector('.list-scroller').getBoundingClientRect();
      return [...document.querySelectorAll('.rows > li')].filter((row) => {
        const { top, bottom } = row.getBoundingClientRect();
        return top >= list.top - 0.5 && bottom <= Math.min(list.bottom, innerHeight) + 0.5;
      }).length;
    })()`);
    await picture(page, 'rows');
    expect(whole).toBeGreaterThanOrEqual(13);
  });

  it.for([1024, 1280, 390])(
    '%i px wide, assigned to a group with a long name → the age is whole',
    async (width, { inbox, refunds }) => {
      const { tag, ids } = await refunds(2, () => ({
        agentName: 'payments of the northern region',
        riskLevel: 'critical',
      }));
      const group = `${named('Finance and operations of all')} regions`;
      const bearer = await inbox.server.bearer('ana');
      await inbox.server.post('/reviewer-api/groups', { name: group, members: ['ana', 'ben'] }, bearer);
      const to = { to: { group } };
      expect((await inbox.server.send('PUT', `/reviewer-api/approvals/${ids[0]}/assignment`, to, bearer)).status).toBe(
        200,
      );
      const page = await inbox.open(`/?action=${tag}`, { context: { viewport: { width, height: 700 } } });
      await rowsOf(page).getByText('Assigned to the group').waitFor();
      await picture(page, `assigned-${width}`);
      const clipped = await page.evaluate(`[...document.querySelectorAll('.row-line')].filter((line) => {
      const last = line.lastElementChild.getBoundingClientRect();
      return line.scrollWidth > line.clientWidth || last.right > line.getBoundingClientRect().right + 0.5;
    }).map((line) => line.textContent)`);
      expect(clipped).toEqual([]);
    },
  );
});

describeInBrowser('order', () => {
  it('sort by risk → in the address and after a new visit; outcome questions first', async ({
    inbox,
    refunds,
    ask,
  }) => {
    const { tag } = await refunds(3, (index) => ({ riskLevel: ['low', 'critical', 'high'][index] }));
    await ask({ action: tag, summary: 'A question', details: { holdpoint: { kind: 'outcome' } } });
    const page = await inbox.open(`/?action=${tag}`, { fresh: true });
    await rowsOf(page).nth(3).waitFor();
    expect((await titles(page))[0]).toMatch(/^Did .* happen\?$/);
    await page.getByRole('button', { name: /Sort/ }).click();
    await page.getByRole('option', { name: 'By risk' }).click();
    await until('sorted', async () => (await titles(page))[1]?.startsWith('Refund 1 '));
    expect(new URL(page.url()).searchParams.get('sort')).toBe('risk');
    expect((await titles(page)).map((title) => title.slice(0, 8))).toEqual([
      'Did refu',
      'Refund 1',
      'Refund 2',
      'Refund 0',
    ]);
    await page.goto(`${inbox.server.url}/?action=${tag}`);
    await rowsOf(page).nth(3).waitFor();
    expect((await titles(page))[1]).toMatch(/^Refund 1 /);
    expect(new URL(page.url()).searchParams.get('sort')).toBeNull();
  });
});

describeInBrowser('selection', () => {
  it('click and shift-click → the range; shift-click on a selected one → unselected', async ({
    page,
    goTo,
    refunds,
  }) => {
    const { tag } = await refunds(6);
    await goTo(`/?action=${tag}`);
    const box = (index: number) => rowsOf(page).nth(index).locator('.row-select');
    await box(1).click();
    await box(4).click({ modifiers: ['Shift'] });
    await selected(page, '4 requests selected');
    await box(2).click({ modifiers: ['Shift'] });
    await selected(page, '1 request selected');
    expect(await page.evaluate('String(getSelection())')).toBe('');
    await page.keyboard.press('Escape');
    await selection(page).waitFor({ state: 'detached' });
  });

  it('Shift+J and Shift+K → the range grows and shrinks; X → one more or less; B → the batch', async ({
    page,
    goTo,
    refunds,
  }) => {
    const { tag } = await refunds(6);
    const sent = decisionsOf(page);
    await goTo(`/?action=${tag}`);
    await rowsOf(page).nth(5).waitFor();
    await page.keyboard.press('j');
    for (let step = 0; step < 3; step += 1) await page.keyboard.press('Shift+J');
    await selected(page, '4 requests selected');
    await page.keyboard.press('Shift+K');
    await selected(page, '3 requests selected');
    await page.keyboard.press('x');
    await selected(page, '2 requests selected');
    await page.keyboard.press('b');
    await dialog(page).getByText('Decide 2 requests').waitFor();
    await page.keyboard.press('Escape');
    await dialog(page).waitFor({ state: 'detached' });
    expect(sent).toEqual([]);
  });

  it('Select all, by mouse and by Shift+X → all that match, also those that are not loaded, with their number', async ({
    page,
    goTo,
    refunds,
    read,
  }) => {
    const { tag, ids } = await refunds(230);
    const lists: string[] = [];
    await page.route('**/reviewer-api/approvals?**', async (route) => {
      lists.push(route.request().url());
      await route.continue();
    });
    await goTo(`/?action=${tag}`);
    await rowsOf(page).first().locator('.row-select').click();
    await selected(page, '1 request selected');
    await selection(page).getByRole('button', { name: 'Select all' }).click();
    await selected(page, '230 requests selected');
    await page.keyboard.press('Escape');
    await selection(page).waitFor({ state: 'detached' });
    await page.keyboard.press('Shift+X');
    await selected(page, '230 requests selected');
    await page.keyboard.press('b');
    await dialog(page).getByRole('button', { name: 'Reject 230' }).click();
    await dialog(page).getByText('Decided 230 requests.').waitFor();
    for (const id of [ids[0]!, ids[229]!]) expect((await read(id)).status).toBe('REJECTED');
  }, 150_000);
});

describeInBrowser('like requests', () => {
  it('grouped → one row with what differs; its table has a column for each argument and marks odd values', async ({
    inbox,
    refunds,
    read,
  }) => {
    const { tag, ids } = await refunds(12, (index) => ({
      ...(index === 7 && { details: { order: 'A-7', amount: 17, currency: 'USD' } }),
      ...(index === 11 && { riskLevel: 'critical' }),
    }));
    const page = await inbox.open(`/?action=${tag}`, { fresh: true });
    await rowsOf(page).nth(11).waitFor();
    await page.getByRole('button', { name: 'Group like requests' }).click();
    const head = rowsOf(page).filter({ hasText: `11 × ${tag}` });
    await head.getByText('order: 11 values · amount 10 to 20 · currency "EUR", "USD"').waitFor();
    expect(await rowsOf(page).count()).toBe(2);
    expect(new URL(page.url()).searchParams.get('group')).toBe('like');
    await picture(page, 'group');
    await head
      .getByRole('button', { name: `11 × ${tag}`, exact: false })
      .first()
      .click();
    await until('its requests are rows', async () => (await rowsOf(page).count()) === 13);
    await head.getByRole('button', { name: /^Review/ }).click();
    const table = dialog(page).getByRole('table');
    for (const name of ['order', 'amount', 'currency']) await table.getByRole('columnheader', { name }).waitFor();
    const odd = table.locator('[data-unusual=true]');
    await odd.filter({ hasText: '"USD"' }).waitFor();
    expect(await odd.count()).toBe(1);
    await picture(page, 'table');
    await dialog(page).getByRole('button', { name: 'Approve 11' }).click();
    await dialog(page).getByText('Decided 11 requests.').waitFor();
    await dialog(page).getByRole('button', { name: 'Done' }).click();
    expect((await read(ids[0]!)).status).toBe('APPROVED');
    expect((await read(ids[11]!)).status).toBe('PENDING');
  });

  it('by keyboard: G → the table of the open request’s group; each decision has the digest of its own row', async ({
    inbox,
    refunds,
  }) => {
    const { tag, ids } = await refunds(3);
    const page = await inbox.open(`/?action=${tag}&group=like`, { fresh: true });
    const bodies: { shown: Record<string, string> }[] = [];
    page.on('request', (request) => {
      if (request.url().endsWith('/approvals/decide')) bodies.push(request.postDataJSON() as (typeof bodies)[number]);
    });
    await rowsOf(page).first().waitFor();
    await page.keyboard.press('j');
    await page.getByRole('heading', { level: 1, name: /^Refund 0/ }).waitFor();
    await page.keyboard.press('g');
    await dialog(page).getByText('Decide 3 requests').waitFor();
    await dialog(page).getByText('"A-2"').waitFor();
    await page.keyboard.type('ok');
    await driverOf('keyboard', page).press('Approve 3');
    await dialog(page).getByText('Decided 3 requests.').waitFor();
    const digests = Object.values(bodies[0]!.shown);
    expect(Object.keys(bodies[0]!.shown).toSorted()).toEqual(ids.toSorted());
    expect(new Set(digests).size).toBe(3);
  });
});

describeInBrowser('saved filters', () => {
  it('by keyboard: saved with a name, in another browser, opened, removed', async ({ inbox, refunds }) => {
    const { tag } = await refunds(2);
    const read = async () =>
      (await inbox.server.get<Settings>('/reviewer-api/settings', await inbox.server.bearer('ben'))).body.savedFilters;
    const page = await inbox.open(`/?action=${tag}&risk=low`, { as: 'ben', fresh: true });
    await page.getByRole('button', { name: 'Save filter…' }).waitFor();
    await page.keyboard.press('f');
    await page.keyboard.press('Enter');
    await page.getByLabel('Name').waitFor();
    await page.keyboard.press('Enter');
    await page.getByText('Enter a name.').waitFor();
    await page.keyboard.type('Small refunds');
    await page.keyboard.press('Enter');
    const link = (each: Page) => each.getByRole('link', { name: 'Small refunds' });
    await link(page).and(page.locator('[aria-current=page]')).waitFor();
    await until('it is on the server', async () => (await read())?.length === 1);
    const other = await inbox.open('/', { as: 'ben', fresh: true });
    await link(other).waitFor();
    await other.keyboard.press('f');
    await other.keyboard.press('Enter');
    await until('the address has the filter', () => Promise.resolve(other.url().includes(`action=${tag}&risk=low`)));
    await until('two rows', async () => (await rowsOf(other).count()) === 2);
    await picture(other, 'saved');
    await other.keyboard.press('f');
    await other.keyboard.press('Tab');
    await other.keyboard.press('Enter');
    await link(other).waitFor({ state: 'detached' });
    await until('it is gone', async () => (await read())?.length === 0);
  });
});

describeInBrowser('auto-advance', () => {
  it('on: a decision opens the next request, says so, focuses its heading; a key within 300 ms decides nothing', async ({
    inbox,
    refunds,
    read,
  }) => {
    const { tag, ids } = await refunds(3);
    await inbox.server.send('PATCH', '/reviewer-api/settings', { autoAdvance: true }, await inbox.server.bearer('ana'));
    const page = await inbox.open(`/?action=${tag}`, { fresh: true });
    await rowsOf(page).nth(2).waitFor();
    const heading = (index: number) => page.getByRole('heading', { level: 1, name: new RegExp(`^Refund ${index} `) });
    await page.keyboard.press('j');
    await heading(0).waitFor();
    // Presses A once more as soon as the next request is on the screen.
    await page.evaluate(`new MutationObserver((_, observer) => {
      if (!document.querySelector('h1')?.textContent.startsWith('Refund 1 ')) return;
      observer.disconnect();
      document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 'a', bubbles: true, cancelable: true }));
    }).observe(document.body, { childList: true, subtree: true })`);
    await page.keyboard.press('a');
    await heading(1).waitFor();
    await heading(1).and(page.locator(':focus')).waitFor();
    await page.getByRole('status').filter({ hasText: 'Decided: Refund 0' }).waitFor();
    await until('the first is decided', async () => (await read(ids[0]!)).status === 'APPROVED');
    expect((await read(ids[1]!)).status).toBe('PENDING');
    await picture(page, 'advance');
    await inbox.server.send('PATCH', '/reviewer-api/settings', { autoAdvance: null }, await inbox.server.bearer('ana'));
  });
});

describeInBrowser('list on every screen', () => {
  it.for([
    ['light', {}],
    ['dark', { colorScheme: 'dark' }],
    ['phone', { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true }],
  ] as const)(
    '%s → groups, selection and table fit the screen, and axe finds nothing',
    async ([name, context], { inbox, refunds }) => {
      const { tag } = await refunds(4, (index) => ({ ...(index === 3 && { riskLevel: 'high' }) }));
      const page = await inbox.open(`/?action=${tag}&group=like`, {
        context: { viewport: { width: 1280, height: 800 }, bypassCSP: true, ...context },
      });
      const check = async (part = 'document') => {
        expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
        const { violations } = await page.evaluate<{ violations: { id: string; nodes: unknown }[] }>(
          `axe.run(${part}, { resultTypes: ["violations"] })`,
        );
        expect(violations).toEqual([]);
      };
      await rowsOf(page).filter({ hasText: 'amount 10 to 13' }).waitFor();
      await page.addScriptTag({ path: axePath });
      await rowsOf(page).first().locator('.row-select').click();
      await selected(page, '4 requests selected');
      await picture(page, `${name}-list`);
      await check();
      await selection(page).getByRole('button', { name: 'Review selected…' }).click();
      await dialog(page).getByText('"A-0"').waitFor();
      await picture(page, `${name}-table`);
      await check('"[role=dialog]"');
    },
  );
});

import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { PASSWORDS as passwords } from '../test-server.ts';
import { describeInBrowser, inboxTest } from './inbox-test.ts';

const sizes = [
  ['desktop', {}],
  ['phone', { viewport: { width: 390, height: 800 }, hasTouch: true, isMobile: true }],
] as const;
const manyFields = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`field_${index}`, `value ${index}`]));

const it = inboxTest({ reviewers: [{ name: 'ana', password: passwords.ana }] });
const approveOf = (page: Page) => page.getByRole('button', { name: /^Approve/ });
const whyOff = (page: Page) => page.getByText('Approve is off until the last argument has been on the screen.');
const isOff = (page: Page) => approveOf(page).and(page.locator('[disabled], [aria-disabled=true]')).count();
const scrollTo = (page: Page, text: string) =>
  page.getByRole('main').getByText(text, { exact: true }).scrollIntoViewIfNeeded();
const heightOfPage = (page: Page) => page.evaluate<number>('document.documentElement.scrollHeight - innerHeight');

describeInBrowser.each(sizes)('arguments of a risky request, %s', (_, context) => {
  it.for(['high', 'critical'])(
    '%s, last argument below → off, and no key approves',
    async (riskLevel, { inbox, ask, read }) => {
      const id = await ask({ riskLevel, details: manyFields });
      const page = await inbox.open(`/approvals/${id}`, { context });
      await whyOff(page).waitFor();
      expect(await isOff(page)).toBe(1);
      await page.keyboard.press('a', { delay: 1300 });
      await approveOf(page).focus();
      await page.keyboard.press('Enter', { delay: 1300 });
      expect((await read(id)).status).toBe('PENDING');
      await scrollTo(page, 'field_20');
      expect(await isOff(page)).toBe(1);
      await scrollTo(page, 'field_39');
      await scrollTo(page, 'value 39');
      await page.mouse.wheel(0, 40);
      await whyOff(page).waitFor({ state: 'detached' });
      expect(await isOff(page)).toBe(0);
      await page.getByRole('status').filter({ hasText: 'Approve is on.' }).waitFor({ state: 'attached' });
      await page.keyboard.press('a', { delay: 1300 });
      await page.getByText('Approved by you').waitFor();
    },
  );

  it('everything visible at once → on from the beginning', async ({ inbox, ask }) => {
    const page = await inbox.open(`/approvals/${await ask({ riskLevel: 'high', details: { to: 'ana' } })}`, {
      context,
    });
    await approveOf(page).waitFor();
    expect([await isOff(page), await whyOff(page).count()]).toEqual([0, 0]);
  });

  it('summary, reason and justification of 56 KB → folded, and the arguments are on the screen', async ({
    inbox,
    ask,
  }) => {
    const id = await ask({
      riskLevel: 'high',
      summary: `Pay. ${'All is well. '.repeat(4400)}`,
      justification: 'Trust me. '.repeat(5600),
      riskReason: 'Because it is needed. '.repeat(90),
      details: { to: 'eve', amount: 999 },
    });
    const page = await inbox.open(`/approvals/${id}`, { context });
    const box = await page.getByText('eve', { exact: true }).boundingBox();
    const footer = await page.getByRole('group', { name: 'Your decision' }).boundingBox();
    expect(box!.y + box!.height).toBeLessThan(footer!.y);
    expect(await isOff(page)).toBe(0);
    const main = page.getByRole('main');
    expect((await main.innerText()).length).toBeLessThan(4000);
    expect(await main.innerText()).toMatch(/Exact arguments[^]*The assistant says\s+unverified\s+Why it needs review/);
    await page.getByRole('button', { name: /^Show all 57,\d{3} characters/ }).click();
    await page.getByRole('button', { name: 'Show less' }).waitFor();
    expect((await page.title()).length).toBeLessThan(300);
  });

  it('keyboard only: “Show more arguments”, hidden parts first → on at the end', async ({ inbox, ask }) => {
    const details = { ...manyFields, list: Array.from({ length: 80 }, (_, index) => index), text: 'word '.repeat(600) };
    const page = await inbox.open(`/approvals/${await ask({ riskLevel: 'high', details })}`, { context });
    await page.getByText('2 parts are hidden.').waitFor();
    await page.keyboard.press('m');
    await page.getByText('2 parts are hidden.').waitFor({ state: 'detached' });
    const more = page.getByRole('button', { name: 'Show more arguments' });
    for (let presses = 0; (await more.count()) > 0; presses += 1) {
      expect(presses).toBeLessThan(40);
      await page.keyboard.press('m');
      await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
    }
    expect(await isOff(page)).toBe(0);
    expect(await page.getByRole('main').innerText()).toContain('79');
  });

  it('button pressed by Enter until the end → the focus is not on Approve', async ({ inbox, ask, read }) => {
    const id = await ask({ riskLevel: 'high', details: manyFields });
    const page = await inbox.open(`/approvals/${id}`, { context });
    const more = page.getByRole('button', { name: 'Show more arguments' });
    await more.focus();
    for (let presses = 0; presses < 12; presses += 1) {
      await page.keyboard.press('Enter');
      await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
    }
    await more.waitFor({ state: 'detached' });
    expect((await read(id)).status).toBe('PENDING');
  });

  it('edit → Approve with changes stays off until the end of the form', async ({ inbox, ask, read }) => {
    const id = await ask({ riskLevel: 'high', details: manyFields });
    const page = await inbox.open(`/approvals/${id}`, { context });
    await page.getByRole('button', { name: /^Edit/ }).click();
    await page.getByLabel('field_0', { exact: true }).fill('changed');
    await whyOff(page).waitFor();
    expect(await isOff(page)).toBe(1);
    await page.getByLabel('Note', { exact: true }).focus();
    await page.keyboard.press('Control+Enter');
    expect((await read(id)).status).toBe('PENDING');
    await page.getByRole('heading', { name: 'Changes' }).scrollIntoViewIfNeeded();
    await whyOff(page).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Approve with changes' }).click();
    await page.getByText('Approved with changes by you').waitFor();
  });

  it('edit with a text that scrolls inside itself → off until that text was scrolled to its end', async ({
    inbox,
    ask,
    read,
  }) => {
    const text = Array.from({ length: 60 }, (_, index) => `line ${index}`).join('\n');
    const id = await ask({ riskLevel: 'high', details: { text } });
    const page = await inbox.open(`/approvals/${id}`, { context });
    await whyOff(page).waitFor();
    await page.getByRole('button', { name: /^Edit/ }).click();
    const field = page.getByLabel('text', { exact: true });
    await field.focus();
    await page.keyboard.press('Control+Home');
    await page.keyboard.type('x');
    await page.getByRole('heading', { name: 'Changes' }).scrollIntoViewIfNeeded();
    await page.mouse.wheel(0, 4000);
    await page.locator('.arguments-end').scrollIntoViewIfNeeded();
    await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
    expect(await isOff(page)).toBe(1);
    const more = page.getByRole('button', { name: 'Show more arguments' });
    for (let presses = 0; (await more.count()) > 0; presses += 1) {
      expect(presses).toBeLessThan(20);
      await more.click();
      await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
    }
    expect(await page.evaluate<number>('document.getElementById("edit_text").scrollTop')).toBeGreaterThan(200);
    await page.getByRole('button', { name: 'Approve with changes' }).click();
    await page.getByText('Approved with changes by you').waitFor();
    expect((await read(id)).modifiedDetails).toEqual({ text: `x${text}` });
  });

  it('outcome question with a long call → its two answers that matter are off until the end', async ({
    inbox,
    ask,
    read,
  }) => {
    const question = {
      action: 'refund:outcome-unknown',
      riskLevel: 'high',
      details: { outcome: 'happened', holdpoint: { kind: 'outcome', mac: 'm', context: manyFields } },
    };
    const id = await ask(question);
    const page = await inbox.open(`/approvals/${id}`, { context });
    await page
      .getByText('“It happened” and “It did not happen” are off until the last argument has been on the screen.')
      .waitFor();
    const off = page.getByRole('group', { name: 'Did it happen?' }).locator('button:disabled');
    expect(await off.allInnerTexts()).toEqual([
      expect.stringContaining('It happened'),
      expect.stringContaining('It did not'),
    ]);
    for (const key of ['1', '2']) await page.keyboard.press(key);
    expect((await read(id)).status).toBe('PENDING');
    const more = page.getByRole('button', { name: 'Show more arguments' });
    for (let presses = 0; (await more.count()) > 0; presses += 1) {
      expect(presses).toBeLessThan(20);
      await page.keyboard.press('m');
      await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
    }
    await page.keyboard.press('1');
    await page.locator('[data-ended]').waitFor();
    expect((await read(id)).status).toBe('APPROVED');
    const givenUp = await ask(question);
    await page.goto(`${inbox.server.url}/approvals/${givenUp}`);
    await page.getByRole('button', { name: /^Give up/ }).click();
    await page.locator('[data-ended]').waitFor();
    expect((await read(givenUp)).status).toBe('REJECTED');
  });

  it('next request → starts again', async ({ inbox, ask }) => {
    const page = await inbox.open(
      `/approvals/${await ask({ riskLevel: 'high', details: { to: 'ana' }, summary: 'Short' })}`,
      {
        context,
      },
    );
    await approveOf(page).waitFor();
    expect(await isOff(page)).toBe(0);
    const long = await ask({ riskLevel: 'high', details: manyFields, summary: 'Long' });
    await page.goto(`${inbox.server.url}/approvals/${long}`);
    await whyOff(page).waitFor();
    expect(await isOff(page)).toBe(1);
  });

  it('low and medium risk → never off', async ({ inbox, ask }) => {
    const page = await inbox.open(`/approvals/${await ask({ riskLevel: 'medium', details: manyFields })}`, { context });
    await approveOf(page).waitFor();
    expect(await isOff(page)).toBe(0);
  });

  it('long request → the page itself does not scroll', async ({ inbox, ask }) => {
    const id = await ask({
      details: { ...manyFields, text: 'x'.repeat(5000) },
      runUrl: 'https://run.example/1',
      riskLevel: 'high',
    });
    const page = await inbox.open(`/approvals/${id}`, { context });
    await approveOf(page).waitFor();
    expect(await heightOfPage(page)).toBe(0);
    await page.getByRole('button', { name: /^Edit/ }).click();
    await page.getByRole('heading', { name: 'Changes' }).waitFor();
    expect(await heightOfPage(page)).toBe(0);
    await page.goto(inbox.server.url);
    await page.getByRole('region', { name: 'Requests' }).waitFor();
    expect(await heightOfPage(page)).toBe(0);
  });

  it('batch with a long high-risk request → off until its arguments have been on the screen', async ({
    inbox,
    ask,
    read,
  }) => {
    const ids = [
      await ask({ riskLevel: 'high', details: manyFields, summary: 'Batched, long', agentName: 'batch' }),
      await ask({ details: { to: 'ana' }, summary: `Batched, short ${'word '.repeat(3000)}` }),
    ];
    const page = await inbox.open('/?q=Batched', { context });
    for (const name of [/Select: Batched, long/, /Select: Batched, short/])
      await page.getByRole('checkbox', { name }).first().check();
    await page.getByRole('button', { name: /Review selected/ }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Approve is off until all arguments of 1 more high-risk request').waitFor();
    expect(await isOff(page)).toBe(1);
    expect(await dialog.innerText()).toContain('"to": "ana"');
    expect((await dialog.innerText()).length).toBeLessThan(5000);
    const more = dialog.getByRole('button', { name: 'Show more arguments' });
    await more.focus();
    for (let presses = 0; (await more.count()) > 0; presses += 1) {
      expect(presses).toBeLessThan(20);
      await page.keyboard.press('Enter');
      await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
    }
    await dialog.getByRole('button', { name: 'Approve 2' }).click();
    await dialog.getByText('Decided 2 requests.').waitFor();
    for (const id of ids) expect((await read(id)).status).toBe('APPROVED');
  });
});

describeInBrowser('claims and marks', () => {
  it('names that a program gives itself → in quotes, after the assistant of the key', async ({ show, page }) => {
    await show({ agentName: 'Treasury', onBehalfOf: 'the CEO', riskReason: 'A rule.', justification: 'Please.' });
    const text = await page.getByRole('main').innerText();
    expect(text).toContain('Requested by comms · says it is “Treasury” and acts for “the CEO”');
    expect(text).toMatch(/The assistant says\s+unverified\s+Why it needs review\s+A rule\.\s+Justification\s+Please\./);
  });

  it('look-alikes, combining marks and spaces at the edges of keys and values → marked', async ({ show, page }) => {
    await show({
      details: { 'to ': 'p\u0430ypal', '\u0441\u043E\u0440\u0443': 'a\u0301', wide: '\uFF50ay', note: ' x  ' },
    });
    const main = page.getByRole('main');
    const keys = await main.getByRole('term').allInnerTexts();
    expect(keys.slice(0, 2)).toEqual(['toU+0020', '\u0441U+0441\u043EU+043E\u0440U+0440\u0443U+0443']);
    for (const mark of ['U+0430', 'U+0301', 'U+FF50', 'U+0020 ×2'])
      expect(await main.getByText(mark, { exact: true }).first().isVisible()).toBe(true);
  });
});

import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from '../../../../test/support/chromium.ts';
import { until } from '../../../../test/support/until.ts';
import { decisionsOf, drawn, keyScript, passed } from './decisions-sent.ts';
import { PASSWORDS } from '../test-server.ts';
import { expectFocusOn, startInboxInBrowser, type InboxInBrowser } from './inbox-in-browser.ts';

const OUTCOME = {
  action: 'refund:outcome-unknown',
  details: { outcome: 'happened', holdpoint: { kind: 'outcome', mac: 'm' } },
};

describe.skipIf(chromiumPath === undefined)('keys that decide', () => {
  let inbox: InboxInBrowser;
  beforeAll(async () => {
    inbox = await startInboxInBrowser('sqlite::memory:');
  });
  afterAll(() => inbox.close());
  const expectNoProblems = () => expect(inbox.problems.splice(0)).toEqual([]);
  afterEach(async () => {
    for (const context of inbox.browser.contexts()) await context.close();
    expectNoProblems();
  });

  const show = async (more: object = {}) => {
    const { id } = (await inbox.server.ask(more)).body;
    const page = await inbox.open(`/approvals/${id}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    return { page, id, sent: decisionsOf(page) };
  };
  const statusOf = async (id: string) => (await inbox.server.get(`/api/approvals/${id}`)).body.status;
  const claimAsBen = async (id: string) =>
    inbox.server.send('PUT', `/reviewer-api/approvals/${id}/claim`, undefined, await inbox.server.bearer('ben'));
  /** Runs the script in the moment in which the page shows it. */
  const atSight = (page: Page, selector: string, text: string, script: string) =>
    page.evaluate(`void new MutationObserver((_changes, observer) => {
    if (!document.querySelector('${selector}')?.textContent.includes('${text}')) return;
    observer.disconnect();
    ${script}
    window.wasPressed = true;
  }).observe(document.body, { childList: true, subtree: true, characterData: true })`);
  const pressed = (page: Page) =>
    until('the page pressed the key', () => page.evaluate<boolean>('window.wasPressed === true'), 15_000);

  it.each([
    ['a', {}],
    ['1', OUTCOME],
  ])('%s as another person’s claim appears → refused and said; 300 ms later → decided', async (key, more) => {
    const { page, id, sent } = await show(more);
    await atSight(page, '.headline', 'ben is on it', keyScript(key));
    await claimAsBen(id);
    await pressed(page);
    await page.getByText('This request changed just now. Nothing was decided.').waitFor();
    expect(sent).toEqual([]);
    await passed(page, 300);
    await page.keyboard.press(key);
    await page.locator('[data-ended]').waitFor();
    expect(sent).toHaveLength(1);
  });

  it('Enter on Approve as another person’s claim appears → refused', async () => {
    const { page, id, sent } = await show();
    await page.getByRole('button', { name: /^Approve/ }).focus();
    await atSight(
      page,
      '.headline',
      'ben is on it',
      `${keyScript('Enter')} document.activeElement.dispatchEvent(new KeyboardEvent('keyup', { key: 'Enter', bubbles: true }));`,
    );
    await claimAsBen(id);
    await pressed(page);
    await page.getByText('This request changed just now').waitFor();
    expect(sent).toEqual([]);
    expect(await statusOf(id)).toBe('PENDING');
  });

  it('Enter down on Approve as another person’s claim appears, up 300 ms later → refused', async () => {
    const { page, id, sent } = await show();
    await page.getByRole('button', { name: /^Approve/ }).focus();
    await atSight(page, '.headline', 'ben is on it', keyScript('Enter'));
    await claimAsBen(id);
    await pressed(page);
    await passed(page, 300);
    await page.evaluate(keyScript('Enter').replace('keydown', 'keyup'));
    await page.getByText('This request changed just now').waitFor();
    expect(sent).toEqual([]);
    expect(await statusOf(id)).toBe('PENDING');
  });

  it('A as the sign-in brings the request back → refused', async () => {
    const { page, id, sent } = await show();
    await page.context().clearCookies();
    await page.evaluate('fetch("/reviewer-api/session", { method: "DELETE" })');
    await page.keyboard.press('i');
    await page.getByLabel('Name').fill('ana');
    await page.getByLabel('Password').fill(PASSWORDS.ana);
    await atSight(page, '.answers', 'Approve', keyScript('a'));
    await page.keyboard.press('Enter');
    await pressed(page);
    await page.getByText('This request changed just now').waitFor();
    expect(sent).toEqual([]);
    expect(await statusOf(id)).toBe('PENDING');
  });

  it('E while A is held for a critical request → nothing approved, and Approve can be held again', async () => {
    const { page, id, sent } = await show({ riskLevel: 'critical' });
    await page.keyboard.down('a');
    await page.getByText('Keep holding').waitFor();
    await page.keyboard.press('e');
    await page.getByText('Keep holding').waitFor({ state: 'detached' });
    await page.keyboard.up('a');
    await page.getByLabel('subject').waitFor();
    await page.keyboard.press('Escape');
    expect(sent).toEqual([]);
    await page.keyboard.down('a');
    await page.getByText('Approved by you').waitFor();
    await page.keyboard.up('a');
    expect(sent).toEqual([`/reviewer-api/approvals/${id}/decide`]);
  });

  it('A as “back” brings another request → refused', async () => {
    const { page, id, sent } = await show({ summary: 'The first one' });
    const second = (await inbox.server.ask({ summary: 'The second one' })).body.id;
    await page.getByRole('link', { name: /^The second one/ }).click();
    await page.getByRole('heading', { level: 1, name: 'The second one' }).waitFor();
    await atSight(page, '#headline', 'The first one', keyScript('a'));
    await page.goBack();
    await pressed(page);
    await drawn(page);
    expect(sent).toEqual([]);
    expect([await statusOf(id), await statusOf(second)]).toEqual(['PENDING', 'PENDING']);
  });

  it('A after J → decides at once on the request that is shown', async () => {
    const action = `walked-${Math.random()}`;
    const ids: string[] = [];
    for (const summary of ['Walk one', 'Walk two']) ids.push((await inbox.server.ask({ action, summary })).body.id);
    const page = await inbox.open(`/approvals/${ids[0]}?action=${action}`);
    await page.getByRole('listitem').nth(1).waitFor();
    const sent = decisionsOf(page);
    await atSight(page, '#headline', 'Walk two', keyScript('a'));
    await page.keyboard.press('j');
    await page.getByText('Approved by you').waitFor();
    expect(sent).toEqual([`/reviewer-api/approvals/${ids[1]}/decide`]);
    expect(await statusOf(ids[0]!)).toBe('PENDING');
  });

  it('A held for a critical request that changes meanwhile → nothing approved', async () => {
    const { page, id, sent } = await show({ riskLevel: 'critical' });
    let goOn = () => {};
    const held = new Promise<void>((resolve) => (goOn = resolve));
    await page.route(`**/reviewer-api/approvals/${id}`, async (route) => {
      await held;
      await route.continue();
    });
    const asked = page.waitForRequest(`**/reviewer-api/approvals/${id}`);
    await claimAsBen(id);
    await asked;
    await page.keyboard.down('a');
    await page.getByText('Keep holding').waitFor();
    goOn();
    await page.getByText('ben is on it').first().waitFor();
    await page.getByText('Keep holding').waitFor({ state: 'detached' });
    await page.getByText('This request changed just now').waitFor();
    await page.keyboard.up('a');
    expect(sent).toEqual([]);
    expect(await statusOf(id)).toBe('PENDING');
  });

  it.each([
    ['AltGr', { modifierAltGraph: true }],
    ['Ctrl and Alt, as Windows reports AltGr', { ctrlKey: true, altKey: true }],
    ['Ctrl', { ctrlKey: true }],
    ['Meta', { metaKey: true }],
    ['Alt', { altKey: true }],
    ['a held key', { repeat: true }],
    ['an input method', { isComposing: true }],
    ['key code 229', { keyCode: 229 }],
  ])('A with %s → nothing', async (_name, more) => {
    const { page, id, sent } = await show();
    await page.evaluate(
      `for (const key of ['a', 'r', 'e', 'i', '?', 'j']) { ${keyScript('a', more).replace('"key":"a"', 'key')} }`,
    );
    await drawn(page);
    expect(sent).toEqual([]);
    expect(new URL(page.url()).pathname).toBe(`/approvals/${id}`);
    expect(await page.getByRole('dialog').count()).toBe(0);
    expect(await page.locator('.answers').getAttribute('data-mode')).toBe('none');
    await page.keyboard.press('a');
    await page.getByText('Approved by you').waitFor();
  });

  it('A held since before the request was opened → nothing', async () => {
    const summary = `Held ${Math.random()}`;
    const { id } = (await inbox.server.ask({ summary })).body;
    const page = await inbox.open('/');
    const sent = decisionsOf(page);
    await page.getByRole('listitem').filter({ hasText: summary }).waitFor();
    await page.keyboard.down('a');
    await page.getByRole('listitem').filter({ hasText: summary }).getByRole('link').click();
    await page.getByRole('heading', { level: 1, name: summary }).waitFor();
    for (let times = 0; times < 5; times += 1) await page.keyboard.down('a');
    await page.keyboard.up('a');
    await drawn(page);
    expect(sent).toEqual([]);
    expect(await statusOf(id)).toBe('PENDING');
  });

  it.each([
    ['a', {}],
    ['1', OUTCOME],
  ])('%s twice, and more keys during the call → one decision', async (key, more) => {
    const { page, sent } = await show(more);
    let goOn = () => {};
    const held = new Promise<void>((resolve) => (goOn = resolve));
    await page.route('**/decide', async (route) => {
      await held;
      await route.continue();
    });
    await page.evaluate(keyScript(key) + keyScript(key));
    await page.keyboard.type('a1are23a');
    await page.keyboard.press('Control+Enter');
    await drawn(page);
    goOn();
    await page.locator('[data-ended]').waitFor();
    await page.keyboard.type('a1re23a');
    await drawn(page);
    expect(sent).toHaveLength(1);
  });

  it('Approve in the batch pressed twice → one call', async () => {
    const action = `twice-${Math.random()}`;
    await inbox.server.ask({ action, summary: 'One' });
    const page = await inbox.open(`/?action=${action}`);
    const sent = decisionsOf(page);
    await page.getByRole('checkbox', { name: 'Select: One' }).check();
    await page.getByRole('button', { name: /^Look at them/ }).click();
    await expectFocusOn(page.getByLabel('Note for all of them'));
    await page.evaluate(
      `{ const button = document.querySelector('[role=dialog] .button-approve'); button.click(); button.click(); }`,
    );
    await page.getByText('1 approval decided by you.').waitFor();
    expect(sent).toHaveLength(1);
  });

  it('a decision that failed → the same key sends it again', async () => {
    const { page, id, sent } = await show();
    await page.route('**/decide', (route) => route.abort(), { times: 1 });
    await page.keyboard.press('a');
    await page.getByRole('alert').filter({ hasText: 'can’t be reached' }).waitFor();
    await page.keyboard.press('a');
    await page.getByText('Approved by you').waitFor();
    expect(sent).toHaveLength(2);
    expect(await statusOf(id)).toBe('APPROVED');
  });
});

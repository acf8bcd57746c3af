import type { Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { until } from '../../../../test/support/until.ts';
import { PASSWORDS as passwords } from '../test-server.ts';
import { decisionsOf, drawn, keyScript, passed } from './decisions-sent.ts';
import { expectFocusOn } from './inbox-in-browser.ts';
import { describeInBrowser, inboxTest } from './inbox-test.ts';
import { named } from './new-assistant.ts';

const outcomeQuestion = {
  action: 'refund:outcome-unknown',
  details: { outcome: 'happened', holdpoint: { kind: 'outcome', mac: 'm' } },
};

const it = inboxTest()
  .extend('opened', ({ page, show }) => async (more: object = {}) => {
    const id = await show(more);
    await page.getByText('Live', { exact: true }).waitFor();
    await passed(page, 300);
    return { id, sent: decisionsOf(page) };
  })
  .extend(
    'statusOf',
    ({ read }) =>
      async (id: string) =>
        (await read(id)).status,
  )
  .extend(
    'claimAsBen',
    ({ inbox }) =>
      async (id: string) =>
        inbox.server.send('PUT', `/reviewer-api/approvals/${id}/claim`, undefined, await inbox.server.bearer('ben')),
  );

/** Runs the script at the moment the page shows the text. */
const atSight = (page: Page, selector: string, text: string, script: string) =>
  page.evaluate(`void new MutationObserver((_changes, observer) => {
    if (!document.querySelector('${selector}')?.textContent.includes('${text}')) return;
    observer.disconnect();
    ${script}
    window.wasPressed = true;
  }).observe(document.body, { childList: true, subtree: true, characterData: true })`);
const pressed = (page: Page) =>
  until('the page pressed the key', () => page.evaluate<boolean>('window.wasPressed === true'));
/** The page explains itself and no decision leaves it. */
async function expectRefused(page: Page, sent: string[]): Promise<void> {
  await page.getByText('The request has just changed').waitFor();
  expect(sent).toEqual([]);
}

describeInBrowser('keys that decide', () => {
  it.for([
    ['a', {}],
    ['1', outcomeQuestion],
  ] as const)(
    '%s as another reviewer’s claim appears → refused with a notice; 300 ms later → decided',
    async ([key, more], { page, opened, claimAsBen }) => {
      const { id, sent } = await opened(more);
      await atSight(page, '.headline', 'Claimed by ben', keyScript(key));
      await claimAsBen(id);
      await pressed(page);
      await page.getByText('The request has just changed.').waitFor();
      expect(sent).toEqual([]);
      await passed(page, 300);
      await page.keyboard.press(key);
      await page.locator('[data-ended]').waitFor();
      expect(sent).toHaveLength(1);
    },
  );

  it('Enter on Approve as another reviewer’s claim appears → refused', async ({
    page,
    opened,
    statusOf,
    claimAsBen,
  }) => {
    const { id, sent } = await opened();
    await page.getByRole('button', { name: /^Approve/ }).focus();
    await atSight(
      page,
      '.headline',
      'Claimed by ben',
      `${keyScript('Enter')} document.activeElement.dispatchEvent(new KeyboardEvent('keyup', { key: 'Enter', bubbles: true }));`,
    );
    await claimAsBen(id);
    await pressed(page);
    await expectRefused(page, sent);
    expect(await statusOf(id)).toBe('PENDING');
  });

  it('Enter down on Approve as another reviewer’s claim appears, up 300 ms later → refused', async ({
    page,
    opened,
    statusOf,
    claimAsBen,
  }) => {
    const { id, sent } = await opened();
    await page.getByRole('button', { name: /^Approve/ }).focus();
    await atSight(page, '.headline', 'Claimed by ben', keyScript('Enter'));
    await claimAsBen(id);
    await pressed(page);
    await passed(page, 300);
    await page.evaluate(keyScript('Enter').replace('keydown', 'keyup'));
    await expectRefused(page, sent);
    expect(await statusOf(id)).toBe('PENDING');
  });

  it('A as the sign-in brings the request back → refused', async ({ inbox, ask, statusOf }) => {
    const id = await ask();
    const page = await inbox.open(`/approvals/${id}`, { fresh: true });
    const sent = decisionsOf(page);
    await page.getByText('Live', { exact: true }).waitFor();
    await page.evaluate('fetch("/reviewer-api/session", { method: "DELETE" })');
    await page.keyboard.press('i');
    await page.getByLabel('Name').fill('ana');
    await page.getByLabel('Password').fill(passwords.ana);
    await atSight(page, '.answers', 'Approve', keyScript('a'));
    await page.keyboard.press('Enter');
    await pressed(page);
    await expectRefused(page, sent);
    expect(await statusOf(id)).toBe('PENDING');
  });

  it('E while A is held for a critical request → nothing approved, and Approve can be held again', async ({
    page,
    opened,
  }) => {
    const { id, sent } = await opened({ riskLevel: 'critical' });
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

  it('A as “back” brings another request → refused', async ({ inbox, page, opened, statusOf }) => {
    const { id, sent } = await opened({ summary: 'The first one' });
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

  it('A pressed while the page is busy with a change → refused', async ({ page, opened, claimAsBen, statusOf }) => {
    const { id, sent } = await opened();
    const busy = 'for (const from = performance.now(); performance.now() - from < 400; );';
    await atSight(page, '.headline', 'Claimed by ben', busy + keyScript('a'));
    await claimAsBen(id);
    await pressed(page);
    await expectRefused(page, sent);
    expect(await statusOf(id)).toBe('PENDING');
  });

  it('A after J → decides at once on the request that is shown', async ({ inbox, page, goTo, statusOf }) => {
    const action = named('walked');
    const ids: string[] = [];
    for (const summary of ['Walk one', 'Walk two']) ids.push((await inbox.server.ask({ action, summary })).body.id);
    await goTo(`/approvals/${ids[0]}?action=${action}`);
    await page.getByRole('listitem').nth(1).waitFor();
    const sent = decisionsOf(page);
    await atSight(page, '#headline', 'Walk two', keyScript('a'));
    await page.keyboard.press('j');
    await page.getByText('Approved by you').waitFor();
    expect(sent).toEqual([`/reviewer-api/approvals/${ids[1]}/decide`]);
    expect(await statusOf(ids[0]!)).toBe('PENDING');
  });

  it('A held for a critical request that changes meanwhile → nothing approved', async ({
    page,
    opened,
    statusOf,
    claimAsBen,
  }) => {
    const { id, sent } = await opened({ riskLevel: 'critical' });
    let goOn = () => {};
    const held = new Promise<void>((resolve) => (goOn = resolve));
    await page.route(`**/reviewer-api/approvals/${id}`, async (route) => {
      await held;
      await route.continue();
    });
    const asked = page.waitForRequest(`**/reviewer-api/approvals/${id}`);
    await claimAsBen(id);
    await asked;
    // A longer hold, so that the change arrives within it on a slow machine too.
    await page.evaluate(
      'const wait = window.setTimeout; window.setTimeout = (call, ms, ...more) => wait(call, ms === 1000 ? 5000 : ms, ...more); undefined',
    );
    onTestFinished(() => page.keyboard.up('a'));
    await page.keyboard.down('a');
    await page.getByText('Keep holding').waitFor();
    goOn();
    await page.getByText('Claimed by ben').first().waitFor();
    await page.getByText('Keep holding').waitFor({ state: 'detached' });
    await page.getByText('The request has just changed').waitFor();
    await page.keyboard.up('a');
    expect(sent).toEqual([]);
    expect(await statusOf(id)).toBe('PENDING');
  });

  it.for([
    ['AltGr', { modifierAltGraph: true }],
    ['Ctrl and Alt, as Windows reports AltGr', { ctrlKey: true, altKey: true }],
    ['Ctrl', { ctrlKey: true }],
    ['Meta', { metaKey: true }],
    ['Alt', { altKey: true }],
    ['a held key', { repeat: true }],
    ['an input method', { isComposing: true }],
    ['key code 229', { keyCode: 229 }],
  ] as const)('A with %s → nothing', async ([_name, more], { page, opened }) => {
    const { id, sent } = await opened();
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

  it('A held since before the request was opened → nothing', async ({ inbox, page, goTo, statusOf }) => {
    const summary = named('Held');
    const { id } = (await inbox.server.ask({ summary })).body;
    await goTo('/');
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

  it.for([
    ['a', {}],
    ['1', outcomeQuestion],
  ] as const)('%s twice, and more keys during the call → one decision', async ([key, more], { page, opened }) => {
    const { sent } = await opened(more);
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

  it('“Approve” in the batch pressed twice → one call', async ({ inbox, page, goTo }) => {
    const action = named('twice');
    await inbox.server.ask({ action, summary: 'One' });
    await goTo(`/?action=${action}`);
    const sent = decisionsOf(page);
    await page.getByRole('checkbox', { name: 'Select: One' }).check();
    await page.getByRole('button', { name: 'Review selected…' }).click();
    await expectFocusOn(page.getByLabel('Note for all requests'));
    await page.locator('[role=dialog] .button-approve:enabled').waitFor();
    await page.evaluate(
      `{ const button = document.querySelector('[role=dialog] .button-approve'); button.click(); button.click(); }`,
    );
    await page.getByText('Decided 1 request.').waitFor();
    expect(sent).toHaveLength(1);
  });

  it('a decision that failed → the same key sends it again', async ({ page, opened, statusOf }) => {
    const { id, sent } = await opened();
    await page.route('**/decide', (route) => route.abort(), { times: 1 });
    await page.keyboard.press('a');
    await page.getByRole('alert').filter({ hasText: 'can’t be reached' }).waitFor();
    await page.keyboard.press('a');
    await page.getByText('Approved by you').waitFor();
    expect(sent).toHaveLength(2);
    expect(await statusOf(id)).toBe('APPROVED');
  });
});

import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { chromiumPath } from '../../../../test/support/chromium.ts';
import { until } from '../../../../test/support/until.ts';
import { startCallbackReceiver, type CallbackReceiver } from '../callback-receiver.ts';
import { PASSWORDS } from '../test-server.ts';
import { byKeys, type Keys } from './by-keys.ts';
import { startInboxInBrowser, type InboxInBrowser } from './inbox-in-browser.ts';
import { named, newAssistant } from './new-assistant.ts';

/* The whole administration by Tab, Enter, Space, arrows and typing; after each change the focus is where one goes on. */

describe.skipIf(chromiumPath === undefined)('administering by keys alone', () => {
  let inbox: InboxInBrowser;
  let receiver: CallbackReceiver;
  let page: Page;
  let keys: Keys;
  beforeAll(async () => {
    receiver = await startCallbackReceiver();
    inbox = await startInboxInBrowser('sqlite::memory:', {
      reviewers: [{ name: 'ana', password: PASSWORDS.ana, roles: ['reviewer', 'admin'] }],
    });
    page = await inbox.open('/admin/users');
    keys = byKeys(page);
  });
  afterAll(async () => {
    await inbox.close();
    await receiver.stop();
  });
  const expectNoProblems = () => expect(inbox.problems.splice(0)).toEqual([]);
  afterEach(expectNoProblems);
  beforeEach(async () => {
    await page.goto(`${inbox.server.url}/admin/users`);
    await page.getByRole('heading', { level: 1 }).waitFor();
  });

  const goTo = async (name: string) => {
    await keys.press(name);
    await page.getByRole('heading', { level: 1, name }).waitFor();
  };
  const row = (text: string) => page.getByRole('row').filter({ hasText: text });
  const seen = async (text: string | RegExp) => page.getByText(text).first().waitFor();
  const closed = async () => page.getByRole('dialog').waitFor({ state: 'detached' });
  const expectFocusOn = async (name: string | RegExp) =>
    until(
      `the focus to be on ${String(name)}`,
      async () => {
        const focused = await keys.focused();
        return typeof name === 'string' ? focused === name : name.test(focused);
      },
      5000,
    );

  it('makes a key, rotates it and revokes it', async () => {
    const assistant = named('billing');
    await goTo('Connection Keys');
    await keys.press('New key');
    await keys.press('Make the key');
    await page.locator('.field-problem').waitFor();
    await expectFocusOn('Assistant');
    await keys.type('Assistant', assistant);
    await keys.key('Enter');
    await seen('it is shown this once only');
    const key = await page.locator('.secret code').innerText();
    await keys.press('I have it');
    await closed();
    await expectFocusOn('New key');
    await keys.press(new RegExp(`^Rotate the key of ${assistant}`));
    await keys.choose(/The old one stops working/, 'in a week');
    await keys.press('Make the new key');
    await keys.press('I have it');
    await row(assistant)
      .getByText(/works until/)
      .waitFor();
    await keys.press(new RegExp(`^Revoke the key of ${assistant}`));
    await keys.press('Cancel');
    await closed();
    await expectFocusOn(new RegExp(`^Revoke the key of ${assistant}`));
    await keys.key('Enter');
    await keys.press('Revoke it');
    await row(assistant).getByText('revoked').waitFor();
    await expectFocusOn('Connection Keys');
    expect(key).toMatch(/^cq_/);
  });

  it('limits an assistant, pauses it and lets it run', async () => {
    const { assistant, secret } = await newAssistant(inbox.server);
    await goTo('Assistants');
    await keys.press(`Limits of ${assistant}`);
    await keys.type(/^Requests in an hour/, '3');
    await keys.type('Identical requests', '4');
    await keys.type('… within seconds', '60');
    await keys.key('Enter');
    await row(assistant).getByText('3 an hour, 4 identical in 60 s').waitFor();
    await expectFocusOn(`Limits of ${assistant}`);
    await keys.press(`Pause ${assistant}`);
    await keys.type('Why', 'It went astray.');
    await keys.key('Enter');
    await row(assistant).getByText('It went astray.').waitFor();
    await expectFocusOn(`Let ${assistant} run`);
    expect((await inbox.server.ask({}, { 'x-api-key': secret })).body.status).toBe('rejected');
    await keys.key('Enter');
    await keys.press('Let it run');
    await row(assistant).getByText('runs').waitFor();
    await expectFocusOn(`Pause ${assistant}`);
  });

  it('writes rules, tries them out, switches them on, changes their order, changes and removes them', async () => {
    const [action, small, large] = [named('refund'), named('Small refunds'), named('Large refunds')];
    await inbox.server.ask({ action, summary: 'Refund of 20', details: { amount: 20 } });
    await goTo('Rules');
    for (const name of [small, large]) {
      await keys.press('New rule');
      await keys.type('Name', name);
      await keys.type('Value', action);
      await keys.press('Add a condition');
      await expectFocusOn('Field');
      await keys.type('Field', 'details.amount');
      await keys.choose(/Holds when it$/, name === small ? 'is at most' : 'is at least');
      await keys.type('Value', '50');
      await keys.choose(/Then/, name === small ? 'Approve' : 'Reject');
      await keys.press('Try it out on the last 30 days');
      await seen('It would have decided');
      await keys.tabTo('Save');
      await keys.key('Enter');
      await closed();
      await expectFocusOn('New rule');
    }
    const rule = (name: string) => page.locator('.rule').filter({ hasText: name });
    const placeOf = async (name: string) => Number.parseInt(await rule(name).getByRole('heading').innerText());
    await keys.press(new RegExp(`Off.*${small}`, 's'), ' ');
    await page
      .getByRole('switch', { name: new RegExp(`^On\\b.*${small}`), checked: true })
      .waitFor({ state: 'attached' });
    await expectFocusOn(new RegExp(`On.*${small}`, 's'));
    expect((await inbox.server.ask({ action, details: { amount: 20 } })).body).toMatchObject({
      status: 'approved',
      autoDecisionRuleName: small,
    });
    await keys.press(`Ask ${large} earlier`);
    await until('the large ones are asked first', async () => (await placeOf(large)) < (await placeOf(small)));
    // It can't be asked any earlier, and still Tab goes on from there.
    await keys.press(`Ask ${large} later`);
    await until('the small ones are asked first', async () => (await placeOf(small)) < (await placeOf(large)));
    await keys.tabTo(`Change ${large}`, 'on');
    await keys.key('Enter');
    await keys.press('Remove the condition on details.amount');
    await expectFocusOn('Add a condition');
    await keys.press('Save');
    await closed();
    await expectFocusOn(`Change ${large}`);
    await keys.press(`Remove ${large}`);
    await keys.press('Remove');
    await rule(large).waitFor({ state: 'detached' });
    await expectFocusSomewhere();
  });

  const expectFocusSomewhere = () =>
    until('the focus to be somewhere', () => page.evaluate<boolean>('document.activeElement !== document.body'), 5000);

  it('adds a user, changes roles and password, and removes the user', async () => {
    const name = named('cleo');
    await goTo('Users');
    await keys.press('Add a user');
    await keys.type('Name', name);
    await keys.type(/^Password/, 'short');
    await keys.key('Enter');
    await page.getByRole('alert').filter({ hasText: 'at least 12 characters' }).waitFor();
    await keys.tabTo(/^Password/, 'back');
    await keys.type(/^Password/, 'a password of twelve or more');
    await keys.press(/^auditor/, ' ');
    await keys.press('Add');
    await row(name).getByText('reviewer, auditor').waitFor();
    await expectFocusOn('Add a user');
    await keys.press(`Change ${name}`);
    await keys.press(/^reviewer/, ' ');
    await keys.press('Save');
    await row(name).getByText('auditor', { exact: true }).waitFor();
    await expectFocusOn(`Change ${name}`);
    await keys.press(`Remove ${name}`);
    await keys.key('Escape');
    await closed();
    await expectFocusOn(`Remove ${name}`);
    await keys.key('Enter');
    await keys.press('Remove');
    await row(name).waitFor({ state: 'detached' });
    await expectFocusOn('Users');
  });

  it('looks into a delivery, sends it again and narrows the list', async () => {
    const {
      body: { id },
    } = await inbox.server.ask({ callbackUrl: receiver.url });
    await inbox.server.decide(id, { decision: 'approve' });
    await goTo('Deliveries');
    await row(id).getByText('delivered').waitFor();
    await keys.press('1 attempt');
    await row(id)
      .getByText(/answer 200/)
      .waitFor();
    await keys.press('Send again');
    await row(id).getByText('2 attempts').waitFor();
    await expectFocusOn('Send again');
    await keys.tabTo(/State/, 'back');
    await keys.choose(/State/, 'Given up');
    await seen('No delivery matches.');
    await expectFocusOn(/State/);
  });

  it('verifies the audit, exports it, narrows it and reads on to the oldest row', async () => {
    await Promise.all(
      Array.from({ length: 60 }, async () =>
        inbox.server.decide((await inbox.server.ask()).body.id, { decision: 'reject' }),
      ),
    );
    await goTo('Audit');
    for (const format of ['CSV', 'JSON lines']) {
      await keys.tabTo(`Export as ${format}`);
      await Promise.all([page.waitForEvent('download'), keys.key('Enter')]);
    }
    await keys.press('Verify the chain');
    await seen(/All \d+ rows follow from one another/);
    await expectFocusOn('Verify the chain');
    const older = page.getByRole('button', { name: 'Older ones' });
    for (let pages = 1; (await older.count()) > 0; pages += 1) {
      await keys.press('Older ones');
      await until('the next page', async () => (await page.getByRole('row').count()) > pages * 50 + 1);
      await page.locator('[data-pending]').waitFor({ state: 'detached' });
    }
    await page.getByRole('rowheader', { name: '1', exact: true }).waitFor();
    await expectFocusSomewhere();
    await keys.tabTo('Event', 'back');
    await keys.type('Event', 'nothing-of-that-name');
    await seen('No row matches.');
    await expectFocusOn('Event');
  });
});

import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Rule } from '../../src/contract/review-admin.ts';
import { until } from '../../../../test/support/until.ts';
import { startCallbackReceiver } from '../callback-receiver.ts';
import { PASSWORDS as passwords } from '../test-server.ts';
import { driverNames, driverOf } from './drivers.ts';
import { expectSeen } from './inbox-in-browser.ts';
import { describeInBrowser, inboxTest } from './inbox-test.ts';
import { named, newAssistant } from './new-assistant.ts';

const pageSize = 50;
const goodPassword = 'a password of twelve or more';

const it = inboxTest({
  reviewers: [
    { name: 'ana', password: passwords.ana, roles: ['admin', 'reviewer'] },
    { name: 'ben', password: passwords.ben, roles: ['auditor'] },
  ],
})
  .extend('receiver', { scope: 'file' }, async ({ inbox: _started }, { onCleanup }) => {
    const receiver = await startCallbackReceiver();
    onCleanup(() => receiver.stop());
    return receiver;
  })
  .extend(
    'row',
    ({ page }) =>
      (text: string) =>
        page.getByRole('row').filter({ hasText: text }),
  )
  .extend(
    'rule',
    ({ page }) =>
      (name: string) =>
        page.locator('.rule').filter({ hasText: name }),
  )
  .extend('dialog', ({ page }) => page.getByRole('dialog'))
  .extend(
    'asks',
    ({ inbox }) =>
      async (key: string, more: object = {}) =>
        inbox.server.ask(more, { 'x-api-key': key }),
  )
  .extend(
    'newRule',
    ({ inbox }) =>
      async (rule: Partial<Rule> & { name: string }) =>
        inbox.server.post(
          '/reviewer-api/rules',
          { conditions: [], decision: 'review', enabled: false, ...rule },
          await inbox.server.bearer(),
        ),
  )
  .extend('newUser', ({ inbox }) => async () => {
    const name = named('cleo');
    await inbox.server.post(
      '/reviewer-api/users',
      { name, password: goodPassword, roles: ['reviewer'] },
      await inbox.server.bearer(),
    );
    return name;
  })
  .extend(
    'signInStatus',
    ({ inbox }) =>
      async (name: string, password: string) =>
        (await inbox.server.post('/reviewer-api/session', { name, password }, {})).status,
  );

const refundIs = (action: string) => ({ field: 'action', operator: 'is' as const, value: action });

describeInBrowser.each(driverNames)('administration by %s', (driverName) => {
  it('create key → shown once, and the assistant can use it', async ({ page, goTo, dialog, asks }) => {
    const user = driverOf(driverName, page);
    await goTo('/admin/keys');
    await user.press('Create key');
    await user.type('Assistant', named('billing'));
    await user.press('Create key');
    const key = await page.locator('.secret code').innerText();
    await user.press('Done');
    await dialog.waitFor({ state: 'detached' });
    await user.expectFocusOn('Create key');
    expect(await page.locator('body').innerText()).not.toContain(key);
    expect((await asks(key)).status).toBe(200);
  });

  it('rotate key → both keys work until the old one expires', async ({ inbox, page, goTo, row, asks }) => {
    const user = driverOf(driverName, page);
    const { assistant, secret } = await newAssistant(inbox.server);
    await goTo('/admin/keys');
    await user.press(new RegExp(`^Rotate key of ${assistant}`));
    await user.choose(/Old key expires/, 'In 1 week');
    await user.press('Create new key');
    const second = await page.locator('.secret code').innerText();
    await user.press('Done');
    await expectSeen(row(assistant).getByText(/^Expires /));
    expect([(await asks(secret)).status, (await asks(second)).status]).toEqual([200, 200]);
  });

  it('revoke key, then cancel → the key works', async ({ inbox, page, goTo, dialog, asks }) => {
    const user = driverOf(driverName, page);
    const { assistant, secret } = await newAssistant(inbox.server);
    await goTo('/admin/keys');
    await user.press(new RegExp(`^Revoke key of ${assistant}`));
    await user.press('Cancel');
    await dialog.waitFor({ state: 'detached' });
    await user.expectFocusOn(new RegExp(`^Revoke key of ${assistant}`));
    expect((await asks(secret)).status).toBe(200);
  });

  it('revoke key → the key is refused', async ({ inbox, page, goTo, row, asks }) => {
    const user = driverOf(driverName, page);
    const { assistant, secret } = await newAssistant(inbox.server);
    await goTo('/admin/keys');
    await user.press(new RegExp(`^Revoke key of ${assistant}`));
    await user.press('Revoke');
    await expectSeen(row(assistant).getByText('Revoked'));
    await user.expectFocusOn('Connection Keys');
    expect((await asks(secret)).status).toBe(401);
  });

  it('set limits → further requests are rejected', async ({ inbox, page, goTo, row, asks }) => {
    const user = driverOf(driverName, page);
    const { assistant, secret } = await newAssistant(inbox.server);
    await goTo('/admin/assistants');
    await user.press(`Limits of ${assistant}`);
    await user.type('Requests per hour', '2');
    await user.type('Identical requests', '5');
    await user.type('Within seconds', '60');
    await user.press('Save');
    await expectSeen(row(assistant).getByText('2 per hour, 5 identical in 60 s'));
    await user.expectFocusOn(`Limits of ${assistant}`);
    const answers = [await asks(secret), await asks(secret), await asks(secret)];
    expect(answers.map(({ body }) => body.status)).toEqual(['pending', 'pending', 'rejected']);
  });

  it('pause, then resume → requests are rejected, then pending', async ({ inbox, page, goTo, row, asks }) => {
    const user = driverOf(driverName, page);
    const { assistant, secret } = await newAssistant(inbox.server);
    await goTo('/admin/assistants');
    await user.press(`Pause ${assistant}`);
    await user.type('Reason', 'Sends too much.');
    await user.press('Pause');
    await expectSeen(row(assistant).getByText('Sends too much.'));
    await user.expectFocusOn(`Resume ${assistant}`);
    expect((await asks(secret)).body.status).toBe('rejected');
    await user.press(`Resume ${assistant}`);
    await user.press('Resume');
    await expectSeen(row(assistant).getByText('Active', { exact: true }));
    await user.expectFocusOn(`Pause ${assistant}`);
    expect((await asks(secret)).body.status).toBe('pending');
  });

  it('new rule → tested on past requests, then saved', async ({ inbox, page, goTo, dialog, rule }) => {
    const user = driverOf(driverName, page);
    const [action, name] = [named('refund'), named('Large')];
    const { id } = (await inbox.server.ask({ action, summary: 'Refund of 900', details: { amount: 900 } })).body;
    await inbox.server.decide(id, { decision: 'approve' });
    await goTo('/admin/rules');
    await user.press('New rule');
    await user.type('Name', name);
    await user.type('Value', action);
    await user.press('Add condition');
    await user.expectFocusOn('Field');
    await user.type('Field', 'details.amount');
    await user.choose(/Operator$/, 'is at least');
    await user.type('Value', '500');
    await user.choose(/Then$/, 'Reject');
    await user.press('Test on the last 30 days');
    await expectSeen(dialog.getByText('The rule would have decided 1 of'));
    expect(await dialog.getByRole('row').filter({ hasText: 'Differs' }).count()).toBe(1);
    await user.press('Save');
    await dialog.waitFor({ state: 'detached' });
    await user.expectFocusOn('New rule');
    expect(await rule(name).innerText()).toContain('details.amount is at least 500');
  });

  it('enable rule → it decides', async ({ page, goTo, newRule, inbox }) => {
    const user = driverOf(driverName, page);
    const [action, name] = [named('refund'), named('Small')];
    await newRule({ name, conditions: [refundIs(action)], decision: 'approve' });
    await goTo('/admin/rules');
    await user.toggle(new RegExp(`^Off\\b.*${name}`));
    await page
      .getByRole('switch', { name: new RegExp(`^On\\b.*${name}`), checked: true })
      .waitFor({ state: 'attached' });
    await user.expectFocusOn(new RegExp(`^On\\b.*${name}`));
    expect((await inbox.server.ask({ action })).body).toMatchObject({ status: 'approved', autoDecisionRuleName: name });
  });

  it('move rule up and down → the order changes', async ({ page, goTo, newRule, rule }) => {
    const user = driverOf(driverName, page);
    const [first, second] = [named('First'), named('Second')];
    await newRule({ name: first });
    await newRule({ name: second });
    await goTo('/admin/rules');
    const positionOf = async (name: string) => Number.parseInt(await rule(name).getByRole('heading').innerText());
    await user.press(`Move ${second} up`);
    await until('the second rule is first', async () => (await positionOf(second)) < (await positionOf(first)));
    await user.press(`Move ${second} down`);
    await until('the first rule is first', async () => (await positionOf(first)) < (await positionOf(second)));
  });

  it('edit rule: remove condition → the rule matches more', async ({ page, goTo, newRule, dialog, rule }) => {
    const user = driverOf(driverName, page);
    const name = named('Edited');
    await newRule({
      name,
      conditions: [refundIs('x'), { field: 'details.amount', operator: 'at-least', value: 5 }],
    });
    await goTo('/admin/rules');
    await user.press(`Edit ${name}`);
    await user.press('Remove condition on details.amount');
    await user.expectFocusOn('Add condition');
    await user.press('Save');
    await dialog.waitFor({ state: 'detached' });
    await user.expectFocusOn(`Edit ${name}`);
    expect(await rule(name).innerText()).not.toContain('details.amount');
  });

  it('remove rule → gone from the list', async ({ page, goTo, newRule, rule }) => {
    const user = driverOf(driverName, page);
    const name = named('Removed');
    await newRule({ name });
    await goTo('/admin/rules');
    await user.press(`Remove ${name}`);
    await user.press('Remove');
    await rule(name).waitFor({ state: 'detached' });
    await until('an element has the focus', () => page.evaluate('document.activeElement !== document.body'));
  });

  it('add user with a short password → error, then added', async ({ page, goTo, row, signInStatus }) => {
    const user = driverOf(driverName, page);
    const name = named('cleo');
    await goTo('/admin/users');
    await user.press('Add user');
    await user.type('Name', name);
    await user.type(/^Password/, 'short');
    await user.press('Add');
    await expectSeen(page.getByRole('alert').filter({ hasText: 'at least 12 characters' }));
    await user.type(/^Password/, goodPassword);
    await user.press('Add');
    await expectSeen(row(name));
    await user.expectFocusOn('Add user');
    expect(await signInStatus(name, goodPassword)).toBe(200);
  });

  it('edit user → roles and password change', async ({ page, goTo, row, newUser, signInStatus }) => {
    const user = driverOf(driverName, page);
    const name = await newUser();
    await goTo('/admin/users');
    await user.press(`Edit ${name}`);
    await user.type(/^New password/, 'another one of twelve or more');
    await user.toggle(/^auditor/);
    await user.press('Save');
    await expectSeen(row(name).getByText('reviewer, auditor'));
    await user.expectFocusOn(`Edit ${name}`);
    expect([await signInStatus(name, goodPassword), await signInStatus(name, 'another one of twelve or more')]).toEqual(
      [401, 200],
    );
  });

  it('remove user → no sign-in any more', async ({ page, goTo, row, newUser, signInStatus }) => {
    const user = driverOf(driverName, page);
    const name = await newUser();
    await goTo('/admin/users');
    await user.press(`Remove ${name}`);
    await user.press('Remove');
    await row(name).waitFor({ state: 'detached' });
    await user.expectFocusOn('Users');
    expect(await signInStatus(name, goodPassword)).toBe(401);
  });

  it('resend delivery → a second attempt', async ({ page, goTo, inbox, receiver, row }) => {
    const user = driverOf(driverName, page);
    const { id } = (await inbox.server.ask({ callbackUrl: receiver.url })).body;
    await inbox.server.decide(id, { decision: 'approve' });
    await goTo(`/admin/deliveries?approval=${id}`);
    await expectSeen(row(id).getByText('Delivered'));
    await user.press('Resend');
    await expectSeen(row(id).getByText('2 attempts'));
    await user.expectFocusOn('Resend');
    expect(receiver.received.filter(({ text }) => text.includes(id))).toHaveLength(2);
  });

  it('filter deliveries by state → the address and the list follow', async ({ page, goTo }) => {
    const user = driverOf(driverName, page);
    await goTo('/admin/deliveries');
    await user.choose(/State/, 'Given up');
    await expectSeen(page.getByText('No matching deliveries.'));
    await user.expectFocusOn(/State/);
    expect(page.url()).toMatch(/state=given-up$/);
  });

  it('verify the audit → the chain is whole', async ({ page, goTo }) => {
    const user = driverOf(driverName, page);
    await goTo('/admin/audit');
    await user.press('Verify chain');
    await expectSeen(page.getByText(/Chain verified: \d+ rows/));
    await user.expectFocusOn('Verify chain');
  });

  it.for(['CSV', 'JSON Lines'])('export the audit as %s → a file', async (format, { page, goTo }) => {
    const user = driverOf(driverName, page);
    await goTo('/admin/audit');
    const [download] = await Promise.all([page.waitForEvent('download'), user.press(`Export ${format}`)]);
    expect(download.suggestedFilename()).toMatch(format === 'CSV' ? /\.csv$/ : /\.jsonl$/);
    expect(readFileSync(await download.path(), 'utf8')).toContain('signed-in');
  });

  it('filter the audit → only matching rows', async ({ page, goTo, inbox, row }) => {
    const user = driverOf(driverName, page);
    const { assistant } = await newAssistant(inbox.server);
    await goTo('/admin/audit');
    await user.type('Event', 'key-added');
    const events = () => page.getByRole('row').locator('td:nth-of-type(3)').allInnerTexts();
    await until('only new keys', async () => (await events()).every((event) => event === 'created a Connection Key'));
    await expectSeen(row(assistant));
    await user.type('Subject', 'unknown-subject');
    await expectSeen(page.getByText('No matching rows.'));
    await user.expectFocusOn('Subject');
  });
});

describeInBrowser('administration', () => {
  it('create key without an assistant → problem at the field', async ({ goTo, press, dialog }) => {
    await goTo('/admin/keys');
    await press('Create key');
    await dialog.getByRole('button', { name: 'Create key' }).click();
    await expectSeen(dialog.locator('.field-problem'));
  });

  it('copy a new key → the clipboard has it', async ({ page, goTo, press, dialog }) => {
    await goTo('/admin/keys');
    await press('Create key');
    await page.getByRole('textbox', { name: 'Assistant' }).fill(named('copied'));
    await page.keyboard.press('Enter');
    const key = await page.locator('.secret code').innerText();
    await press('Copy key');
    await dialog.getByRole('button', { name: 'Copied' }).waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(key);
  });

  it('clear limits → none apply', async ({ inbox, page, goTo, press, row }) => {
    const { assistant } = await newAssistant(inbox.server);
    await inbox.server.send(
      'PUT',
      `/reviewer-api/assistants/${assistant}`,
      { limits: { requestsPerHour: 2, requestsPerDay: null, loopProtection: null } },
      await inbox.server.bearer(),
    );
    await goTo('/admin/assistants');
    await press(`Limits of ${assistant}`);
    await page.getByLabel('Requests per hour').fill('');
    await press('Save');
    await expectSeen(row(assistant).getByText('None', { exact: true }));
  });

  it.for(['Close', 'Cancel', 'Escape', 'a click outside'])(
    'leave a dialog by %s → nothing changes',
    async (how, { page, goTo, press, dialog, row }) => {
      const name = named('absent');
      await goTo('/admin/users');
      await press('Add user');
      await page.getByLabel('Name').fill(name);
      await page.getByLabel('Password').fill(goodPassword);
      if (how === 'Escape') await page.keyboard.press('Escape');
      else if (how === 'a click outside') await page.mouse.click(5, 400);
      else await press(how);
      await dialog.waitFor({ state: 'detached' });
      await page.reload();
      await expectSeen(row('ana'));
      expect(await row(name).count()).toBe(0);
    },
  );

  it('deliveries of one request → a link shows all', async ({ page, goTo, inbox, receiver, row }) => {
    const { id } = (await inbox.server.ask({ callbackUrl: receiver.url })).body;
    await inbox.server.decide(id, { decision: 'approve' });
    await goTo('/admin/deliveries?approval=req_unknown');
    await page.getByRole('link', { name: 'Show all' }).click();
    await expectSeen(row(id));
    await row(id).getByText('1 attempt', { exact: true }).click();
    await expectSeen(row(id).getByText(/status 200/));
    await row(id).getByRole('link').click();
    await page.waitForURL(`${inbox.server.url}/approvals/${id}`);
  });

  it('load older → every delivery and every audit row', async ({ page, goTo, inbox, receiver, row }) => {
    const ids = await Promise.all(
      Array.from({ length: pageSize + 5 }, async () => (await inbox.server.ask({ callbackUrl: receiver.url })).body.id),
    );
    await Promise.all(ids.map((id) => inbox.server.decide(id, { decision: 'reject' })));
    const rows = async () => (await page.getByRole('row').count()) - 1;
    const older = page.getByRole('button', { name: 'Load older' });
    await goTo('/admin/deliveries');
    await older.click();
    await until('all deliveries', async () => (await rows()) >= ids.length);
    for (const id of ids) expect(await row(id).count()).toBe(1);
    await goTo('/admin/audit');
    for (let shown = pageSize; ; shown += pageSize) {
      await until('the next page', async () => (await rows()) > shown - pageSize);
      if ((await older.count()) === 0) break;
      expect(await rows()).toBe(shown);
      await older.click();
    }
    await expectSeen(page.getByRole('rowheader', { name: '1', exact: true }));
  });

  it('a page fails to load → the error and “Try again”', async ({ page, goTo, press, row }) => {
    await goTo('/admin/users');
    await page.route(
      '**/reviewer-api/keys',
      (route) => route.fulfill({ status: 403, json: { error: 'Not for you just now.' } }),
      { times: 1 },
    );
    await page.getByRole('link', { name: 'Connection Keys' }).click();
    await expectSeen(page.getByRole('alert').filter({ hasText: 'Not for you just now.' }));
    await press('Try again');
    await expectSeen(row('comms'));
  });

  it('auditor → reads keys and changes nothing', async ({ inbox }) => {
    const auditor = await inbox.open('/admin/keys', { as: 'ben' });
    await expectSeen(auditor.getByRole('row').filter({ hasText: 'comms' }));
    expect(await auditor.getByRole('button', { name: /Create key|Revoke|Rotate/ }).count()).toBe(0);
    expect(await auditor.getByRole('link', { name: 'Users', exact: true }).count()).toBe(0);
  });
});

import { expect } from 'vitest';
import type { Rule, RuleCondition } from '../../src/contract/review-admin.ts';
import { until } from '../../../../test/support/until.ts';
import { ADMINISTRATORS as administrators } from '../test-server.ts';
import { driverNames, driverOf } from './drivers.ts';
import { expectFocusOn, expectSeen, problemOf } from './inbox-in-browser.ts';
import { describeInBrowser, inboxTest } from './inbox-test.ts';
import { named } from './new-assistant.ts';

/** A condition from a time when numbers could still be rounded. */
const rounded: RuleCondition = { field: 'details.account', operator: 'at-least', value: 2 ** 53 };

const it = inboxTest({
  reviewers: administrators,
  rules: [{ name: 'Of before', decision: 'reject', conditions: [rounded] }],
})
  .extend('dialog', { auto: true }, async ({ page, goTo }) => {
    await goTo('/admin/rules');
    return page.getByRole('dialog');
  })
  .extend('user', ({ page }) => driverOf('mouse', page))
  .extend(
    'stored',
    ({ inbox }) =>
      async (name: string) =>
        (await inbox.server.get<{ rules: Rule[] }>('/reviewer-api/rules', await inbox.server.bearer())).body.rules.find(
          (rule) => rule.name === name,
        ),
  );

describeInBrowser('rule dialog', () => {
  it('invalid value → problem at the field, nothing sent until it is corrected', async ({
    page,
    dialog,
    user,
    stored,
  }) => {
    const [name, account] = [named('Account'), '9007199254740993'];
    await user.press('New rule');
    await page.getByLabel('Name').fill(name);
    await page.getByLabel('Field').fill('details.account');
    const value = page.getByLabel('Value');
    const sent: string[] = [];
    page.on('request', (request) => void (request.method() === 'POST' && sent.push(request.url())));
    for (const send of ['Save', 'Test on the last 30 days']) {
      await value.fill(account);
      await user.press(send);
      expect(await problemOf(value)).toBe(
        `${account} is too large to be compared exactly: numbers go up to 9007199254740991. If it is a text, such as an id, put it in double quotes: "${account}".`,
      );
      await expectFocusOn(value);
      await value.fill('1');
      await until('it is right', async () => (await dialog.locator('[aria-invalid=true]').count()) === 0);
    }
    await user.choose(/Operator$/, 'is one of');
    const values = page.getByLabel('Values, separated by commas');
    await values.fill(`"${account}",, 5`);
    expect(await problemOf(values)).toBe('Value 2 of 3 is empty. Remove a comma, or type "" for an empty text.');
    await values.fill(`"${account}", 5`);
    expect(sent).toEqual([]);
    await user.press('Save');
    await dialog.waitFor({ state: 'detached' });
    await expectSeen(
      page.locator('.rule').filter({ hasText: name }).getByText(`details.account is one of "${account}", 5`),
    );
    expect((await stored(name))?.conditions).toEqual([
      { field: 'details.account', operator: 'one-of', value: [account, 5] },
    ]);
  });

  it('added condition → no problem shown before the next submit', async ({ page, dialog, user }) => {
    const wrong = dialog.locator('[aria-invalid=true]');
    await user.press('New rule');
    await page.getByLabel('Name').fill(named('Added'));
    await user.press('Save');
    await expectFocusOn(page.getByLabel('Value'));
    expect(await wrong.count()).toBe(1);
    await user.press('Add condition');
    await expectFocusOn(page.getByLabel('Field').nth(1));
    expect(await wrong.count()).toBe(0);
    await page.getByLabel('Value').nth(0).fill('refund');
    await user.press('Save');
    expect(await problemOf(page.getByLabel('Value').nth(1))).toBe('A number is missing.');
    await page.getByLabel('Field').nth(1).fill('details.amount');
    await page.getByLabel('Value').nth(1).fill('5');
    await user.press('Test on the last 30 days');
    await expectSeen(dialog.getByText('The rule would have decided 0 of'));
    await page.getByLabel('Value').nth(1).fill('');
    expect(await wrong.count()).toBe(0);
  });

  it('rule with a number that is refused now → can be renamed and tested, but its conditions can’t be changed', async ({
    page,
    dialog,
    user,
    stored,
  }) => {
    await user.press('Edit Of before');
    await user.press('Test on the last 30 days');
    await expectSeen(dialog.getByText('The rule would have decided 0 of'));
    await page.getByLabel('Name').fill('Of long before');
    await dialog.getByText('Enabled').click();
    await user.press('Save');
    await dialog.waitFor({ state: 'detached' });
    expect(await stored('Of long before')).toMatchObject({ enabled: false, conditions: [rounded] });
    await user.press('Edit Of long before');
    await user.press('Add condition');
    await page.getByLabel('Value').last().fill('5');
    await user.press('Save');
    expect(await problemOf(page.getByLabel('Value').first())).toMatch(/is too large to be compared exactly/);
    expect((await stored('Of long before'))?.conditions).toEqual([rounded]);
  });

  it.for(driverNames)(
    'groups by %s → stored in order, listed, changed, dropped with the decision',
    async (driver, { inbox, page, dialog, goTo, stored }) => {
      const user = driverOf(driver, page);
      const [finance, legal, name] = [named('finance'), named('legal'), named('Groups')];
      for (const group of [finance, legal])
        await inbox.server.post('/reviewer-api/groups', { name: group, members: ['ana'] }, await inbox.server.bearer());
      await goTo('/admin/rules');
      await user.press('New rule');
      await user.type('Name', name);
      await user.type('Value', 'refund');
      await user.choose(/Group 1$/, finance);
      await user.choose(/Approvals of group 1$/, '2');
      await user.choose(/Group 2$/, legal);
      await user.press('Save');
      await dialog.waitFor({ state: 'detached' });
      await expectSeen(page.locator('.rule').filter({ hasText: name }).getByText(`by 2 of ${finance}, then ${legal}`));
      expect((await stored(name))?.by).toEqual([
        { group: finance, approvals: 2 },
        { group: legal, approvals: 1 },
      ]);
      await user.press(`Edit ${name}`);
      await user.choose(/Group 1$/, 'No group');
      await user.press('Save');
      await dialog.waitFor({ state: 'detached' });
      expect((await stored(name))?.by).toEqual([{ group: legal, approvals: 1 }]);
      await user.press(`Edit ${name}`);
      await user.choose(/Then$/, 'Reject');
      await user.press('Save');
      await dialog.waitFor({ state: 'detached' });
      expect(await stored(name)).toMatchObject({ decision: 'reject', by: null });
    },
  );
});

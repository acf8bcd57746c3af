import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Rule, RuleCondition } from '../../src/contract/review-admin.ts';
import { chromiumPath } from '../../../../test/support/chromium.ts';
import { until } from '../../../../test/support/until.ts';
import { ADMINISTRATORS } from '../test-server.ts';
import { byMouse } from './by-mouse.ts';
import { expectFocusOn, expectSeen, problemOf, startInboxInBrowser, type InboxInBrowser } from './inbox-in-browser.ts';
import { named } from './new-assistant.ts';

/** As it could be stored when a number could still be rounded on its way. */
const ROUNDED: RuleCondition = { field: 'details.account', operator: 'at-least', value: 2 ** 53 };

describe.skipIf(chromiumPath === undefined)('the form of a rule', () => {
  let inbox: InboxInBrowser;
  let page: Page;
  beforeAll(async () => {
    inbox = await startInboxInBrowser('sqlite::memory:', {
      reviewers: ADMINISTRATORS,
      rules: [{ name: 'Of before', decision: 'reject', conditions: [ROUNDED] }],
    });
    page = await inbox.open('/admin/rules');
  });
  afterAll(() => inbox.close());
  const expectNoProblems = () => expect(inbox.problems.splice(0)).toEqual([]);
  afterEach(expectNoProblems);
  beforeEach(async () => {
    await page.goto(`${inbox.server.url}/admin/rules`);
  });

  const { dialog, press, pressIn, closed, choose } = byMouse(() => page);
  const stored = async (name: string) =>
    (await inbox.server.get<{ rules: Rule[] }>('/reviewer-api/rules', await inbox.server.bearer())).body.rules.find(
      (rule) => rule.name === name,
    );

  it('says at the field which value of a rule can’t be taken, sends nothing, and takes it when it is mended', async () => {
    const [name, account] = [named('Account'), '9007199254740993'];
    await press('New rule');
    await page.getByLabel('Name').fill(name);
    await page.getByLabel('Field').fill('details.account');
    const value = page.getByLabel('Value');
    const sent: string[] = [];
    page.on('request', (request) => void (request.method() === 'POST' && sent.push(request.url())));
    for (const send of ['Save', 'Try it out on the last 30 days']) {
      await value.fill(account);
      await pressIn(send);
      expect(await problemOf(value)).toBe(
        `${account} is too large to be compared exactly: numbers go up to 9007199254740991. If it is a text, such as an id, put it in double quotes: "${account}".`,
      );
      await expectFocusOn(value);
      await value.fill('1');
      await until('it is right', async () => (await dialog().locator('[aria-invalid=true]').count()) === 0);
    }
    await choose(/Holds when it$/, 'is one of');
    const values = page.getByLabel('Values, with commas');
    await values.fill(`"${account}",, 5`);
    expect(await problemOf(values)).toBe('Value 2 of 3 is empty. Take a comma away, or type "" for an empty text.');
    await values.fill(`"${account}", 5`);
    expect(sent).toEqual([]);
    await pressIn('Save');
    await closed();
    await expectSeen(
      page.locator('.rule').filter({ hasText: name }).getByText(`details.account is one of "${account}", 5`),
    );
    expect((await stored(name))?.conditions).toEqual([
      { field: 'details.account', operator: 'one-of', value: [account, 5] },
    ]);
  });

  it('says nothing of a condition that was just added, whatever was wrong before, until the next try', async () => {
    const wrong = dialog().locator('[aria-invalid=true]');
    await press('New rule');
    await page.getByLabel('Name').fill(named('Added'));
    await pressIn('Save');
    await expectFocusOn(page.getByLabel('Value'));
    expect(await wrong.count()).toBe(1);
    await pressIn('Add a condition');
    await expectFocusOn(page.getByLabel('Field').nth(1));
    expect(await wrong.count()).toBe(0);
    await page.getByLabel('Value').nth(0).fill('refund');
    await pressIn('Save');
    expect(await problemOf(page.getByLabel('Value').nth(1))).toBe('A number is missing.');
    await page.getByLabel('Field').nth(1).fill('details.amount');
    await page.getByLabel('Value').nth(1).fill('5');
    await pressIn('Try it out on the last 30 days');
    await expectSeen(dialog().getByText('It would have decided 0 of'));
    await page.getByLabel('Value').nth(1).fill('');
    expect(await wrong.count()).toBe(0);
  });

  it('tries, renames and switches a rule whose number would be refused today, and refuses the number once the conditions are changed', async () => {
    await press('Change Of before');
    await pressIn('Try it out on the last 30 days');
    await expectSeen(dialog().getByText('It would have decided 0 of'));
    await page.getByLabel('Name').fill('Of long before');
    await dialog().getByText('The rule is on').click();
    await pressIn('Save');
    await closed();
    expect(await stored('Of long before')).toMatchObject({ enabled: false, conditions: [ROUNDED] });
    await press('Change Of long before');
    await pressIn('Add a condition');
    await page.getByLabel('Value').last().fill('5');
    await pressIn('Save');
    expect(await problemOf(page.getByLabel('Value').first())).toMatch(/is too large to be compared exactly/);
    expect((await stored('Of long before'))?.conditions).toEqual([ROUNDED]);
  });
});

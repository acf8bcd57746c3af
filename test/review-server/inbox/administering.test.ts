import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from '../../support/chromium.ts';
import { PASSWORDS } from '../test-server.ts';
import { expectSeen, startInboxInBrowser, type InboxInBrowser } from './inbox-in-browser.ts';

describe.skipIf(chromiumPath === undefined)('administering in the inbox', () => {
  let inbox: InboxInBrowser;
  let page: Page;
  beforeAll(async () => {
    inbox = await startInboxInBrowser('sqlite::memory:', { reviewers: [{ name: 'ana', password: PASSWORDS.ana, roles: ['admin'] }, { name: 'ben', password: PASSWORDS.ben, roles: ['auditor'] }] });
    page = await inbox.open('/admin/users');
  });
  afterAll(() => inbox.close());
  const expectNoProblems = () => expect(inbox.problems.splice(0)).toEqual([]);
  afterEach(expectNoProblems);

  const goTo = async (name: string) => {
    await page.getByRole('link', { name, exact: true }).click();
    await page.getByRole('heading', { level: 1, name }).waitFor();
  };
  const press = (name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' }).click();
  const row = (text: string) => page.getByRole('row').filter({ hasText: text });
  const asks = (key: string, more: object = {}) => inbox.server.ask(more, { 'x-api-key': key });

  it('shows a new key once, takes it, replaces it and revokes it', async () => {
    await goTo('Connection Keys');
    await press('New key');
    await page.getByLabel('Assistant').fill('billing');
    await press('Make the key');
    const key = await page.locator('.secret code').innerText();
    await press('I have it');
    expect(await page.locator('body').innerText()).not.toContain(key);
    expect((await asks(key)).status).toBe(200);
    await row('billing').getByRole('button', { name: /^Rotate/ }).click();
    await press('Make the new key');
    const second = await page.locator('.secret code').innerText();
    await press('I have it');
    await expectSeen(row('billing').getByText(/works until/));
    await row('active').filter({ hasText: 'billing' }).getByRole('button', { name: /^Revoke/ }).click();
    await press('Revoke it');
    await expectSeen(row('billing').getByText('revoked'));
    expect([(await asks(key)).status, (await asks(second)).status]).toEqual([200, 401]);
  });

  it('writes a rule, tries it on what came before, switches it on, and it decides', async () => {
    await inbox.server.ask({ action: 'refund', summary: 'Refund of 20', details: { amount: 20 } });
    await inbox.server.ask({ action: 'refund', summary: 'Refund of 900', details: { amount: 900 } });
    await goTo('Rules');
    await press('New rule');
    await page.getByLabel('Name').fill('Small refunds');
    await page.getByLabel('Value').fill('refund');
    await press('Add a condition');
    await page.getByLabel('Field').nth(1).fill('details.amount');
    await page.getByLabel('Value').nth(1).fill('50');
    await page.getByRole('button', { name: /^Then|Then$/ }).click();
    await page.getByRole('option', { name: 'Approve it' }).click();
    await press('Try it out on the last 30 days');
    await expectSeen(page.getByText('It would have decided 1 of'));
    await expectSeen(page.getByRole('dialog').getByText('Refund of 20'));
    await press('Save');
    await page.locator('.rule').filter({ hasText: 'Small refunds' }).getByText('Off').click();
    await page.getByRole('switch', { name: /^On\b.*Small refunds/ }).waitFor({ state: 'attached' });
    const { body } = await inbox.server.ask({ action: 'refund', details: { amount: 20 } });
    expect(body).toMatchObject({ status: 'approved', autoDecisionRuleName: 'Small refunds' });
  });

  it('pauses an assistant and lets it run again', async () => {
    await goTo('Assistants');
    await row('other').getByRole('button', { name: 'Pause other' }).click();
    await page.getByLabel('Why').fill('It went astray.');
    await press('Pause it');
    await expectSeen(row('other').getByText('It went astray.'));
    const other = 'cq_live_other0123456789ab';
    expect((await asks(other)).body.status).toBe('rejected');
    await row('other').getByRole('button', { name: 'Let other run' }).click();
    await press('Let it run');
    await expectSeen(row('other').getByText('runs'));
    expect((await asks(other)).body.status).toBe('pending');
  });

  it('adds a user, changes the roles and removes the user', async () => {
    await goTo('Users');
    await press('Add a user');
    await page.getByLabel('Name').fill('cleo');
    await page.getByLabel('Password').fill('short');
    await press('Add');
    await expectSeen(page.getByRole('alert').filter({ hasText: 'at least 12 characters' }));
    await page.getByLabel('Password').fill('a password of twelve or more');
    await press('Add');
    await row('cleo').getByRole('button', { name: 'Change cleo' }).click();
    await page.getByText('auditor', { exact: true }).or(page.getByLabel(/^auditor/)).first().click({ force: true });
    await press('Save');
    await expectSeen(row('cleo').getByText('reviewer, auditor'));
    await row('cleo').getByRole('button', { name: 'Remove cleo' }).click();
    await press('Remove');
    await row('cleo').waitFor({ state: 'detached' });
  });

  it('verifies the audit and exports it', async () => {
    await goTo('Audit');
    await press('Verify the chain');
    await expectSeen(page.getByText(/All \d+ rows follow from one another/));
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Export as JSON lines' }).click()]);
    const rows = readFileSync(await download.path(), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as { event: string });
    expect(rows.map(({ event }) => event)).toContain('signed-in');
  });

  it('lets an auditor read and change nothing, and others not in', async () => {
    const auditor = await inbox.open('/admin/keys', { as: 'ben' });
    await expectSeen(auditor.getByRole('row').filter({ hasText: 'comms' }));
    expect(await auditor.getByRole('button', { name: /New key|Revoke|Rotate/ }).count()).toBe(0);
    expect(await auditor.getByRole('link', { name: 'Users', exact: true }).count()).toBe(0);
    await auditor.context().close();
  });
});

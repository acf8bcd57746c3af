import { mkdirSync } from 'node:fs';
import { expect } from 'vitest';
import { PASSWORDS as passwords } from '../test-server.ts';
import { driverNames, driverOf } from './drivers.ts';
import { describeInBrowser, inboxTest } from './inbox-test.ts';
import { named } from './new-assistant.ts';

const shots = process.env['HOLDPOINT_TEST_SHOTS'];

const it = inboxTest({
  reviewers: [
    { name: 'ana', password: passwords.ana, roles: ['admin', 'reviewer'] },
    { name: 'ben', password: passwords.ben },
  ],
}).extend('newGroup', ({ inbox }) => async (members: string[], visibleTo = 'members') => {
  const name = named('group');
  await inbox.server.post('/reviewer-api/groups', { name, members, visibleTo }, await inbox.server.bearer());
  return name;
});

describeInBrowser.each(driverNames)('groups and votes by %s', (driverName) => {
  it('add group, change its members, remove it', async ({ page, goTo }) => {
    const user = driverOf(driverName, page);
    const name = named('finance');
    // The first table has the members, the second one the times.
    const row = page.getByRole('row').filter({ hasText: name }).first();
    await goTo('/admin/groups');
    await user.press('Add group');
    await user.type('Name', name);
    await user.toggle(/^ana/);
    await user.choose(/Its requests are visible to/, 'Everyone. Others read them and can’t decide');
    await user.press('Add');
    await row.getByText('everyone').waitFor();
    await user.press(`Edit ${name}`);
    await user.toggle(/^ben/);
    await user.press('Save');
    await row.getByText('ana, ben').waitFor();
    await user.press(`Remove ${name}`);
    await user.press('Remove');
    await row.waitFor({ state: 'detached' });
  });

  it('aliases of a user → kept', async ({ page, goTo }) => {
    const user = driverOf(driverName, page);
    await goTo('/admin/users');
    await user.press('Edit ben');
    await user.type('Aliases', 'ben@example.org');
    await user.press('Save');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await user.press('Edit ben');
    expect(await page.getByLabel('Aliases').inputValue()).toBe('ben@example.org');
    await user.press('Cancel');
  });

  it('two approvals → the first vote counts and waits, the second decides', async ({ inbox, page, newGroup, show }) => {
    const user = driverOf(driverName, page);
    const group = await newGroup(['ana', 'ben']);
    const id = await show({ by: [{ group, approvals: 2 }] });
    const stage = page.getByRole('listitem').filter({ hasText: group });
    await stage.getByText('0 of 2 · takes votes now').waitFor();
    await user.press('Approve');
    await stage.getByText('1 of 2 · takes votes now').waitFor();
    await page.getByText('You have voted on this version of the request.').waitFor();
    expect(await page.getByRole('button', { name: 'Approve', exact: true }).isDisabled()).toBe(true);
    const { shown } = (await inbox.server.get<{ shown: string }>(`/api/approvals/${id}?texts=true`)).body;
    await inbox.server.decide(id, { decision: 'approve', shown }, 'ben');
    await stage.getByText('2 of 2 · complete').waitFor();
  });
});

describeInBrowser('votes', () => {
  it('edit between votes → its changes, its author, and the votes before it', async ({
    inbox,
    page,
    newGroup,
    goTo,
  }) => {
    const group = await newGroup(['ana', 'ben']);
    const { id, details } = (await inbox.server.ask({ by: [{ group, approvals: 2 }] })).body;
    const shown = async () => (await inbox.server.get<{ shown: string }>(`/api/approvals/${id}?texts=true`)).body.shown;
    await inbox.server.decide(id, { decision: 'approve', shown: await shown() }, 'ana');
    const modifiedDetails = { ...details, recipient_count: 50 };
    await inbox.server.decide(id, { decision: 'approve', modifiedDetails, shown: await shown() }, 'ben');
    await goTo(`/approvals/${id}`);
    await page.getByRole('heading', { name: 'Changes by ben, to be approved' }).waitFor();
    await page.getByText('1 vote before the edit, not counted').waitFor();
    await page.getByText('had approved version 1').waitFor();
    if (shots !== undefined) {
      mkdirSync(shots, { recursive: true });
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        await page.getByRole('heading', { name: 'Approvals' }).scrollIntoViewIfNeeded();
        await page.screenshot({ path: `${shots}/votes-${colorScheme}.png` });
      }
      await page.setViewportSize({ width: 390, height: 844 });
      await page.screenshot({ path: `${shots}/votes-phone.png`, fullPage: true });
      await page.setViewportSize({ width: 1280, height: 800 });
      await goTo('/admin/groups');
      await page.screenshot({ path: `${shots}/groups.png` });
    }
  });

  it('own request → says why, Approve is off, Reject works', async ({ page, show, press, note }) => {
    await show({ onBehalfOf: 'ANA' });
    await page.getByText('The assistant acts for you here, so another person has to approve.').waitFor();
    expect(await page.getByRole('button', { name: 'Approve', exact: true }).isDisabled()).toBe(true);
    await press(/^Reject…/);
    await page.getByLabel('Reason', { exact: true }).fill('Not mine to approve.');
    await press('Reject');
    await page.getByText('Rejected').first().waitFor();
    expect(await note.count()).toBe(0);
  });

  it('turn of others → with others; in all requests “Waiting for me” leaves it out', async ({
    inbox,
    page,
    newGroup,
    goTo,
    rows,
  }) => {
    const group = await newGroup(['ben'], 'everyone');
    const summary = named('of others');
    await inbox.server.ask({ summary, by: [{ group, approvals: 1 }] });
    await inbox.server.ask({ summary: `${summary}, not` });
    await goTo('/');
    await rows.filter({ hasText: `${summary}, not` }).waitFor();
    expect(await rows.filter({ hasText: new RegExp(`${summary}(?!,)`) }).count()).toBe(0);
    await page.getByRole('link', { name: /^With others/ }).click();
    await rows.filter({ hasText: new RegExp(`${summary}(?!,)`) }).waitFor();
    await goTo('/?box=all');
    await rows.filter({ hasText: new RegExp(`${summary}(?!,)`) }).waitFor();
    const user = driverOf('mouse', page);
    await user.choose(/Turn/, 'Waiting for me');
    await rows.filter({ hasText: new RegExp(`${summary}(?!,)`) }).waitFor({ state: 'detached' });
    await rows.filter({ hasText: `${summary}, not` }).waitFor();
  });
});

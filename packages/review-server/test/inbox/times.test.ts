import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { ADMINISTRATORS as administrators } from '../test-server.ts';
import { driverNames, driverOf } from './drivers.ts';
import { problemOf, type InboxInBrowser } from './inbox-in-browser.ts';
import { describeInBrowser, inboxTest } from './inbox-test.ts';
import { named } from './new-assistant.ts';

const shots = process.env['HOLDPOINT_TEST_SHOTS'];
const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const hour = 3_600_000;
// The clock of the server. One test lets it catch up.
let behindMs = 0;
const it = inboxTest({ reviewers: administrators, clock: () => new Date(Date.now() - behindMs) });

const noTimes = { dueAfter: {}, remindAfter: [], escalateTo: [], quietHours: null };

async function newGroup({ server }: InboxInBrowser, members: string[], times?: object): Promise<string> {
  const name = named('group');
  const bearer = await server.bearer();
  const { body } = await server.post<{ id: string }>(
    '/reviewer-api/groups',
    { name, members, visibleTo: 'everyone' },
    bearer,
  );
  if (times !== undefined) {
    const answer = await server.send('PUT', `/reviewer-api/times/${body.id}`, { ...noTimes, ...times }, bearer);
    expect(answer.status).toBe(200);
  }
  return name;
}

async function representsBen({ server }: InboxInBrowser): Promise<string> {
  const span = { from: new Date(Date.now() - 24 * hour), until: new Date(Date.now() + 24 * hour) };
  const { status, body } = await server.post<{ id: string; error?: string }>(
    '/reviewer-api/deputies',
    { person: 'ben', deputy: 'ana', ...span },
    await server.bearer(),
  );
  expect(status, body.error).toBe(201);
  return body.id;
}

describeInBrowser.each(driverNames)('times and deputies by %s', (driverName) => {
  it('times of a group → problems at their fields, saved, read again, removed', async ({ inbox, page, goTo }) => {
    const user = driverOf(driverName, page);
    const name = await newGroup(inbox, ['ana']);
    const row = page.getByRole('region', { name: 'Times' }).getByRole('row').filter({ hasText: name });
    await goTo('/admin/groups');
    await row.getByText('None', { exact: true }).waitFor();
    await user.press(`Edit times of ${name}`);
    await user.type('High', '1.5');
    await user.type('Reminder 1', '30');
    await user.choose(/When it is due/, 'The administrators');
    await user.toggle(/^Quiet hours/);
    await user.type('From', '6 pm');
    await user.type('Time zone', 'Europe/Nowhere');
    await user.press('Save');
    expect(await problemOf(page.getByLabel('High', { exact: true }))).toBe('Write a whole number from 1, or nothing.');
    expect(await problemOf(page.getByLabel('From', { exact: true }))).toBe('Write a time of day, such as 18:00.');
    expect(await problemOf(page.getByLabel('Time zone'))).toBe('Write a time zone, such as Europe/Berlin.');
    await user.expectFocusOn('High');
    await user.type('High', '4');
    await user.type('From', '18:00');
    await user.type('Time zone', 'Europe/Berlin');
    await user.press('Save');
    await row.getByText('high 4 hours').waitFor();
    await row.getByText('30 minutes').waitFor();
    await row.getByText('the administrators').waitFor();
    await row.getByText('18:00 to 08:00, weekends (Europe/Berlin)').waitFor();
    await user.press(`Edit times of ${name}`);
    expect(await page.getByLabel('High', { exact: true }).inputValue()).toBe('4');
    await user.press('Cancel');
    await user.press(`Remove times of ${name}`);
    await user.press('Remove');
    await row.getByText('None', { exact: true }).waitFor();
  });

  it('others to ask without a due time → problem; requests to no group → saved', async ({ page, goTo }) => {
    const user = driverOf(driverName, page);
    const row = page.getByRole('region', { name: 'Times' }).getByRole('row').filter({ hasText: 'no group' });
    await goTo('/admin/groups');
    await user.press('Edit times of requests to no group');
    await user.choose(/When it is due/, 'The administrators');
    await user.press('Save');
    expect(await problemOf(page.getByLabel('Critical', { exact: true }))).toBe(
      'Set at least one due time. Without one, the others are never asked.',
    );
    await user.type('Critical', '90');
    await user.choose(/Critical: unit/, 'minutes');
    await user.press('Save');
    await row.getByText('critical 90 minutes').waitFor();
    await user.press('Remove times of requests to no group');
    await user.press('Remove');
    await row.getByText('None', { exact: true }).waitFor();
  });

  it('deputy → problems at their fields, named, listed, ended', async ({ page, goTo }) => {
    const user = driverOf(driverName, page);
    await goTo('/');
    await user.press(/^A?\s*ana$/);
    await user.press('Deputies…');
    await page.getByText('No deputies.').waitFor();
    await user.press('Name deputy');
    expect(await problemOf(page.getByLabel('Deputy', { exact: true }))).toBe('Write the name of the deputy.');
    await user.type('Deputy', 'nobody');
    await user.press('Name deputy');
    await page.getByText('There is no user nobody.').waitFor();
    expect(await problemOf(page.getByLabel('Deputy', { exact: true }))).toBe('There is no user nobody.');
    await user.type('Deputy', 'ben');
    await user.press('Name deputy');
    await page.getByRole('status').filter({ hasText: 'ben is named.' }).waitFor();
    await page.getByText('ben decides for you').waitFor();
    await user.press('End: ben decides for you');
    await page.getByText('No deputies.').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  it('deputy decides → the page says for whom, the vote names both', async ({ inbox, page, show }) => {
    const user = driverOf(driverName, page);
    const deputy = await representsBen(inbox);
    const group = await newGroup(inbox, ['ben']);
    await show({ by: [{ group, approvals: 1 }] });
    await page.getByText('You decide for ben, as deputy.').waitFor();
    await user.press('Approve');
    await page
      .getByRole('listitem')
      .filter({ hasText: /^ana for ben approved/ })
      .waitFor();
    await inbox.server.send('DELETE', `/reviewer-api/deputies/${deputy}`, undefined, await inbox.server.bearer());
  });
});

describeInBrowser('whose turn it is, and until when', () => {
  it('due within the hour → the page says when and who is asked then, the row is marked', async ({
    inbox,
    page,
    goTo,
    rows,
  }) => {
    const group = await newGroup(inbox, ['ben'], {
      dueAfter: { critical: 30, high: 30, medium: 30, low: 30 },
      escalateTo: ['admins'],
    });
    const summary = named('due soon');
    const { id } = (await inbox.server.ask({ summary, by: [{ group, approvals: 1 }] })).body;
    await goTo(`/approvals/${id}?box=waiting`);
    await page.getByText(`Waits for ${group}.`).waitFor();
    await page.getByText(/Due at .*, then the administrators are asked\./).waitFor();
    await rows
      .filter({ hasText: summary })
      .getByText(/^Due in (30|29) min$/)
      .waitFor();
    await shoot(page, 'due');
  });

  it('reminded, then others asked, then overdue → each is said', async ({ inbox, page, goTo, rows }) => {
    behindMs = 3 * hour;
    const due = { critical: 60, high: 60, medium: 60, low: 60 };
    const asking = await newGroup(inbox, ['ben'], { dueAfter: due, remindAfter: [30], escalateTo: ['admins'] });
    const alone = await newGroup(inbox, ['ben'], { dueAfter: due });
    const summary = named('late');
    const escalated = (await inbox.server.ask({ by: [{ group: asking, approvals: 1 }] })).body.id;
    const overdue = (await inbox.server.ask({ summary, by: [{ group: alone, approvals: 1 }] })).body.id;
    behindMs = 0;
    // A change lets the server look at its clock.
    await inbox.server.ask();
    await goTo(`/approvals/${escalated}`);
    await page.getByText(/^Reminded /).waitFor();
    await page.getByText(/The administrators were asked at/).waitFor();
    await shoot(page, 'escalated');
    await goTo(`/approvals/${overdue}?box=waiting`);
    await page.getByText(/^Overdue since/).waitFor();
    await rows.filter({ hasText: summary }).getByText('Overdue', { exact: true }).waitFor();
    await shoot(page, 'overdue');
  });
});

describeInBrowser('times and deputies on each screen', () => {
  it.for([
    ['light', { viewport: { width: 1280, height: 900 }, bypassCSP: true }],
    ['dark', { viewport: { width: 1280, height: 900 }, colorScheme: 'dark', bypassCSP: true }],
    ['phone', { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true, bypassCSP: true }],
  ] as const)('%s → fits the screen, and axe finds nothing', async ([look, context], { inbox }) => {
    await newGroup(inbox, ['ana'], { dueAfter: { high: 240 }, remindAfter: [30, 60], escalateTo: ['admins'] });
    const page = await inbox.open('/admin/groups', { as: 'ana', context });
    await page.getByText('high 4 hours').first().waitFor();
    await checked(page, `groups-${look}`);
    await page
      .getByRole('button', { name: /^Edit times of group/ })
      .last()
      .click();
    await page.getByRole('dialog').getByText('Quiet hours').click();
    await page.getByLabel('High', { exact: true }).fill('soon');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Write a whole number from 1, or nothing.').waitFor();
    await checked(page, `times-${look}`);
    await page.goto(inbox.server.url);
    const deputy = await representsBen(inbox);
    await page.locator('.user-button').click();
    await page.getByRole('button', { name: 'Deputies…' }).click();
    await page.getByText('You decide for ben').waitFor();
    await checked(page, `deputies-${look}`);
    await inbox.server.send('DELETE', `/reviewer-api/deputies/${deputy}`, undefined, await inbox.server.bearer());
  });
});

async function checked(page: Page, name: string): Promise<void> {
  expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
  await page.addScriptTag({ path: axePath });
  const { violations } = await page.evaluate<{ violations: { id: string }[] }>(
    'axe.run(document, { resultTypes: ["violations"] })',
  );
  expect(violations).toEqual([]);
  await shoot(page, name);
}

async function shoot(page: Page, name: string): Promise<void> {
  if (shots === undefined) return;
  mkdirSync(shots, { recursive: true });
  await page.screenshot({ path: `${shots}/${name}.png` });
}

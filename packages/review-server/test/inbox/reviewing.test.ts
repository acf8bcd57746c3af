import { expect } from 'vitest';
import { until } from '../../../../test/support/until.ts';
import { ADMINISTRATORS as administrators, EMAIL_BLAST as emailBlast, PASSWORDS as passwords } from '../test-server.ts';
import { driverNames, driverOf } from './drivers.ts';
import { expectSeen } from './inbox-in-browser.ts';
import { describeInBrowser, inboxTest } from './inbox-test.ts';
import { named } from './new-assistant.ts';

const emailSchema = {
  type: 'object',
  properties: { template: { type: 'string' }, recipient_count: { type: 'integer' }, subject: { type: 'string' } },
};

const it = inboxTest({ reviewers: administrators })
  .extend(
    'heading',
    ({ page }) =>
      (name: string) =>
        page.getByRole('heading', { level: 1, name, exact: true }).waitFor(),
  )
  .extend(
    'ended',
    ({ page }) =>
      (text: string) =>
        page.locator('[data-ended]').getByText(text).waitFor(),
  )
  .extend('dialog', ({ page }) => page.getByRole('dialog'))
  .extend(
    'copied',
    ({ page }) =>
      () =>
        page.evaluate<string>('navigator.clipboard.readText()'),
  )
  .extend('askTwo', ({ ask }) => async () => {
    const action = named('two');
    const ids = [await ask({ action, summary: 'First of two' }), await ask({ action, summary: 'Second of two' })];
    return { action, ids, path: `/?action=${action}` };
  })
  .extend(
    'expectFocusIn',
    ({ page }) =>
      (selector: string) =>
        until(`the focus is in ${selector}`, () =>
          page.evaluate<boolean>(`document.activeElement.closest('${selector}') !== null`),
        ),
  );

describeInBrowser.each(driverNames)('reviewing by %s', (driverName) => {
  it('sign in, then sign out → the cookie is gone', async ({ inbox }) => {
    const own = await inbox.visit('/');
    const user = driverOf(driverName, own);
    await user.type('Name', 'ben');
    await user.type('Password', passwords.ben);
    await user.press('Sign in');
    await own.getByText('Live', { exact: true }).waitFor();
    await user.press('ben');
    await user.press('Sign out');
    await own.getByRole('heading', { name: 'Sign in to Holdpoint' }).waitFor();
    await user.expectFocusOn('Name');
    expect(await own.context().cookies()).toEqual([]);
  });

  it('end other sessions → the other browser is signed out', async ({ inbox }) => {
    const [own, other] = [
      await inbox.open('/', { as: 'ben', fresh: true }),
      await inbox.open('/', { as: 'ben', fresh: true }),
    ];
    const user = driverOf(driverName, own);
    await user.press('ben');
    await user.press('Your sessions…');
    await user.press('Sign out everywhere else');
    await own.getByText('No other sessions.').waitFor();
    await own.keyboard.press('Escape');
    await user.expectFocusOn('ben');
    await other.reload();
    await other.getByRole('heading', { name: 'Sign in to Holdpoint' }).waitFor();
  });

  it('turn shortcuts off and on → “?” follows', async ({ page, goTo, dialog }) => {
    const user = driverOf(driverName, page);
    await goTo('/');
    const toggle = async () => {
      await user.press('Keyboard shortcuts (?)');
      await user.toggle('Single-key shortcuts');
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached' });
      await user.expectFocusOn('Keyboard shortcuts (?)');
      await page.keyboard.press('?');
    };
    await toggle();
    expect(await dialog.count()).toBe(0);
    await toggle();
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
  });

  it('filter by action and risk, then clear → the list and the address follow', async ({
    inbox,
    page,
    ask,
    goTo,
    rows,
  }) => {
    const user = driverOf(driverName, page);
    const action = named('filtered');
    await ask({ action, summary: 'Of high risk', riskLevel: 'high' });
    await ask({ action, summary: 'Of low risk', riskLevel: 'low' });
    await goTo('/');
    await user.choose(/Action/, action);
    await until('both rows', async () => (await rows.count()) === 2);
    await user.choose(/Risk/, 'High');
    await until('one row', async () => (await rows.count()) === 1);
    await user.expectFocusOn(/Risk/);
    await user.press('Clear filters');
    await page.waitForURL(`${inbox.server.url}/`);
  });

  it('no match in a box → a link searches all requests', async ({ page, goTo }) => {
    const user = driverOf(driverName, page);
    await goTo('/?box=done');
    await user.choose(/Status/, 'Withdrawn');
    await expectSeen(page.getByText('No matching requests.'));
    await user.press('Search all requests');
    await page.waitForURL(/box=all/);
  });

  it('change the box → its list', async ({ page, goTo }) => {
    const user = driverOf(driverName, page);
    await goTo('/');
    await user.press(/^With others/);
    await page.waitForURL(/box=waiting/);
    await expectSeen(page.getByText('No claimed requests.'));
    await page.goBack();
    await page.waitForURL(/\/$/);
  });

  it('open and close a request → the focus returns to its row', async ({ page, askTwo, goTo, heading }) => {
    const user = driverOf(driverName, page);
    const { path } = await askTwo();
    await goTo(path);
    await user.press(/^First of two/);
    await heading('First of two');
    await user.press('Copy link');
    await page.keyboard.press('Escape');
    await page.waitForURL(new RegExp(`${path.slice(1).replace('?', '\\?')}$`));
    await user.expectFocusOn(/^First of two/);
  });

  it('approve with a note → sent, and “Next” opens the next request', async ({
    page,
    askTwo,
    goTo,
    heading,
    ended,
    expectFocusIn,
    read,
  }) => {
    const user = driverOf(driverName, page);
    const { path, ids } = await askTwo();
    await goTo(path);
    await user.press(/^First of two/);
    await heading('First of two');
    await user.type('Note', 'Go.');
    await user.press(/^Approve/);
    await ended('Approved');
    await expectFocusIn('[data-ended]');
    expect(await read(ids[0]!)).toMatchObject({ status: 'APPROVED', decisionNote: 'Go.', modifiedDetails: null });
    await user.press(/^Next/);
    await heading('Second of two');
  });

  it('reject with a common reason and own words → sent', async ({ page, show, ended, read }) => {
    const user = driverOf(driverName, page);
    const id = await show();
    await user.press(/^Reject…/);
    await user.press('Wrong environment');
    await user.expectFocusOn('Reason');
    await page.keyboard.type(' Use staging.');
    await user.press('Reject');
    await ended('Rejected');
    expect(await read(id)).toMatchObject({ status: 'REJECTED', decisionNote: 'Wrong environment. Use staging.' });
  });

  it('start to reject, then cancel → still pending', async ({ page, show, expectFocusIn, read }) => {
    const user = driverOf(driverName, page);
    const id = await show();
    await user.press(/^Reject…/);
    await user.press(/^Cancel/);
    await page.getByRole('button', { name: /^Approve/ }).waitFor();
    await expectFocusIn('.answers');
    expect((await read(id)).status).toBe('PENDING');
  });

  it('edit in the form → old and new shown, then sent', async ({ page, show, ended, read }) => {
    const user = driverOf(driverName, page);
    const id = await show({ argumentsSchema: emailSchema });
    await user.press(/^Edit…/);
    await page.getByLabel('subject').waitFor();
    await page.locator('.answers-why').filter({ hasText: 'No changes yet.' }).waitFor();
    await user.type('recipient_count', '120');
    expect(await page.locator('.changes').innerText()).toMatch(/recipient_count\s+from\s*500\s*→\s*to\s*120/);
    await user.press('Approve with changes');
    await ended('Approved with changes');
    expect((await read(id)).modifiedDetails).toEqual({ ...emailBlast.details, recipient_count: 120 });
  });

  it('edit as JSON, then as form → the form has the edit', async ({ page, show }) => {
    const user = driverOf(driverName, page);
    await show({ argumentsSchema: emailSchema });
    await user.press(/^Edit…/);
    await page.getByLabel('subject').waitFor();
    await user.press('Edit as JSON');
    await user.type('Arguments as JSON', JSON.stringify({ ...emailBlast.details, recipient_count: 8 }));
    await user.press('Edit as form');
    expect(await page.getByLabel('recipient_count').inputValue()).toBe('8');
  });

  it('undo all, then cancel the edit → unchanged and pending', async ({ page, show, expectFocusIn, read }) => {
    const user = driverOf(driverName, page);
    const id = await show({ argumentsSchema: emailSchema });
    await user.press(/^Edit…/);
    await page.getByLabel('subject').waitFor();
    await user.type('recipient_count', '7');
    await user.press('Undo all');
    await until('the old value', async () => (await page.getByLabel('recipient_count').inputValue()) === '500');
    await expectFocusIn('.edit-form');
    await user.press(/^Cancel edit/);
    await page.getByLabel('recipient_count').waitFor({ state: 'detached' });
    await expectFocusIn('.answers');
    expect(await read(id)).toMatchObject({ status: 'PENDING', modifiedDetails: null });
  });

  it('answer an outcome question with a note → sent', async ({ page, show, ended, read }) => {
    const user = driverOf(driverName, page);
    const id = await show({
      action: 'refund:outcome-unknown',
      details: { outcome: 'happened', holdpoint: { kind: 'outcome', mac: 'm' } },
    });
    await user.type('Note', 'Seen in the bank.');
    await user.press(/^It happened/);
    await ended('Happened');
    expect(await read(id)).toMatchObject({ status: 'APPROVED', decisionNote: 'Seen in the bank.' });
  });

  it('claim, then release → another reviewer sees both', async ({ inbox, page, show }) => {
    const user = driverOf(driverName, page);
    const summary = named('Claimed');
    await show({ summary });
    await user.press('Claim');
    await page.getByRole('button', { name: /^Release/ }).waitFor();
    await user.expectFocusOn(/^Release/);
    const other = await inbox.open('/?box=waiting', { as: 'ben', fresh: true });
    await other.getByRole('link', { name: summary }).getByText('Claimed by ana').waitFor();
    await user.press('Release');
    await expectSeen(other.getByText('No claimed requests.'));
  });

  it('another reviewer decides first → the own text can be discarded', async ({ inbox, page, show }) => {
    const user = driverOf(driverName, page);
    const id = await show();
    await user.type('Note', 'Too late');
    await inbox.server.decide(id, { decision: 'reject' }, 'ana');
    await page.getByText('Already rejected').waitFor();
    await page.keyboard.press('Escape');
    await user.press('Discard');
    await page.getByText('Too late').waitFor({ state: 'detached' });
  });

  it('batch of two → one table, one decision, two results', async ({ page, askTwo, goTo, dialog, read }) => {
    const user = driverOf(driverName, page);
    const { path, ids } = await askTwo();
    await goTo(path);
    await user.toggle('Select: First of two');
    await user.toggle('Select: Second of two');
    await user.press('Review selected…');
    await user.type('Note for all requests', 'Fine.');
    await user.press('Approve 2');
    await page.getByText('Decided 2 requests.').waitFor();
    expect(await dialog.getByRole('row').filter({ hasText: 'Approved' }).count()).toBe(2);
    await user.press('Done');
    await dialog.waitFor({ state: 'detached' });
    for (const id of ids) expect(await read(id)).toMatchObject({ status: 'APPROVED', decisionNote: 'Fine.' });
  });

  it('leave a batch, then clear the selection → nothing decided', async ({ page, askTwo, goTo, dialog, read }) => {
    const user = driverOf(driverName, page);
    const { path, ids } = await askTwo();
    await goTo(path);
    await user.toggle('Select: First of two');
    await user.press('Review selected…');
    await user.press('Cancel');
    await dialog.waitFor({ state: 'detached' });
    await user.expectFocusOn('Review selected…');
    await expectSeen(page.getByText('1 request selected'));
    await page.keyboard.press('Escape');
    await page.getByRole('region', { name: 'Selection' }).waitFor({ state: 'detached' });
    for (const id of ids) expect((await read(id)).status).toBe('PENDING');
  });
});

describeInBrowser('reviewing', () => {
  it('skip link → the main content has the focus', async ({ page, goTo, expectFocusIn }) => {
    await goTo('/');
    await page.reload();
    await page.getByText('Live', { exact: true }).waitFor();
    await driverOf('keyboard', page).press('Skip to content');
    await expectFocusIn('#main');
  });

  it('X on the open request → selected', async ({ page, askTwo, goTo, heading }) => {
    const { path } = await askTwo();
    await goTo(path);
    await page.getByRole('link', { name: /^First of two/ }).click();
    await heading('First of two');
    await page.keyboard.press('x');
    await page.getByText('1 request selected').waitFor();
  });

  it('“Clear selection” → no request is selected', async ({ page, askTwo, goTo, press }) => {
    const { path } = await askTwo();
    await goTo(path);
    await page.getByRole('checkbox', { name: 'Select: First of two' }).check();
    await press('Clear selection');
    await page.getByRole('region', { name: 'Selection' }).waitFor({ state: 'detached' });
  });

  it('unknown request → “Back to list” keeps the filters', async ({ inbox, page, goTo, press }) => {
    await goTo('/approvals/req_unknown?action=any');
    await page.getByRole('heading', { name: 'Request not found' }).waitFor();
    await press('Back to list');
    await page.waitForURL(`${inbox.server.url}/?action=any`);
  });

  it('copy link and arguments → the clipboard has them', async ({ inbox, show, press, copied }) => {
    const details = { text: 'short' };
    const id = await show({ details });
    await press('Copy link');
    await until('the link', async () => (await copied()) === `${inbox.server.url}/approvals/${id}`);
    await press('Copy as JSON');
    await until('the arguments', async () => (await copied()).startsWith('{'));
    expect(JSON.parse(await copied())).toEqual(details);
  });

  it('long argument → shown in full and shortened again', async ({ page, show, press }) => {
    await show({ details: { text: 'long '.repeat(500) } });
    await press(/^Show all 2,500 characters/);
    await press('Show less');
    await page.getByRole('button', { name: /^Show all 2,500 characters/ }).waitFor();
  });

  it('view as JSON, then as fields → each is shown', async ({ page, show, press }) => {
    await show();
    await press('View as JSON');
    await expectSeen(page.locator('.arguments pre'));
    await press('View as fields');
    await page.locator('.arguments pre').waitFor({ state: 'detached' });
  });

  it('another reviewer decides first → note and edit can be copied', async ({
    inbox,
    page,
    show,
    press,
    note,
    copied,
  }) => {
    const id = await show({ argumentsSchema: emailSchema });
    await press(/^Edit…/);
    await page.getByLabel('subject').fill('My subject');
    await note.fill('My note');
    await inbox.server.decide(id, { decision: 'reject' }, 'ana');
    await page.getByText('Already rejected').waitFor();
    await page.getByRole('heading', { level: 1 }).click();
    await press('Copy note');
    await until('the note is copied', async () => (await copied()) === 'My note');
    await press('Copy edit');
    await until('the edit is copied', async () => (await copied()).startsWith('{'));
    expect(JSON.parse(await copied())).toEqual({ ...emailBlast.details, subject: 'My subject' });
  });

  it('list and request fail to load → “Try again” loads them', async ({ inbox, page, ask, rows, heading }) => {
    // No page is open, so that no other call takes the failing answers.
    await page.goto('about:blank');
    const id = await ask({ summary: 'Loaded again' });
    const refused = { status: 403, json: { error: 'Not for you just now.' } };
    await page.route('**/reviewer-api/approvals?**', (route) => route.fulfill(refused), { times: 1 });
    await page.route(`**/reviewer-api/approvals/${id}`, (route) => route.fulfill(refused), { times: 1 });
    await page.goto(`${inbox.server.url}/approvals/${id}`);
    await page.getByRole('region', { name: 'Requests' }).getByRole('button', { name: 'Try again' }).click();
    await expectSeen(rows);
    await page.getByRole('main').getByRole('button', { name: 'Try again' }).click();
    await heading('Loaded again');
  });

  it('main links → inbox and administration', async ({ inbox, page, goTo }) => {
    await goTo('/admin/users');
    const links = page.getByRole('navigation', { name: 'Main' });
    await links.getByRole('link', { name: 'Inbox' }).click();
    await page.waitForURL(`${inbox.server.url}/`);
    await links.getByRole('link', { name: 'Admin' }).click();
    await page.getByRole('heading', { level: 1, name: 'Users' }).waitFor();
    await page.getByRole('link', { name: 'Holdpoint' }).click();
    await page.waitForURL(`${inbox.server.url}/`);
  });
});

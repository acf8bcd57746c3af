import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from '../../../../test/support/chromium.ts';
import { until } from '../../../../test/support/until.ts';
import { EMAIL_BLAST, PASSWORDS } from '../test-server.ts';
import { byKeys, type Keys } from './by-keys.ts';
import { startInboxInBrowser, type InboxInBrowser } from './inbox-in-browser.ts';

/* A reviewer's whole day by Tab, Enter, Space, arrows, typing and the single keys; after each action the focus is where one goes on. */

const SCHEMA = {
  type: 'object',
  properties: { template: { type: 'string' }, recipient_count: { type: 'integer' }, subject: { type: 'string' } },
};

describe.skipIf(chromiumPath === undefined)('reviewing by keys alone', () => {
  let inbox: InboxInBrowser;
  let page: Page;
  let keys: Keys;
  beforeAll(async () => {
    inbox = await startInboxInBrowser('sqlite::memory:');
    page = await inbox.open('/', { context: { permissions: ['notifications'] } });
    keys = byKeys(page);
  });
  afterAll(() => inbox.close());
  const expectNoProblems = () => expect(inbox.problems.splice(0)).toEqual([]);
  afterEach(expectNoProblems);

  const ask = async (more: object = {}) => (await inbox.server.ask(more)).body.id;
  const read = async (id: string) => (await inbox.server.get(`/api/approvals/${id}`)).body;
  const heading = (name: string | RegExp) => page.getByRole('heading', { level: 1, name }).waitFor();
  const ended = (text: string) => page.locator('[data-ended]').getByText(text).waitFor();
  const expectFocusOn = async (name: string | RegExp) =>
    until(
      `the focus to be on ${String(name)}`,
      async () => {
        const focused = await keys.focused();
        return typeof name === 'string' ? focused === name : name.test(focused);
      },
      5000,
    );
  const expectFocusIn = async (selector: string) =>
    until(
      `the focus to be in ${selector}`,
      () => page.evaluate<boolean>(`document.activeElement.closest('${selector}') !== null`),
      5000,
    );
  const show = async (more: object = {}) => {
    const id = await ask(more);
    await page.goto(`${inbox.server.url}/approvals/${id}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    return id;
  };

  it('signs in, out of a second browser, out of this one, and in again', async () => {
    const signIn = async (password: string) => {
      await keys.type('Name', 'ana');
      await keys.type('Password', password);
      await keys.key('Enter');
    };
    await page.context().clearCookies();
    await page.reload();
    await heading('Sign in to review');
    await signIn('wrong');
    await page.getByRole('alert').waitFor();
    await signIn(PASSWORDS.ana);
    await page.getByText('Live', { exact: true }).waitFor();
    const other = await inbox.open('/', { fresh: true });
    await keys.press('ana');
    await keys.press(/^Where you are signed in/);
    await page.getByRole('dialog').getByText('this one').waitFor();
    await keys.press(/^Sign out of the/);
    await page.getByText('You are signed in nowhere else.').waitFor();
    await expectFocusIn('[role=dialog]');
    await keys.key('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await expectFocusOn('ana');
    await other.reload();
    await other.getByRole('heading', { name: 'Sign in to review' }).waitFor();
    await other.context().close();
    await keys.key('Enter');
    await keys.press('Sign out');
    await heading('Sign in to review');
    await expectFocusOn('Name');
    await signIn(PASSWORDS.ana);
    await page.getByText('Live', { exact: true }).waitFor();
  });

  it('skips to the content, opens the help and switches the single keys, and notifications on', async () => {
    await page.reload();
    await page.getByText('Live', { exact: true }).waitFor();
    await keys.press('Skip to the content');
    await expectFocusIn('#main');
    await keys.press('Keyboard and help (?)');
    await keys.press('Single keys work', ' ');
    await keys.key('Escape', '?');
    await expectFocusOn('Keyboard and help (?)');
    expect(await page.getByRole('dialog').count()).toBe(0);
    await keys.key('Enter');
    await keys.press('Single keys work', ' ');
    await keys.key('Escape');
    await keys.press('ana');
    await keys.press('Notify me in this browser', ' ');
    await page.getByRole('switch', { name: 'Notify me in this browser', checked: true }).waitFor({ state: 'attached' });
    await keys.key('Escape');
    await expectFocusOn('ana');
  });

  it('searches, filters, changes the box, clears, and walks through the list', async () => {
    await ask({ action: 'sought', summary: 'Sought one', riskLevel: 'high' });
    await ask({ action: 'sought', summary: 'Sought two', riskLevel: 'low' });
    await page.goto(`${inbox.server.url}/`);
    await page.getByText('Sought two').waitFor();
    await keys.key('/');
    await page.keyboard.type('sought');
    await page.waitForURL(/q=sought/);
    await keys.choose(/Risk/, 'High');
    await page.waitForURL(/risk=high/);
    await expectFocusOn(/Risk/);
    await page.getByText('Sought two').waitFor({ state: 'detached' });
    await keys.press('Clear');
    await page.waitForURL(`${inbox.server.url}/`);
    await expectFocusIn('.filter-bar');
    await keys.tabTo(/^Done/, 'back');
    await keys.key('Enter');
    await page.waitForURL(/box=done/);
    await keys.choose(/Ending/, 'Withdrawn');
    await page.getByText('Nothing here matches.').waitFor();
    await keys.press('Look in all boxes');
    await page.waitForURL(/box=all/);
    await page.goto(`${inbox.server.url}/?q=sought`);
    await keys.press(/^Sought one/);
    await heading('Sought one');
    await keys.key('j');
    await heading('Sought two');
    await expectFocusOn(/^Sought two/);
    await keys.key('k');
    await heading('Sought one');
    await keys.key('Escape');
    await page.waitForURL(`${inbox.server.url}/?q=sought`);
    await expectFocusOn(/^Sought one/);
  });

  it('goes back to the row of what it closed, wherever the focus was in it', async () => {
    await ask({ action: 'closed-again', summary: 'Closed again' });
    await page.goto(`${inbox.server.url}/?action=closed-again`);
    await keys.press(/^Closed again/);
    await heading('Closed again');
    await keys.press(/^Copy the link/);
    await keys.key('Escape');
    await expectFocusOn(/^Closed again/);
  });

  it('approves with a note', async () => {
    const id = await show();
    await keys.type('Note', 'Go.');
    await keys.press(/^Approve/);
    await ended('Approved');
    await expectFocusIn('[data-ended]');
    expect(await read(id)).toMatchObject({ status: 'APPROVED', decisionNote: 'Go.' });
  });

  it('begins to reject and thinks better of it, then rejects with a reason and a note', async () => {
    const id = await show();
    await keys.press(/^Reject …/);
    await expectFocusOn('Why not?');
    await keys.press(/^Cancel/);
    await expectFocusIn('.answers');
    await keys.key('r');
    await keys.press('Wrong environment', ' ');
    await expectFocusOn('Why not?');
    await page.keyboard.type(' Use staging.');
    await keys.press('Reject');
    await ended('Rejected');
    expect(await read(id)).toMatchObject({ status: 'REJECTED', decisionNote: 'Wrong environment. Use staging.' });
  });

  it('edits: undoes, cancels, edits as JSON and in the form, and approves that', async () => {
    const id = await show({ argumentsSchema: SCHEMA });
    await keys.press(/^Edit …/);
    await expectFocusIn('.edit-form');
    await keys.type('recipient_count', '-712');
    expect(await page.getByLabel('recipient_count').inputValue()).toBe('-712');
    await keys.tabTo('Undo all', 'back');
    await keys.key('Enter');
    await expectFocusIn('.edit-form');
    await keys.press(/^Cancel the edit/);
    await expectFocusIn('.answers');
    await keys.key('e');
    await keys.tabTo('As JSON', 'back');
    await keys.key('Enter');
    await keys.type('Arguments as JSON', JSON.stringify({ ...EMAIL_BLAST.details, recipient_count: 8 }));
    await keys.tabTo('As a form', 'back');
    await keys.key('Enter');
    await keys.type('subject', 'Shorter');
    await keys.press('Approve with changes');
    await ended('Approved with changes');
    expect((await read(id)).modifiedDetails).toEqual({
      ...EMAIL_BLAST.details,
      recipient_count: 8,
      subject: 'Shorter',
    });
  });

  it('answers what came of a call, with a note', async () => {
    const id = await show({
      action: 'refund:outcome-unknown',
      details: { outcome: 'happened', holdpoint: { kind: 'outcome', mac: 'm' } },
    });
    await keys.type('Note', 'Seen in the bank.');
    await keys.press(/^It happened/);
    await ended('Happened');
    expect(await read(id)).toMatchObject({ status: 'APPROVED', decisionNote: 'Seen in the bank.' });
  });

  it.each(['Enter', ' ', 'a'])('holds the key “%s” for what is critical', async (key) => {
    const id = await show({ riskLevel: 'critical' });
    await keys.tabTo(/^Approve/);
    await page.keyboard.down(key);
    await page.getByText('Keep holding').waitFor();
    await page.keyboard.up(key);
    await page.getByText('Let go too early').waitFor();
    expect((await read(id)).status).toBe('PENDING');
    await page.keyboard.down(key);
    await ended('Approved');
    await page.keyboard.up(key);
    expect((await read(id)).status).toBe('APPROVED');
  });

  it('claims and gives back', async () => {
    await show();
    await keys.press(/^I’m on it/);
    await expectFocusOn(/^You are on it/);
    await keys.key('Enter');
    await expectFocusOn(/^I’m on it/);
  });

  it('throws away what it had typed when somebody else was quicker', async () => {
    const id = await show();
    await keys.type('Note', 'Too late');
    await inbox.server.decide(id, { decision: 'reject' }, 'ben');
    await page.getByText('Already rejected').waitFor();
    await keys.press('Throw it away');
    await page.getByText('Too late').waitFor({ state: 'detached' });
    await expectFocusIn('#main');
  });

  it('selects by box and by X, looks, leaves, clears, and decides on all, whose results stay to be read', async () => {
    const ids = [
      await ask({ action: 'several', summary: 'First of several' }),
      await ask({ action: 'several', summary: 'Second of several' }),
    ];
    await page.goto(`${inbox.server.url}/?action=several`);
    await keys.press('Select: First of several', ' ');
    await keys.press(/^Second of several/);
    await heading('Second of several');
    await expectFocusIn('.headline');
    await keys.key('x');
    await page.getByText('2 approvals selected').waitFor();
    await keys.press('Clear', ' ');
    await page.goto(`${inbox.server.url}/?action=several`);
    await keys.press('Select: First of several', ' ');
    await keys.press('Select: Second of several', ' ');
    await keys.press(/^Look at them/);
    await keys.key('Escape');
    await expectFocusOn(/^Look at them/);
    await keys.key('Enter');
    await keys.type('Note for all of them', 'Fine.');
    await keys.press('Approve 2');
    await page.getByText('2 approvals decided by you.').waitFor();
    await page.getByText('Nothing here matches.').waitFor();
    expect(await page.getByRole('dialog').getByRole('row').filter({ hasText: 'Approved' }).count()).toBe(2);
    await keys.press('Done');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await expectFocusIn('.list-pane');
    for (const id of ids) expect(await read(id)).toMatchObject({ status: 'APPROVED', decisionNote: 'Fine.' });
  });
});

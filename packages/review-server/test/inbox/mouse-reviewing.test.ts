import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { chromiumPath } from '../../../../test/support/chromium.ts';
import { until } from '../../../../test/support/until.ts';
import { ADMINISTRATORS, EMAIL_BLAST, PASSWORDS } from '../test-server.ts';
import { byMouse } from './by-mouse.ts';
import { expectSeen, startInboxInBrowser, type InboxInBrowser } from './inbox-in-browser.ts';
import { named } from './new-assistant.ts';

/* What a reviewer has a button for beside the decisions themselves (deciding.test.ts), by mouse; keys are for what is typed into fields. */

const SCHEMA = {
  type: 'object',
  properties: { template: { type: 'string' }, recipient_count: { type: 'integer' }, subject: { type: 'string' } },
};

describe.skipIf(chromiumPath === undefined)('reviewing by mouse', () => {
  let inbox: InboxInBrowser;
  let page: Page;
  beforeAll(async () => {
    inbox = await startInboxInBrowser('sqlite::memory:', { reviewers: ADMINISTRATORS });
    page = await inbox.open('/', { context: { permissions: ['clipboard-read', 'clipboard-write'] } });
  });
  afterAll(() => inbox.close());
  const expectNoProblems = () => expect(inbox.problems.splice(0)).toEqual([]);
  afterEach(expectNoProblems);
  beforeEach(async () => {
    await page.goto(`${inbox.server.url}/`);
  });

  const ask = async (more: object = {}) => (await inbox.server.ask(more)).body.id;
  const read = async (id: string) => (await inbox.server.get(`/api/approvals/${id}`)).body;
  const heading = (name: string) => page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
  const button = (name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' });
  const { press, choose } = byMouse(() => page);
  const link = (name: string | RegExp) => page.getByRole('link', { name }).click();
  const note = () => page.getByLabel('Note', { exact: true });
  const rows = () => page.getByRole('region', { name: 'Approvals' }).getByRole('listitem');
  const copied = () => page.evaluate<string>('navigator.clipboard.readText()');
  const show = async (more: object = {}) => {
    const id = await ask(more);
    await page.goto(`${inbox.server.url}/approvals/${id}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    return id;
  };

  it('signs in and out, and switches the single keys in the help', async () => {
    const own = await inbox.visit('/');
    await own.getByLabel('Name').fill('ben');
    await own.getByLabel('Password').fill(PASSWORDS.ben);
    await own.getByRole('button', { name: 'Sign in' }).click();
    await own.getByRole('button', { name: 'Keyboard and help (?)' }).click();
    await own.getByText('Single keys work').click();
    await own.getByRole('switch', { name: 'Single keys work', checked: false }).waitFor({ state: 'attached' });
    await own.getByRole('button', { name: 'Close' }).click();
    await own.getByRole('dialog').waitFor({ state: 'detached' });
    await own.getByRole('button', { name: 'ben' }).click();
    await own.getByRole('button', { name: 'Sign out' }).click();
    await own.getByRole('heading', { name: 'Sign in to review' }).waitFor();
    expect(await own.context().cookies()).toEqual([]);
    await own.context().close();
  });

  it('narrows the list by each filter, clears that, and goes from box to box', async () => {
    const action = named('narrowed');
    await ask({ action, summary: 'Of high risk', riskLevel: 'high' });
    await ask({ action, summary: 'Of low risk', riskLevel: 'low' });
    await inbox.server.decide(await ask({ action, summary: 'A rejected one' }), { decision: 'reject' });
    await page.reload();
    await choose(/Action/, action);
    await until('those of the action', async () => (await rows().count()) === 2);
    await choose(/Risk/, 'High');
    await until('the one of high risk', async () => (await rows().count()) === 1);
    await choose(/Assistant/, 'comms');
    await page.waitForURL(/assistant=comms/);
    await choose(/Risk/, 'Any risk');
    await until('both again', async () => (await rows().count()) === 2);
    await link(/^Done/);
    await expectSeen(rows().getByText('A rejected one'));
    await choose(/Ending/, 'Approved');
    await expectSeen(page.getByText('Nothing here matches.'));
    await link('Look in all boxes');
    await page.waitForURL(/box=all/);
    await press('Clear');
    await page.waitForURL(`${inbox.server.url}/?box=all`);
    await link(/^Waiting for others/);
    await expectSeen(page.getByText('Nobody else is on anything.'));
    await link(/^Needs you/);
    await expectSeen(rows().getByText('Of low risk'));
  });

  it('opens an approval, goes on to the next one after a decision, and back to the list from what is not there', async () => {
    const action = named('in-a-row');
    for (const summary of ['First in a row', 'Second in a row']) await ask({ action, summary });
    await page.goto(`${inbox.server.url}/?action=${action}`);
    await link('First in a row');
    await heading('First in a row');
    await press(/^Approve/);
    await expectSeen(page.getByText('Approved by you'));
    await link(/^Next/);
    await heading('Second in a row');
    await page.goto(`${inbox.server.url}/approvals/req_of_nobody?action=${action}`);
    await heading('There is no such approval');
    await press('Back to the list');
    await page.waitForURL(`${inbox.server.url}/?action=${action}`);
  });

  it('copies the address and the arguments, shows them as JSON and as fields, and a long one in full and in short', async () => {
    const details = { text: 'long '.repeat(500) };
    const id = await show({ details });
    await press('Copy the link to this approval');
    await button('Copied').waitFor();
    expect(await copied()).toBe(`${inbox.server.url}/approvals/${id}`);
    await press('Copy as JSON');
    await until('the arguments are copied', async () => (await copied()).startsWith('{'));
    expect(JSON.parse(await copied())).toEqual(details);
    await press(/^Show all 2,500 characters/);
    await press('Show less');
    await button(/^Show all 2,500 characters/).waitFor();
    await press('As JSON');
    await expectSeen(page.locator('.arguments pre'));
    await press('As fields');
    await page.locator('.arguments pre').waitFor({ state: 'detached' });
  });

  it('undoes an edit, goes on as JSON and as a form, and cancels it', async () => {
    const id = await show({ argumentsSchema: SCHEMA });
    const count = page.getByLabel('recipient_count');
    await press(/^Edit …/);
    await count.fill('7');
    await expectSeen(page.locator('.changes'));
    await press('Undo all');
    await until('it is as it was', async () => (await count.inputValue()) === '500');
    expect(await button('Undo all').count()).toBe(0);
    await press('As JSON');
    await page.getByLabel('Arguments as JSON').fill(JSON.stringify({ ...EMAIL_BLAST.details, recipient_count: 8 }));
    await press('As a form');
    await until('the form has it', async () => (await count.inputValue()) === '8');
    await press(/^Cancel the edit/);
    await count.waitFor({ state: 'detached' });
    await press(/^Reject …/);
    await press(/^Cancel/);
    await press(/^Approve/);
    await expectSeen(page.getByText('Approved by you'));
    expect(await read(id)).toMatchObject({ status: 'APPROVED', modifiedDetails: null });
  });

  it('copies what was typed for a decision that somebody else made first', async () => {
    const id = await show({ argumentsSchema: SCHEMA });
    await press(/^Edit …/);
    await page.getByLabel('subject').fill('My subject');
    await note().fill('My note');
    await inbox.server.decide(id, { decision: 'reject' }, 'ben');
    await page.getByText('Already rejected').waitFor();
    await page.getByRole('heading', { level: 1 }).click();
    await press('Copy your note');
    await until('the note is copied', async () => (await copied()) === 'My note');
    await press('Copy your edit');
    await until('the edit is copied', async () => (await copied()).startsWith('{'));
    expect(JSON.parse(await copied())).toEqual({ ...EMAIL_BLAST.details, subject: 'My subject' });
  });

  it('selects several, clears that, looks at them and leaves again, and nothing is decided', async () => {
    const action = named('several');
    const ids = [await ask({ action, summary: 'One of several' }), await ask({ action, summary: 'Two of several' })];
    await page.goto(`${inbox.server.url}/?action=${action}`);
    const select = async () => {
      for (const name of ['One', 'Two'])
        await page.getByRole('checkbox', { name: `Select: ${name} of several` }).click();
      await expectSeen(page.getByText('2 approvals selected'));
    };
    const selection = page.getByRole('region', { name: 'Selection' });
    await select();
    await selection.getByRole('button', { name: 'Clear' }).click();
    await selection.waitFor({ state: 'detached' });
    await select();
    await press(/Look at them/);
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await expectSeen(page.getByText('2 approvals selected'));
    for (const id of ids) expect((await read(id)).status).toBe('PENDING');
  });

  it('reads again what could not be read: the list and the open approval', async () => {
    // No page that is open meanwhile takes the answer that is meant for the next one.
    await page.goto('about:blank');
    const id = await ask({ summary: 'Read again' });
    const refused = { status: 403, json: { error: 'Not for you just now.' } };
    await page.route('**/reviewer-api/approvals?**', (route) => route.fulfill(refused), { times: 1 });
    await page.route(`**/reviewer-api/approvals/${id}`, (route) => route.fulfill(refused), { times: 1 });
    await page.goto(`${inbox.server.url}/approvals/${id}`);
    await page.getByRole('region', { name: 'Approvals' }).getByRole('button', { name: 'Try again' }).click();
    await expectSeen(rows());
    await page.getByRole('main').getByRole('button', { name: 'Try again' }).click();
    await heading('Read again');
  });

  it('goes from the administration to the inbox and back', async () => {
    await page.goto(`${inbox.server.url}/admin/users`);
    const areas = page.getByRole('navigation', { name: 'Areas' });
    await areas.getByRole('link', { name: 'Inbox' }).click();
    await page.waitForURL(`${inbox.server.url}/`);
    await areas.getByRole('link', { name: 'Admin' }).click();
    await page.getByRole('heading', { level: 1, name: 'Users' }).waitFor();
    await page.getByRole('link', { name: 'Holdpoint' }).click();
    await page.getByRole('region', { name: 'Approvals' }).waitFor();
    expect(page.url()).toBe(`${inbox.server.url}/`);
  });
});

import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { chromiumPath } from '../../../../test/support/chromium.ts';
import { until } from '../../../../test/support/until.ts';
import { startCallbackReceiver, type CallbackReceiver } from '../callback-receiver.ts';
import { PASSWORDS } from '../test-server.ts';
import { byMouse } from './by-mouse.ts';
import { expectFocusOn, expectSeen, problemOf, startInboxInBrowser, type InboxInBrowser } from './inbox-in-browser.ts';
import { named, newAssistant } from './new-assistant.ts';

/* The whole administration by mouse; keys are for what is typed into fields. */

const PAGE_SIZE = 50;

describe.skipIf(chromiumPath === undefined)('administering by mouse', () => {
  let inbox: InboxInBrowser;
  let receiver: CallbackReceiver;
  let page: Page;
  beforeAll(async () => {
    receiver = await startCallbackReceiver();
    inbox = await startInboxInBrowser('sqlite::memory:', {
      reviewers: [
        { name: 'ana', password: PASSWORDS.ana, roles: ['admin', 'reviewer'] },
        { name: 'ben', password: PASSWORDS.ben, roles: ['auditor'] },
      ],
    });
    page = await inbox.open('/admin/users', { context: { permissions: ['clipboard-read', 'clipboard-write'] } });
  });
  afterAll(async () => {
    await inbox.close();
    await receiver.stop();
  });
  const expectNoProblems = () => expect(inbox.problems.splice(0)).toEqual([]);
  afterEach(expectNoProblems);
  beforeEach(async () => {
    await page.goto(`${inbox.server.url}/admin/users`);
  });

  const goTo = async (name: string) => {
    await page.getByRole('link', { name, exact: true }).click();
    await page.getByRole('heading', { level: 1, name }).waitFor();
  };
  const { dialog, press, pressIn, closed, choose } = byMouse(() => page);
  const row = (text: string) => page.getByRole('row').filter({ hasText: text });
  const asks = (key: string, more: object = {}) => inbox.server.ask(more, { 'x-api-key': key });

  it('shows a new key once, copies it, takes it, replaces it and revokes it', async () => {
    const assistant = named('billing');
    await goTo('Connection Keys');
    await press('New key');
    await page.getByLabel('Assistant').fill(assistant);
    await pressIn('Make the key');
    const key = await page.locator('.secret code').innerText();
    await pressIn('Copy the key');
    await dialog().getByRole('button', { name: 'Copied' }).waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(key);
    await pressIn('I have it');
    await closed();
    expect(await page.locator('body').innerText()).not.toContain(key);
    expect((await asks(key)).status).toBe(200);
    await row(assistant)
      .getByRole('button', { name: /^Rotate/ })
      .click();
    await choose(/The old one stops working/, 'in a week');
    await pressIn('Make the new key');
    const second = await page.locator('.secret code').innerText();
    await pressIn('I have it');
    await expectSeen(row(assistant).getByText(/works until/));
    const revoke = row('active')
      .filter({ hasText: assistant })
      .getByRole('button', { name: /^Revoke/ });
    await revoke.click();
    await pressIn('Cancel');
    await closed();
    expect((await asks(second)).status).toBe(200);
    await revoke.click();
    await pressIn('Revoke it');
    await expectSeen(row(assistant).getByText('revoked'));
    expect([(await asks(key)).status, (await asks(second)).status]).toEqual([200, 401]);
  });

  it('limits an assistant, and takes the limits away again', async () => {
    const { assistant, secret } = await newAssistant(inbox.server);
    await goTo('Assistants');
    const limits = async (hour: string, identical: string, seconds: string) => {
      await press(`Limits of ${assistant}`);
      await page.getByLabel('Requests in an hour').fill(hour);
      await page.getByLabel('Identical requests').fill(identical);
      await page.getByLabel('… within seconds').fill(seconds);
      await pressIn('Save');
    };
    await limits('2', '5', '60');
    await expectSeen(row(assistant).getByText('2 an hour, 5 identical in 60 s'));
    const came = [await asks(secret), await asks(secret), await asks(secret)];
    expect(came.map(({ body }) => body.status)).toEqual(['pending', 'pending', 'rejected']);
    await limits('', '', '');
    await expectSeen(row(assistant).getByText('none', { exact: true }));
    expect((await asks(secret)).body.status).toBe('pending');
  });

  it('says at the fields which limits can’t be taken, sends nothing, and takes them when they are mended', async () => {
    const { assistant } = await newAssistant(inbox.server);
    await goTo('Assistants');
    await press(`Limits of ${assistant}`);
    const [hour, identical, seconds] = [
      page.getByLabel('Requests in an hour'),
      page.getByLabel('Identical requests'),
      page.getByLabel('… within seconds'),
    ];
    await hour.fill('many');
    await seconds.fill('60');
    expect(await dialog().locator('[aria-invalid=true]').count()).toBe(0);
    await pressIn('Save');
    expect(await problemOf(hour)).toBe('Type a whole number from 1 to 1,000,000, in digits only, or leave it empty.');
    expect(await problemOf(identical)).toMatch(/The two belong together/);
    await expectFocusOn(hour);
    await hour.fill('1000001');
    await seconds.fill('86401');
    expect([await problemOf(hour), await problemOf(seconds)]).toEqual([
      expect.stringContaining('to 1,000,000'),
      expect.stringContaining('to 86,400'),
    ]);
    await seconds.fill('60');
    await hour.fill('30');
    await pressIn('Save');
    await expectFocusOn(identical);
    await identical.fill('3');
    await pressIn('Save');
    await expectSeen(row(assistant).getByText('30 an hour, 3 identical in 60 s'));
  });

  it('pauses an assistant and lets it run again', async () => {
    const { assistant, secret } = await newAssistant(inbox.server);
    await goTo('Assistants');
    await press(`Pause ${assistant}`);
    await page.getByLabel('Why').fill('It went astray.');
    await pressIn('Pause it');
    await expectSeen(row(assistant).getByText('It went astray.'));
    expect((await asks(secret)).body.status).toBe('rejected');
    await press(`Let ${assistant} run`);
    await pressIn('Let it run');
    await expectSeen(row(assistant).getByText('runs'));
    expect((await asks(secret)).body.status).toBe('pending');
  });

  it('writes rules, tries them on what came before, switches them on and off, changes their order, changes and removes them', async () => {
    const [action, small, large] = [named('refund'), named('Small'), named('Large')];
    const refund = async (amount: number) =>
      (await inbox.server.ask({ action, summary: `Refund of ${amount}`, details: { amount } })).body;
    await refund(20);
    await inbox.server.decide((await refund(900)).id, { decision: 'approve' });
    await goTo('Rules');
    const rule = (name: string) => page.locator('.rule').filter({ hasText: name });
    for (const [name, holds, value, then, differs] of [
      [small, 'is at most', '50', 'Approve it', 0],
      [large, 'is at least', '500', 'Reject it', 1],
    ] as const) {
      await press('New rule');
      await page.getByLabel('Name').fill(name);
      await page.getByLabel('Value').fill(action);
      await pressIn('Add a condition');
      await page.getByLabel('Field').nth(1).fill('details.amount');
      await choose(/Holds when it$/, holds);
      await page.getByLabel('Value').nth(1).fill(value);
      await choose(/Then$/, then);
      await pressIn('Try it out on the last 30 days');
      await expectSeen(dialog().getByText('It would have decided 1 of'));
      expect(await dialog().getByRole('row').filter({ hasText: 'Differs' }).count()).toBe(differs);
      const [tried] = await Promise.all([
        page.context().waitForEvent('page'),
        dialog()
          .getByRole('link', { name: name === small ? 'Refund of 20' : 'Refund of 900' })
          .click(),
      ]);
      await tried.getByRole('heading', { level: 1, name: /^Refund of/ }).waitFor();
      await tried.close();
      await pressIn('Save');
      await closed();
    }
    await rule(small).getByText('Off').click();
    await page
      .getByRole('switch', { name: new RegExp(`^On\\b.*${small}`), checked: true })
      .waitFor({ state: 'attached' });
    expect(await refund(20)).toMatchObject({ status: 'approved', autoDecisionRuleName: small });
    const placeOf = async (name: string) => Number.parseInt(await rule(name).getByRole('heading').innerText());
    await press(`Ask ${large} earlier`);
    await until('the large ones are asked first', async () => (await placeOf(large)) < (await placeOf(small)));
    await press(`Ask ${large} later`);
    await until('the small ones are asked first', async () => (await placeOf(small)) < (await placeOf(large)));
    await press(`Change ${large}`);
    await pressIn('Remove the condition on details.amount');
    await dialog().getByText('The rule is on').click();
    await page.getByLabel('Name').fill(`${large}, all`);
    await pressIn('Save');
    await closed();
    expect(await refund(100)).toMatchObject({ status: 'rejected', autoDecisionRuleName: `${large}, all` });
    await rule(large).locator('.switch').click();
    await page
      .getByRole('switch', { name: new RegExp(`^Off\\b.*${large}`), checked: false })
      .waitFor({ state: 'attached' });
    expect((await refund(100)).status).toBe('pending');
    for (const name of [`${large}, all`, small]) {
      await press(`Remove ${name}`);
      await pressIn('Remove');
      await rule(name).waitFor({ state: 'detached' });
    }
    expect((await refund(20)).status).toBe('pending');
  });

  it('adds a user, changes roles and password, and removes the user', async () => {
    const name = named('cleo');
    const signsIn = async (password: string) =>
      (await inbox.server.post('/reviewer-api/session', { name, password }, {})).status;
    await press('Add a user');
    await page.getByLabel('Name').fill(name);
    await page.getByLabel('Password').fill('short');
    await pressIn('Add');
    await expectSeen(page.getByRole('alert').filter({ hasText: 'at least 12 characters' }));
    await page.getByLabel('Password').fill('a password of twelve or more');
    await pressIn('Add');
    await closed();
    expect(await signsIn('a password of twelve or more')).toBe(200);
    await press(`Change ${name}`);
    await dialog().getByText('auditor').click();
    await page.getByLabel('New password').fill('another one of twelve or more');
    await pressIn('Save');
    await expectSeen(row(name).getByText('reviewer, auditor'));
    expect([await signsIn('a password of twelve or more'), await signsIn('another one of twelve or more')]).toEqual([
      401, 200,
    ]);
    await press(`Remove ${name}`);
    await pressIn('Remove');
    await row(name).waitFor({ state: 'detached' });
    expect(await signsIn('another one of twelve or more')).toBe(401);
  });

  it('leaves everything as it is where a dialog is closed by its cross, by “Cancel” or by a click beside it', async () => {
    const name = named('nobody');
    for (const leave of [() => pressIn('Close'), () => pressIn('Cancel'), () => page.mouse.click(5, 400)]) {
      await press('Add a user');
      await page.getByLabel('Name').fill(name);
      await page.getByLabel('Password').fill('a password of twelve or more');
      await leave();
      await closed();
    }
    await page.reload();
    await expectSeen(row('ana'));
    expect(await row(name).count()).toBe(0);
  });

  it('looks into a delivery, sends it again, and narrows the list by state and to one approval', async () => {
    const {
      body: { id },
    } = await inbox.server.ask({ callbackUrl: receiver.url });
    await inbox.server.decide(id, { decision: 'approve' });
    const got = () => receiver.received.filter(({ text }) => text.includes(id)).length;
    await until('it is received', () => got() === 1);
    await goTo('Deliveries');
    await expectSeen(row(id).getByText('delivered'));
    await row(id).getByText('1 attempt', { exact: true }).click();
    await expectSeen(row(id).getByText(/answer 200/));
    await row(id).getByRole('button', { name: 'Send again' }).click();
    await expectSeen(row(id).getByText('2 attempts'));
    expect(got()).toBe(2);
    await choose(/State/, 'Given up');
    await row(id).waitFor({ state: 'detached' });
    await choose(/State/, 'Delivered');
    await expectSeen(row(id));
    expect(page.url()).toMatch(/state=delivered$/);
    await choose(/State/, 'Any state');
    await page.waitForURL(/deliveries$/);
    await row(id).getByRole('link').click();
    await page.waitForURL(`${inbox.server.url}/approvals/${id}`);
    await page.goto(`${inbox.server.url}/admin/deliveries?approval=req_of_nobody`);
    await page.getByRole('link', { name: 'Show all' }).click();
    await expectSeen(row(id));
  });

  it('verifies the audit, exports it in both formats, and narrows it', async () => {
    const { assistant, keyId } = await newAssistant(inbox.server);
    await goTo('Audit');
    await press('Verify the chain');
    await expectSeen(page.getByText(/All \d+ rows follow from one another/));
    const exported = async (format: string) => {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name: `Export as ${format}` }).click(),
      ]);
      return {
        name: download.suggestedFilename(),
        lines: readFileSync(await download.path(), 'utf8')
          .trim()
          .split('\n'),
      };
    };
    const json = await exported('JSON lines');
    expect(json.lines.map((line) => (JSON.parse(line) as { event: string }).event)).toContain('signed-in');
    const csv = await exported('CSV');
    expect(csv.lines[0]).toMatch(/sequence,.*event/);
    expect(csv.lines.filter((line) => line.includes(assistant))).not.toEqual([]);
    expect([json.name, csv.name]).toEqual([expect.stringMatching(/\.jsonl$/), expect.stringMatching(/\.csv$/)]);

    const events = () => page.getByRole('row').locator('td:nth-of-type(3)').allInnerTexts();
    await page.getByLabel('Event').fill('key-added');
    await until('only new keys', async () => (await events()).every((event) => event === 'key-added'));
    await expectSeen(row(assistant));
    await page.getByLabel('Actor').fill('reviewer:nobody');
    await expectSeen(page.getByText('No row matches.'));
    await page.getByLabel('Actor').fill('reviewer:ana');
    await expectSeen(row(assistant));
    await page.getByLabel('Event').fill('');
    await page.getByLabel('Actor').fill('');
    await page.getByLabel('Subject').fill(keyId);
    await until('only that key', async () => (await events()).join() === 'key-added');
  });

  it('reads on to older ones, page by page, of the audit and of deliveries', async () => {
    const ids = await Promise.all(
      Array.from(
        { length: PAGE_SIZE + 5 },
        async () => (await inbox.server.ask({ callbackUrl: receiver.url })).body.id,
      ),
    );
    await Promise.all(ids.map((id) => inbox.server.decide(id, { decision: 'reject' })));
    const rows = async () => (await page.getByRole('row').count()) - 1;
    const older = page.getByRole('button', { name: 'Older ones' });
    await goTo('Deliveries');
    await older.click();
    await until('all deliveries', async () => (await rows()) >= ids.length);
    for (const id of ids) expect(await row(id).count()).toBe(1);
    await goTo('Audit');
    for (let shown = PAGE_SIZE; ; shown += PAGE_SIZE) {
      await until('the next page', async () => (await rows()) > shown - PAGE_SIZE);
      if ((await older.count()) === 0) break;
      expect(await rows()).toBe(shown);
      await older.click();
    }
    await expectSeen(page.getByRole('rowheader', { name: '1', exact: true }));
  });

  it('says why a page can’t be read, and reads it when asked again', async () => {
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

  it('lets an auditor read and change nothing, and others not in', async () => {
    const auditor = await inbox.open('/admin/keys', { as: 'ben' });
    await expectSeen(auditor.getByRole('row').filter({ hasText: 'comms' }));
    expect(await auditor.getByRole('button', { name: /New key|Revoke|Rotate/ }).count()).toBe(0);
    expect(await auditor.getByRole('link', { name: 'Users', exact: true }).count()).toBe(0);
    await auditor.context().close();
  });
});

import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from '../../../../test/support/chromium.ts';
import { EMAIL_BLAST } from '../test-server.ts';
import { expectFocusOn, expectSeen, startInboxInBrowser, type InboxInBrowser } from './inbox-in-browser.ts';

const SCHEMA = {
  type: 'object',
  properties: {
    template: { type: 'string' },
    recipient_count: { type: 'integer', exclusiveMinimum: 0 },
    subject: { type: 'string' },
  },
  required: ['template', 'recipient_count', 'subject'],
  additionalProperties: false,
};
const HANDS = ['mouse', 'keyboard'] as const;

describe.skipIf(chromiumPath === undefined)('deciding in the inbox', () => {
  let inbox: InboxInBrowser;
  let page: Page;
  beforeAll(async () => {
    inbox = await startInboxInBrowser('sqlite::memory:', {
      reviewers: [
        { name: 'ana', password: 'ana knows this' },
        { name: 'ben', password: 'ben knows that', roles: ['auditor'] },
      ],
    });
    page = await inbox.open();
  });
  afterAll(() => inbox.close());
  const expectNoProblems = () => expect(inbox.problems.splice(0)).toEqual([]);
  afterEach(expectNoProblems);

  const show = async (more: object = {}, on = page) => {
    const {
      body: { id },
    } = await inbox.server.ask(more);
    await on.goto(`${inbox.server.url}/approvals/${id}`);
    await on.getByRole('heading', { level: 1 }).waitFor();
    return id;
  };
  const read = async (id: string) => (await inbox.server.get(`/api/approvals/${id}`)).body;
  const note = () => page.getByLabel('Note', { exact: true });
  const press = (name: string | RegExp) => page.getByRole('button', { name }).click();
  /** By keys alone: from where the focus is to the control of that name, and Enter. */
  const reach = async (name: RegExp) => {
    for (let steps = 0; steps < 60; steps += 1) {
      if (
        name.test(
          String(
            await page.evaluate(
              '(document.activeElement.getAttribute("aria-label") ?? document.activeElement.innerText ?? "").trim()',
            ),
          ),
        )
      )
        return page.keyboard.press('Enter');
      await page.keyboard.press('Tab');
    }
    throw new Error(`No control called ${name} was reached by Tab.`);
  };

  it.each(HANDS)('approves by %s, with a note', async (hand) => {
    const id = await show();
    await note().fill('Go.');
    if (hand === 'mouse') await press(/^Approve/);
    else {
      await page.keyboard.press('Escape');
      await page.keyboard.press('a');
    }
    await page.getByText('Approved by you').waitFor();
    expect(await read(id)).toMatchObject({
      status: 'APPROVED',
      modifiedDetails: null,
      decisionNote: 'Go.',
      decidedBy: 'ana',
    });
  });

  it.each(HANDS)('rejects by %s, with a reason from the list and a note of one’s own', async (hand) => {
    const id = await show();
    if (hand === 'mouse') {
      await press(/^Reject …/);
      await press('Wrong environment');
      await page.getByLabel('Why not?').fill('Wrong environment. Use staging.');
      await press(/^Reject$/);
    } else {
      await page.keyboard.press('r');
      await reach(/^Wrong environment$/);
      await expectFocusOn(page.getByLabel('Why not?'));
      await page.keyboard.type(' Use staging.');
      await page.keyboard.press('Control+Enter');
    }
    await page.getByText('Rejected by you').waitFor();
    expect(await read(id)).toMatchObject({ status: 'REJECTED', decisionNote: 'Wrong environment. Use staging.' });
  });

  it.each(HANDS)(
    'edits by %s in a form made from the schema, shows old and new, and says so on the button',
    async (hand) => {
      const id = await show({ argumentsSchema: SCHEMA });
      if (hand === 'mouse') await press(/^Edit …/);
      else await page.keyboard.press('e');
      const count = page.getByLabel('recipient_count');
      await count.waitFor();
      expect(await page.getByRole('button', { name: 'Approve with changes' }).isDisabled()).toBe(true);
      await count.fill('120');
      expect(await page.locator('.changes').innerText()).toMatch(/recipient_count\s+from\s*500\s*→\s*to\s*120/);
      if (hand === 'mouse') await press('Approve with changes');
      else await reach(/^Approve with changes$/);
      await page.getByText('Approved with changes by you').waitFor();
      expect(await read(id)).toMatchObject({
        status: 'APPROVED',
        modifiedDetails: { ...EMAIL_BLAST.details, recipient_count: 120 },
      });
      expect(await page.locator('.changes').innerText()).toContain('120');
    },
  );

  it('lets no edit through that does not fit the schema, is no JSON or lacks a key, and an unchanged one is none', async () => {
    const id = await show({ argumentsSchema: SCHEMA });
    const approve = page.getByRole('button', { name: 'Approve with changes' });
    await page.keyboard.press('e');
    for (const [wrong, problem] of [
      ['-3', '-3 is less than 0.'],
      ['1.5', 'This must be a whole number.'],
      ['many', 'This must be a whole number.'],
      ['', '“recipient_count” is missing.'],
    ] as const) {
      await page.getByLabel('recipient_count').fill(wrong);
      await page.locator('.schema-form').getByText(problem, { exact: true }).waitFor();
      await page.locator('.answers-why').filter({ hasText: 'recipient_count' }).waitFor();
      expect(await page.getByLabel('recipient_count').getAttribute('aria-invalid')).toBe(String(wrong !== ''));
      expect(await approve.isDisabled()).toBe(true);
    }
    await press('As JSON');
    for (const [text, problem] of [
      ['{"template":', 'not valid JSON'],
      ['[]', 'must be a JSON object'],
      ['{"recipient_count":1}', 'Missing: template, subject'],
      [JSON.stringify(EMAIL_BLAST.details), 'Change something'],
    ] as const) {
      await page.getByLabel('Arguments as JSON').fill(text);
      await page.locator('.answers-why').filter({ hasText: problem }).waitFor();
      expect(await approve.isDisabled()).toBe(true);
    }
    expect((await read(id)).status).toBe('PENDING');
  });

  it('makes a form also where the asker gave no schema', async () => {
    const id = await show({ details: { to: 'ana', times: 2, loud: false, tags: ['a'], deep: { key: 'x' } } });
    await page.keyboard.press('e');
    await page.getByLabel('loud').check();
    await page.getByLabel('key', { exact: true }).fill('y');
    await press('Approve with changes');
    await page.getByText('Approved with changes by you').waitFor();
    expect((await read(id)).modifiedDetails).toEqual({
      to: 'ana',
      times: 2,
      loud: true,
      tags: ['a'],
      deep: { key: 'y' },
    });
  });

  const outcome = {
    action: 'refund:outcome-unknown',
    details: { outcome: 'happened', holdpoint: { kind: 'outcome', mac: 'm' } },
  };
  it.each([
    ['1', 'It happened', { status: 'APPROVED', modifiedDetails: null }],
    [
      '2',
      'It did not happen',
      { status: 'APPROVED', modifiedDetails: { outcome: 'not_happened', holdpoint: { kind: 'outcome', mac: 'm' } } },
    ],
    ['3', 'Give up', { status: 'REJECTED', modifiedDetails: null }],
  ])('asks what came of a call, and takes answer %s by key and by button: %s', async (key, button, wanted) => {
    for (const hand of HANDS) {
      const id = await show(outcome);
      expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Did refund happen?');
      expect(await page.getByRole('button', { name: /^(Approve|Reject|Edit)/ }).count()).toBe(0);
      if (hand === 'mouse') await press(new RegExp(`^${button}`));
      else await page.keyboard.press(key);
      await page.locator('[data-ended]').waitFor();
      expect(await read(id)).toMatchObject(wanted);
    }
  });

  it('takes a held button or a held key for what is critical, and nothing shorter', async () => {
    const slip = await show({ riskLevel: 'critical' });
    const button = page.getByRole('button', { name: 'Approve' });
    await button.click();
    await page.getByText('Let go too early').waitFor();
    await page.keyboard.press('a');
    expect((await read(slip)).status).toBe('PENDING');
    await button.hover();
    await page.mouse.down();
    await page.getByText('Approved by you').waitFor();
    await page.mouse.up();
    expect((await read(slip)).status).toBe('APPROVED');

    const byKey = await show({ riskLevel: 'critical' });
    await page.keyboard.down('a');
    await page.getByText('Approved by you').waitFor();
    await page.keyboard.up('a');
    expect((await read(byKey)).status).toBe('APPROVED');

    const byVoice = await show({ riskLevel: 'critical' });
    await page.evaluate('document.querySelector(".hold-button").click()');
    await press('Yes, approve it');
    await page.getByText('Approved by you').waitFor();
    expect((await read(byVoice)).status).toBe('APPROVED');
  });

  it.each(HANDS)('decides on several by %s: a table first, a result for each', async (hand) => {
    const action = `batch-${hand}`;
    const [first, second, critical, question] = await Promise.all(
      [{ summary: 'One' }, { summary: 'Two' }, { summary: 'Three', riskLevel: 'critical' }, outcome].map(
        async (more) => (await inbox.server.ask({ ...more, ...('action' in more ? {} : { action }) })).body.id,
      ),
    );
    await page.goto(`${inbox.server.url}/`);
    for (const name of ['One', 'Two', 'Three', 'Did refund happen?']) {
      const row = page.getByRole('listitem').filter({ hasText: name }).last();
      if (hand === 'mouse') await row.getByRole('checkbox').check();
      else {
        await row.getByRole('link').focus();
        await page.keyboard.press('Enter');
        await page.getByRole('heading', { level: 1, name }).waitFor();
        await page.keyboard.press('x');
      }
    }
    if (hand === 'mouse') await press(/Look at them/);
    else {
      await page.getByRole('region', { name: 'Selection' }).getByRole('button', { name: 'Clear' }).focus();
      await reach(/^Look at them/);
    }
    const dialog = page.getByRole('dialog');
    expect(await dialog.innerText()).toContain('Reject only; to approve, open it');
    await inbox.server.decide(second!, { decision: 'reject' }, 'ana');
    await dialog.getByLabel('Note for all of them').fill('All fine.');
    if (hand === 'mouse') await dialog.getByRole('button', { name: 'Approve 2' }).click();
    else await reach(/^Approve 2$/);
    await dialog.getByText('What came of each').waitFor();
    expect(await dialog.getByRole('row').filter({ hasText: 'One' }).innerText()).toContain('Approved');
    expect(await dialog.getByRole('row').filter({ hasText: 'Two' }).innerText()).toContain('Already: rejected');
    expect(await dialog.getByRole('row').filter({ hasText: 'Three' }).innerText()).toContain('Left as it is');
    await page.keyboard.press('Escape');
    expect(await read(first!)).toMatchObject({ status: 'APPROVED', decisionNote: 'All fine.' });
    expect([(await read(critical!)).status, (await read(question!)).status]).toEqual(['PENDING', 'PENDING']);
    await inbox.server.decide(question!, { decision: 'reject' });
    await inbox.server.decide(critical!, { decision: 'reject' });
  });

  it.each(HANDS)('tells the others by %s who is on it, and takes that back', async (hand) => {
    await show({ summary: `Claimed by ${hand}` });
    const claim = page.getByRole('button', { name: /on it/ });
    const toggle = () => (hand === 'mouse' ? claim.click() : page.keyboard.press('i'));
    await toggle();
    await page.getByRole('button', { name: 'You are on it' }).waitFor();
    const other = await inbox.open('/?box=waiting', { as: 'ben' });
    await other
      .getByRole('link', { name: `Claimed by ${hand}` })
      .getByText('ana is on it')
      .waitFor();
    await toggle();
    await page.getByRole('button', { name: 'I’m on it' }).waitFor();
    await expectSeen(other.getByText('Nobody else is on anything.'));
    await other.context().close();
  });

  it('turns a card that somebody else decided into “already decided”, and keeps what was typed', async () => {
    const id = await show({ summary: 'A stale one', argumentsSchema: SCHEMA });
    await page.keyboard.press('e');
    await page.getByLabel('subject').fill('My subject');
    await note().fill('My long note');
    await inbox.server.decide(id, { decision: 'reject' }, 'ana');
    await page.getByText('Already rejected').waitFor();
    expect(await note().inputValue()).toBe('My long note');
    await page.getByRole('heading', { level: 1 }).click();
    await page.getByText('Your note, kept').waitFor();
    const text = await page.getByRole('main').innerText();
    expect(text).toContain('My long note');
    expect(text).toContain('My subject');
    expect(text).toContain('Yours was not sent');
    await page.reload();
    await page.getByText('My long note').waitFor();
    await press('Throw it away');
    expect(await page.getByText('My long note').count()).toBe(0);
  });

  it('lets the first of two win, and tells the second although no news of it had come', async () => {
    const id = await show();
    const second = await inbox.open('/');
    await second.route('**/events', (route) => route.abort());
    await second.goto(`${inbox.server.url}/approvals/${id}`);
    await second.getByLabel('Note', { exact: true }).fill('The second’s note');
    await press(/^Approve/);
    await page.getByText('Approved by you').waitFor();
    await second.getByRole('button', { name: /^Approve/ }).click();
    await second.getByText('Already approved by you').waitFor();
    expect(await second.getByRole('main').innerText()).toContain('The second’s note');
    expect((await read(id)).decisionNote).toBeNull();
    await second.context().close();
  });

  it('takes no single key while somebody types, in a dialog, with a modifier, or when keys are switched off', async () => {
    const id = await show();
    await note().focus();
    await page.keyboard.type('are x j k 1');
    expect(await note().inputValue()).toBe('are x j k 1');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+Shift+a');
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
    await page.keyboard.press('a');
    await page.getByText('Single keys work').click();
    await page.keyboard.press('Escape');
    await page.keyboard.press('a');
    expect((await read(id)).status).toBe('PENDING');
    await press('Keyboard and help (?)');
    await page.getByText('Single keys work').click();
    await page.keyboard.press('Escape');
    await page.keyboard.press('a');
    await page.getByText('Approved by you').waitFor();
  });

  it('never happens by a GET', async () => {
    const id = await show();
    for (const path of [
      `/approvals/${id}/decide?answer=approve`,
      `/approvals/${id}?decision=approve`,
      `/reviewer-api/approvals/${id}/decide?decision=approve`,
    ])
      await page.goto(inbox.server.url + path);
    expect((await read(id)).status).toBe('PENDING');
  });

  it('leaves an auditor nothing to decide', async () => {
    const auditor = await inbox.open('/', { as: 'ben' });
    const id = await show({}, auditor);
    await auditor.getByText('deciding takes the role “reviewer”').waitFor();
    for (const key of ['a', 'r', 'e', 'i', 'x']) await auditor.keyboard.press(key);
    expect(await auditor.getByRole('checkbox').count()).toBe(0);
    expect((await read(id)).status).toBe('PENDING');
    await auditor.context().close();
  });

  it('says when a decision could not be sent, and keeps what was typed', async () => {
    const id = await show();
    await note().fill('Typed with care');
    await page.route('**/decide', (route) => route.abort());
    await press(/^Approve/);
    await page.getByRole('alert').filter({ hasText: 'can’t be reached' }).waitFor();
    expect(await note().inputValue()).toBe('Typed with care');
    await page.unroute('**/decide');
    await press(/^Approve/);
    await page.getByText('Approved by you').waitFor();
    expect(await read(id)).toMatchObject({ status: 'APPROVED', decisionNote: 'Typed with care' });
  });
});

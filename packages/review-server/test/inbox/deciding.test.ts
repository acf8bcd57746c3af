import { expect } from 'vitest';
import { EMAIL_BLAST as emailBlast, PASSWORDS as passwords } from '../test-server.ts';
import { expectFocusOn } from './inbox-in-browser.ts';
import { describeInBrowser, inboxTest } from './inbox-test.ts';
import { named } from './new-assistant.ts';

const emailSchema = {
  type: 'object',
  properties: {
    template: { type: 'string' },
    recipient_count: { type: 'integer', exclusiveMinimum: 0 },
    subject: { type: 'string' },
  },
  required: ['template', 'recipient_count', 'subject'],
  additionalProperties: false,
};
const outcomeQuestion = {
  action: 'refund:outcome-unknown',
  details: { outcome: 'happened', holdpoint: { kind: 'outcome', mac: 'm' } },
};

const it = inboxTest({
  reviewers: [
    { name: 'ana', password: passwords.ana },
    { name: 'ben', password: passwords.ben, roles: ['auditor'] },
  ],
}).extend(
  'ended',
  ({ page }) =>
    (text: string) =>
      page.getByText(text).first().waitFor(),
);

describeInBrowser('deciding by shortcuts', () => {
  it('A after a note → approved with the note', async ({ page, show, note, ended, read }) => {
    const id = await show();
    await note.fill('Go.');
    await page.keyboard.press('Escape');
    await page.keyboard.press('a');
    await ended('Approved by you');
    expect(await read(id)).toMatchObject({ status: 'APPROVED', decisionNote: 'Go.', decidedBy: 'ana' });
  });

  it('R, a common reason, own words, Ctrl+Enter → rejected', async ({ page, show, press, ended, read }) => {
    const id = await show();
    await page.keyboard.press('r');
    await press('Wrong environment');
    await expectFocusOn(page.getByLabel('Reason'));
    await page.keyboard.type(' Use staging.');
    await page.keyboard.press('Control+Enter');
    await ended('Rejected by you');
    expect(await read(id)).toMatchObject({ status: 'REJECTED', decisionNote: 'Wrong environment. Use staging.' });
  });

  it('E, a value, Ctrl+Enter in the note → approved with changes', async ({ page, show, note, ended, read }) => {
    const id = await show({ argumentsSchema: emailSchema });
    await page.keyboard.press('e');
    await page.getByLabel('recipient_count').fill('120');
    await note.focus();
    await page.keyboard.press('Control+Enter');
    await ended('Approved with changes by you');
    expect((await read(id)).modifiedDetails).toEqual({ ...emailBlast.details, recipient_count: 120 });
  });

  it('I, then I → claimed, then released', async ({ page, show }) => {
    await show();
    await page.keyboard.press('i');
    await page.getByRole('button', { name: 'Release' }).waitFor();
    await page.keyboard.press('i');
    await page.getByRole('button', { name: 'Claim' }).waitFor();
  });

  it('Ctrl+Shift+A, and A in the help → nothing decided', async ({ page, show, read }) => {
    const id = await show();
    await page.keyboard.press('Control+Shift+a');
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await page.keyboard.press('a');
    await page.keyboard.press('Escape');
    expect((await read(id)).status).toBe('PENDING');
  });

  it('shortcuts off → A decides nothing; on again → A approves', async ({ page, show, press, ended, read }) => {
    const id = await show();
    const toggle = async () => {
      await press('Keyboard shortcuts (?)');
      await page.getByText('Single-key shortcuts').click();
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await page.keyboard.press('a');
    };
    await toggle();
    expect((await read(id)).status).toBe('PENDING');
    await toggle();
    await ended('Approved by you');
  });
});

describeInBrowser('outcome questions', () => {
  it('no approve, reject or edit button', async ({ page, show }) => {
    await show(outcomeQuestion);
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Did refund happen?');
    expect(await page.getByRole('button', { name: /^(Approve|Reject|Edit)/ }).count()).toBe(0);
  });

  it.for([
    ['1', 'It happened', { status: 'APPROVED', modifiedDetails: null }],
    [
      '2',
      'It did not happen',
      { status: 'APPROVED', modifiedDetails: { outcome: 'not_happened', holdpoint: { kind: 'outcome', mac: 'm' } } },
    ],
    ['3', 'Give up', { status: 'REJECTED', modifiedDetails: null }],
  ] as const)(
    'key %s and button “%s” → the same answer',
    async ([key, button, wanted], { page, show, press, read }) => {
      for (const answer of [() => page.keyboard.press(key), () => press(new RegExp(`^${button}`))]) {
        const id = await show(outcomeQuestion);
        await answer();
        await page.locator('[data-ended]').waitFor();
        expect(await read(id)).toMatchObject(wanted);
      }
    },
  );
});

describeInBrowser('critical requests', () => {
  it('short click and short A → not approved', async ({ page, show, read }) => {
    const id = await show({ riskLevel: 'critical' });
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByText('Released too early').waitFor();
    await page.keyboard.press('a');
    expect((await read(id)).status).toBe('PENDING');
  });

  it('mouse button held → approved', async ({ page, show, ended, read }) => {
    const id = await show({ riskLevel: 'critical' });
    await page.getByRole('button', { name: 'Approve' }).hover();
    await page.mouse.down();
    await ended('Approved by you');
    await page.mouse.up();
    expect((await read(id)).status).toBe('APPROVED');
  });

  it.for(['Enter', ' ', 'a'])(
    'key “%s” released early, then held → approved',
    async (key, { page, show, ended, read }) => {
      const id = await show({ riskLevel: 'critical' });
      await page.getByRole('button', { name: 'Approve' }).focus();
      await page.keyboard.down(key);
      await page.getByText('Keep holding').waitFor();
      await page.keyboard.up(key);
      await page.getByText('Released too early').waitFor();
      expect((await read(id)).status).toBe('PENDING');
      await page.keyboard.down(key);
      await ended('Approved by you');
      await page.keyboard.up(key);
    },
  );

  it('click by a screen reader → asks, then approves', async ({ page, show, ended }) => {
    await show({ riskLevel: 'critical' });
    await page.evaluate('document.querySelector(".hold-button").click()');
    await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
    await ended('Approved by you');
  });
});

describeInBrowser('edits', () => {
  it.for([
    ['-3', '-3 is less than 0.'],
    ['1.5', 'Enter a whole number.'],
    ['many', 'Enter a whole number.'],
    ['', '“recipient_count” is required.'],
  ])('value “%s” → “%s”, and no approval', async ([value, problem], { page, show, read }) => {
    const id = await show({ argumentsSchema: emailSchema });
    await page.keyboard.press('e');
    await page.getByLabel('recipient_count').fill(value!);
    await page.locator('.schema-form').getByText(problem!, { exact: true }).waitFor();
    await page.locator('.answers-why').filter({ hasText: 'recipient_count' }).waitFor();
    expect(await page.getByLabel('recipient_count').getAttribute('aria-invalid')).toBe(String(value !== ''));
    expect(await page.getByRole('button', { name: 'Approve with changes' }).isDisabled()).toBe(true);
    expect((await read(id)).status).toBe('PENDING');
  });

  it('edit without a change → says so, and approves the arguments as they are', async ({
    page,
    show,
    press,
    ended,
    read,
  }) => {
    const id = await show({ argumentsSchema: emailSchema });
    await page.keyboard.press('e');
    await page.locator('.answers-why').filter({ hasText: 'No changes yet.' }).waitFor();
    await press('Approve with changes');
    await ended('Approved by you');
    expect(await read(id)).toMatchObject({ status: 'APPROVED', modifiedDetails: null });
  });

  it('JSON that is invalid, no object or incomplete → the reason, and no approval', async ({
    page,
    show,
    press,
    read,
  }) => {
    const id = await show({ argumentsSchema: emailSchema });
    await page.keyboard.press('e');
    await press('Edit as JSON');
    for (const [text, problem] of [
      ['{"template":', 'Invalid JSON'],
      ['[]', 'Enter a JSON object'],
      ['{"recipient_count":1}', '“template” is required. “subject” is required.'],
    ] as const) {
      await page.getByLabel('Arguments as JSON').fill(text);
      await page.locator('.answers-why').filter({ hasText: problem }).waitFor();
      expect(await page.getByRole('button', { name: 'Approve with changes' }).isDisabled()).toBe(true);
    }
    expect((await read(id)).status).toBe('PENDING');
  });

  it('request without a schema → a form from its values', async ({ page, show, press, ended, read }) => {
    const details = { to: 'ana', times: 2, loud: false, tags: ['a'], deep: { key: 'x' } };
    const id = await show({ details });
    await page.keyboard.press('e');
    await page.getByLabel('loud').check();
    await page.getByLabel('key', { exact: true }).fill('y');
    await press('Approve with changes');
    await ended('Approved with changes by you');
    expect((await read(id)).modifiedDetails).toEqual({ ...details, loud: true, deep: { key: 'y' } });
  });
});

describeInBrowser('deciding with others', () => {
  it('batch with a closed, a critical and an outcome request → a result for each', async ({
    inbox,
    page,
    ask,
    goTo,
    press,
    read,
  }) => {
    const batch = named('batch');
    const names = [`One of ${batch}`, `Two of ${batch}`, `Three of ${batch}`];
    const ids: string[] = [];
    for (const summary of names)
      ids.push(await ask({ summary, ...(summary === names[2] && { riskLevel: 'critical' }) }));
    ids.push(await ask({ ...outcomeQuestion, summary: `Question of ${batch}` }));
    await goTo(`/?q=${batch}`);
    for (const name of [...names, 'Did refund happen?'])
      await page.getByRole('checkbox', { name: `Select: ${name}` }).check();
    await press('Review selected…');
    const dialog = page.getByRole('dialog');
    expect(await dialog.innerText()).toContain('Critical: open the request to decide it');
    await dialog.getByRole('columnheader', { name: 'recipient_count' }).waitFor();
    await inbox.server.decide(ids[1]!, { decision: 'reject' }, 'ana');
    await press('Approve 2');
    await dialog.getByText('Decided 1 of 2 requests.').waitFor();
    const resultOf = (name: string) => dialog.getByRole('row').filter({ hasText: name }).innerText();
    expect(await resultOf('One of')).toContain('Approved');
    expect(await resultOf('Two of')).toContain('Already rejected');
    expect(await resultOf('Three of')).toContain('Not decided');
    expect((await Promise.all(ids.map(read))).map(({ status }) => status)).toEqual([
      'APPROVED',
      'REJECTED',
      'PENDING',
      'PENDING',
    ]);
  });

  it('another reviewer decides first → “Already rejected”, and the text survives a reload', async ({
    inbox,
    page,
    show,
    press,
    note,
  }) => {
    const id = await show({ argumentsSchema: emailSchema });
    await page.keyboard.press('e');
    await page.getByLabel('subject').fill('My subject');
    await note.fill('My long note');
    await inbox.server.decide(id, { decision: 'reject' }, 'ana');
    await page.getByText('Already rejected').waitFor();
    expect(await note.inputValue()).toBe('My long note');
    await page.getByRole('heading', { level: 1 }).click();
    await page.getByText('Your unsent note').waitFor();
    for (const text of ['My long note', 'My subject', 'Your decision was not sent'])
      expect(await page.getByRole('main').innerText()).toContain(text);
    await page.reload();
    await page.getByText('My long note').waitFor();
    await press('Discard');
    expect(await page.getByText('My long note').count()).toBe(0);
  });

  it('two decide without live updates → the first wins, the second is told so', async ({
    inbox,
    page,
    show,
    press,
    ended,
    read,
  }) => {
    const id = await show();
    const second = await inbox.open('/');
    await second.route('**/events', (route) => route.abort());
    await second.goto(`${inbox.server.url}/approvals/${id}`);
    await second.getByLabel('Note', { exact: true }).fill('The second’s note');
    await press(/^Approve/);
    await ended('Approved by you');
    await second.getByRole('button', { name: /^Approve/ }).click();
    await second.getByText('Already approved by you').waitFor();
    expect(await second.getByRole('main').innerText()).toContain('The second’s note');
    expect((await read(id)).decisionNote).toBeNull();
    expect(await page.getByText('Already approved').count()).toBe(0);
  });

  it('GET with a decision in the address → nothing decided', async ({ inbox, page, show, read }) => {
    const id = await show();
    for (const path of [
      `/approvals/${id}/decide?answer=approve`,
      `/approvals/${id}?decision=approve`,
      `/reviewer-api/approvals/${id}/decide?decision=approve`,
    ])
      await page.goto(inbox.server.url + path);
    expect((await read(id)).status).toBe('PENDING');
  });

  it('auditor → no buttons, and shortcuts decide nothing', async ({ inbox, ask, read }) => {
    const id = await ask();
    const auditor = await inbox.open(`/approvals/${id}`, { as: 'ben' });
    await auditor.getByText('This needs the role reviewer, which ben does not have.').waitFor();
    for (const key of ['a', 'r', 'e', 'i', 'x']) await auditor.keyboard.press(key);
    expect(await auditor.getByRole('checkbox').count()).toBe(0);
    expect((await read(id)).status).toBe('PENDING');
  });

  it('server unreachable → error, text kept, and the next try is sent', async ({
    page,
    show,
    press,
    note,
    ended,
    read,
  }) => {
    const id = await show();
    await note.fill('Typed with care');
    await page.route('**/decide', (route) => route.abort(), { times: 1 });
    await press(/^Approve/);
    await page.getByRole('alert').filter({ hasText: 'can’t be reached' }).waitFor();
    expect(await note.inputValue()).toBe('Typed with care');
    await press(/^Approve/);
    await ended('Approved by you');
    expect(await read(id)).toMatchObject({ status: 'APPROVED', decisionNote: 'Typed with care' });
  });
});

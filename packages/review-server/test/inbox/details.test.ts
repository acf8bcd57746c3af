import { expect } from 'vitest';
import { PASSWORDS as passwords } from '../test-server.ts';
import { expectSeen } from './inbox-in-browser.ts';
import { describeInBrowser, inboxTest } from './inbox-test.ts';

const it = inboxTest({
  reviewers: [
    { name: 'ana', password: passwords.ana, roles: ['reviewer', 'admin', 'auditor'] },
    { name: 'ben', password: passwords.ben, roles: ['auditor'] },
  ],
}).extend('main', ({ page }) => page.getByRole('main'));

const sealed = { kind: 'call', assistant: 'comms', mac: 'm' };
const runs = 'Exactly this will run';

describeInBrowser('details of a request', () => {
  it.for([
    ['a call of a tool', { holdpoint: sealed }, true],
    ['a tool whose approval is its result', { holdpoint: { ...sealed, executes: false } }, false],
    ['a standalone approval of an earlier version', { holdpoint: { ...sealed, assistant: '(none)' } }, false],
    ['the approval of another program', {}, false],
    ['an outcome question', { holdpoint: { ...sealed, kind: 'outcome', context: { tool: 'pay' } } }, false],
  ] as const)('title of the arguments: %s', async ([, details, expected], { page, show, inbox }) => {
    const id = await show({ summary: 'Titles', details: { to: 'ana', ...details } });
    await page.getByRole('heading', { name: 'Timeline' }).waitFor();
    expect(await page.getByRole('heading', { name: runs }).count()).toBe(expected ? 1 : 0);
    if (!expected) return;
    await inbox.server.decide(id, { decision: 'approve' }, 'ana');
    await expectSeen(page.getByRole('heading', { name: 'Requested arguments' }));
    expect(await page.getByText(runs).count()).toBe(0);
  });

  it('descriptions of the schema → beside the fields, also in lists and behind references', async ({ main, show }) => {
    await show({
      summary: 'Described',
      details: { amount: 5, note: null, lines: [{ sku: 'a' }], to: { name: 'Ana' } },
      argumentsSchema: {
        type: 'object',
        properties: {
          amount: { type: 'number', description: 'In `cents`.' },
          note: { anyOf: [{ type: 'string', description: 'Printed on the bill.' }, { type: 'null' }] },
          lines: { type: 'array', items: { $ref: '#/$defs/line' } },
          to: { $ref: '#/$defs/person' },
        },
        $defs: {
          line: { type: 'object', properties: { sku: { type: 'string', description: 'Number in the shop.' } } },
          person: { type: 'object', properties: { name: { type: 'string', description: 'As in the passport.' } } },
        },
      },
    });
    for (const text of ['In `cents`.', 'Printed on the bill.', 'Number in the shop.', 'As in the passport.'])
      await expectSeen(main.getByText(text, { exact: true }));
  });

  it('last decisions → on the subject and on the action, literally, with links', async ({
    page,
    main,
    ask,
    inbox,
    show,
  }) => {
    const subject = '<b>cu\u200Bst</b>';
    const before = await ask({ action: 'close_account', summary: 'Close it', subject });
    await inbox.server.decide(before, { decision: 'reject', note: 'Not <i>this</i> one' }, 'ana');
    await show({ action: 'refund_again', summary: 'Once more', subject });
    const section = page.getByRole('region', { name: 'Last decisions' });
    await expectSeen(section.getByText('Not <i>this</i> one'));
    expect(await section.getByText('U+200B').count()).toBe(1);
    expect(await main.locator('b, i').count()).toBe(0);
    await section.getByRole('link', { name: 'Close it' }).click();
    await expectSeen(page.getByRole('heading', { level: 1, name: 'Close it' }));
  });

  it('assistants behind one Connection Key → each a filter', async ({ page, ask, goTo, rows }) => {
    await ask({ summary: 'Of the first', agentName: 'first agent' });
    await ask({ summary: 'Of the second', agentName: 'second agent' });
    await goTo('/');
    await page
      .getByRole('button', { name: /Assistant/ })
      .first()
      .click();
    await page.getByRole('option', { name: 'second agent', exact: true }).click();
    await expectSeen(rows.filter({ hasText: 'Of the second' }));
    await rows.filter({ hasText: 'Of the first' }).waitFor({ state: 'detached' });
  });

  it('/admin → the first page of the role', async ({ page, inbox }) => {
    await page.goto(`${inbox.server.url}/admin`);
    await expectSeen(page.getByRole('heading', { level: 1, name: 'Users' }));
    const auditor = await inbox.open('/admin', { as: 'ben' });
    await expectSeen(auditor.getByRole('heading', { level: 1, name: 'Passkeys' }));
  });

  it('audit row → who, what and a link to the request; digests behind a click', async ({ page, ask, inbox, goTo }) => {
    const id = await ask({ summary: 'Audited' });
    await inbox.server.decide(id, { decision: 'approve' }, 'ana');
    await goTo('/admin/audit');
    const row = page
      .getByRole('row')
      .filter({ hasText: id.slice(-8) })
      .filter({ hasText: 'approved' });
    await expectSeen(row.getByText('ana'));
    expect(await row.innerText()).not.toMatch(/[0-9a-f]{64}/);
    await row.getByRole('button', { name: /Show digests/ }).click();
    expect(await row.innerText()).toMatch(/"detailsHmac": "[0-9a-f]{64}"/);
    await row.getByRole('link').click();
    await expectSeen(page.getByRole('heading', { level: 1, name: 'Audited' }));
  });

  it('phone → no page is higher or wider than the screen', async ({ inbox, ask }) => {
    const id = await ask({
      summary: 'High and long',
      riskLevel: 'high',
      subject: 'customer 7',
      details: Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`field_${index}`, 'x'.repeat(300)])),
    });
    const phone = await inbox.open('/', { context: { viewport: { width: 390, height: 844 } } });
    const pages = [
      '/',
      `/approvals/${id}`,
      ...['users', 'keys', 'assistants', 'rules', 'deliveries', 'audit'].map((name) => `/admin/${name}`),
    ];
    for (const path of pages) {
      await phone.goto(inbox.server.url + path);
      await phone.getByText('Live', { exact: true }).waitFor();
      if (path !== '/') await phone.getByRole('heading', { level: 1 }).first().waitFor();
      const size = await phone.evaluate<number[]>(
        '[document.documentElement.scrollHeight, document.documentElement.scrollWidth]',
      );
      expect([path, ...size]).toEqual([path, 844, 390]);
    }
  });
});

import type { Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { until } from '../../../../test/support/until.ts';
import { startCallbackReceiver } from '../callback-receiver.ts';
import { ADMINISTRATORS as administrators } from '../test-server.ts';
import type { InboxInBrowser } from './inbox-in-browser.ts';
import { describeInBrowser, inboxTest } from './inbox-test.ts';

const it = inboxTest({ reviewers: administrators });
const moving = (page: Page) => page.evaluate<number>('document.getAnimations().length');

describeInBrowser('motion and announcements', () => {
  it.for(['no-preference', 'reduce'] as const)(
    'prefers-reduced-motion: %s → animations follow',
    async (reducedMotion, { inbox, ask }) => {
      const page = await inbox.open(`/approvals/${await ask({ riskLevel: 'critical', summary: 'Held' })}`, {
        context: { reducedMotion },
      });
      await page.getByRole('button', { name: 'Approve' }).hover();
      await page.mouse.down();
      await page.getByText('Keep holding').waitFor();
      expect((await moving(page)) > 0).toBe(reducedMotion === 'no-preference');
      await page.getByText('Approved by you').waitFor();
      await page.mouse.up();
      await page.keyboard.press('?');
      await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
      const inDialog = await moving(page);
      expect(reducedMotion === 'reduce' ? inDialog : 0).toBe(0);
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
    },
  );

  it('own decision, decision of another reviewer, new request → announced', async ({ inbox, ask }) => {
    const stale = await ask({ summary: 'A stale one' });
    const page = await inbox.open(`/approvals/${await ask({ summary: 'A decided one' })}`);
    const says = (text: RegExp) => page.getByRole('status').filter({ hasText: text }).waitFor({ state: 'attached' });
    await page.getByRole('button', { name: /^Approve/ }).click();
    await says(/^Approved by you/);
    await until('the focus is there', () => page.evaluate<boolean>('document.activeElement.matches("[data-ended]")'));
    await page.goto(`${inbox.server.url}/approvals/${stale}`);
    await page.getByLabel('Note', { exact: true }).fill('Too late');
    await inbox.server.decide(stale, { decision: 'reject' }, 'ben');
    await says(/^Already rejected by ben/);
    await says(/^No requests need you$/);
    await ask({ summary: 'A new one' });
    await says(/^1 request needs you$/);
    expect(await page.title()).toContain('1');
  });

  it('running delivery → its success appears without a reload', async ({ inbox, ask }) => {
    const receiver = await startCallbackReceiver();
    onTestFinished(() => receiver.stop());
    // Opened first: the delivery times out while it waits for the answer.
    const page = await inbox.open('/admin/deliveries');
    await page.getByRole('heading', { level: 1, name: 'Deliveries' }).waitFor();
    let receive = () => {};
    receiver.answers.push({ status: 200, after: new Promise<void>((resolve) => (receive = resolve)) });
    const id = await ask({ callbackUrl: receiver.url });
    await inbox.server.decide(id, { decision: 'approve' });
    await until('it is on its way', () => receiver.received.length === 1);
    await page.reload();
    const row = page.getByRole('row').filter({ hasText: id });
    await row.getByText('Pending').waitFor();
    receive();
    await row.getByText('Delivered').waitFor();
    expect(receiver.received.length).toBeGreaterThanOrEqual(1);
  });

  // Some screen readers ignore a live region that appears together with its text.
  it.for<
    [
      what: string,
      path: string | undefined,
      text: RegExp,
      makeItSo: (page: Page, markPlaces: () => Promise<unknown>, inbox: InboxInBrowser) => Promise<unknown>,
    ]
  >([
    [
      'decision of another reviewer',
      undefined,
      /^Already rejected by ben/,
      async (page, markPlaces, inbox) => {
        await page.getByLabel('Note', { exact: true }).fill('Too late');
        await markPlaces();
        await inbox.server.decide(page.url().split('/').at(-1)!, { decision: 'reject' }, 'ben');
      },
    ],
    [
      'problem of an edit',
      undefined,
      /Invalid JSON/,
      async (page, markPlaces) => {
        await page.keyboard.press('e');
        await page.getByLabel('recipient_count').fill('7');
        await page.getByRole('button', { name: 'Edit as JSON' }).click();
        await markPlaces();
        await page.getByLabel('Arguments as JSON').fill('{');
      },
    ],
    [
      'no match',
      '/?q=needle',
      /^No matching requests\.$/,
      async (page, markPlaces) => {
        await page.getByText('A needle in the hay').first().waitFor();
        await markPlaces();
        await page.getByRole('searchbox').fill('no such needle');
      },
    ],
    [
      'verified audit',
      '/admin/audit',
      /^Chain verified: \d+ rows/,
      async (page, markPlaces) => {
        await markPlaces();
        await page.getByRole('button', { name: 'Verify chain' }).click();
      },
    ],
    [
      'rule test with differences',
      '/admin/rules',
      /1 decision differs from the rule/,
      async (page, markPlaces, inbox) => {
        const {
          body: { id },
        } = await inbox.server.ask({ action: 'otherwise' });
        await inbox.server.decide(id, { decision: 'approve' });
        await inbox.server.post(
          '/reviewer-api/rules',
          {
            name: 'Otherwise',
            decision: 'reject',
            conditions: [{ field: 'action', operator: 'is', value: 'otherwise' }],
          },
          await inbox.server.bearer(),
        );
        await page.reload();
        await page.getByRole('button', { name: 'Edit Otherwise' }).click();
        await markPlaces();
        await page.getByRole('button', { name: /^Test on/ }).click();
      },
    ],
  ])(
    'announcement: %s → once, in a live region that existed before',
    async ([, path, text, makeItSo], { inbox, ask }) => {
      const id = await ask({ summary: 'A needle in the hay' });
      const page = await inbox.open(path ?? `/approvals/${id}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await makeItSo(
        page,
        () =>
          page.evaluate(
            'for (const place of document.querySelectorAll("[role=status]")) place.dataset.wasThere = "yes"',
          ),
        inbox,
      );
      const place = page.getByRole('status').filter({ hasText: text });
      await place.waitFor({ state: 'attached' });
      expect(await place.getAttribute('data-was-there')).toBe('yes');
      // Some screen readers announce an alert inside a status twice.
      expect(await place.getByRole('alert').count()).toBe(0);
    },
  );
});

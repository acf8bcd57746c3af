import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { chromiumPath } from '../../../../test/support/chromium.ts';
import { until } from '../../../../test/support/until.ts';
import { startCallbackReceiver } from '../callback-receiver.ts';
import { ADMINISTRATORS } from '../test-server.ts';
import { startInboxInBrowser, type InboxInBrowser } from './inbox-in-browser.ts';

describe.skipIf(chromiumPath === undefined)('what moves in the inbox, and what it says by itself', () => {
  let inbox: InboxInBrowser;
  beforeAll(async () => {
    inbox = await startInboxInBrowser('sqlite::memory:', { reviewers: ADMINISTRATORS });
  });
  afterAll(() => inbox.close());
  const expectNoProblems = () => expect(inbox.problems.splice(0)).toEqual([]);
  afterEach(expectNoProblems);

  const ask = async (more: object = {}) => (await inbox.server.ask(more)).body.id;
  const moving = (page: Page) => page.evaluate<number>('document.getAnimations().length');

  it.each(['no-preference', 'reduce'] as const)(
    'works with reduced motion “%s”, and moves only where that is welcome',
    async (reducedMotion) => {
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
      await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
      const inDialog = await moving(page);
      expect(reducedMotion === 'reduce' ? inDialog : 0).toBe(0);
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await page.context().close();
    },
  );

  it('says what was decided, what somebody else decided, and that something new needs one', async () => {
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
    await says(/^Nothing needs you$/);
    await ask({ summary: 'A new one' });
    await says(/^1 approval needs you$/);
    expect(await page.title()).toContain('1');
    await page.context().close();
  });

  it('shows by itself that a delivery which was under way has come', async () => {
    const receiver = await startCallbackReceiver();
    onTestFinished(() => receiver.stop());
    // Open before anything is on its way: who delivers waits for an answer only so long.
    const page = await inbox.open('/admin/deliveries');
    onTestFinished(() => page.context().close());
    await page.getByRole('heading', { level: 1, name: 'Deliveries' }).waitFor();
    let receive = () => {};
    receiver.answers.push({ status: 200, after: new Promise<void>((resolve) => (receive = resolve)) });
    const id = await ask({ callbackUrl: receiver.url });
    await inbox.server.decide(id, { decision: 'approve' });
    await until('it is on its way', () => receiver.received.length === 1);
    await page.reload();
    const row = page.getByRole('row').filter({ hasText: id });
    await row.getByText('not yet').waitFor();
    receive();
    await row.getByText('delivered').waitFor();
    expect(receiver.received.length).toBeGreaterThanOrEqual(1);
  });

  // What comes together with its place is passed over by some screen readers.
  it.each<
    [
      what: string,
      path: string | undefined,
      text: RegExp,
      makeItSo: (page: Page, markPlaces: () => Promise<unknown>) => Promise<unknown>,
    ]
  >([
    [
      'that somebody else was quicker',
      undefined,
      /^Already rejected by ben/,
      async (page, markPlaces) => {
        await page.getByLabel('Note', { exact: true }).fill('Too late');
        await markPlaces();
        await inbox.server.decide(page.url().split('/').at(-1)!, { decision: 'reject' }, 'ben');
      },
    ],
    [
      'why an edit can’t be sent',
      undefined,
      /not valid JSON/,
      async (page, markPlaces) => {
        await page.keyboard.press('e');
        await page.getByLabel('recipient_count').fill('7');
        await page.getByRole('button', { name: 'As JSON' }).click();
        await markPlaces();
        await page.getByLabel('Arguments as JSON').fill('{');
      },
    ],
    [
      'that nothing is found',
      '/?q=needle',
      /^Nothing here matches\.$/,
      async (page, markPlaces) => {
        await page.getByText('A needle in the hay').first().waitFor();
        await markPlaces();
        await page.getByRole('searchbox').fill('no such needle');
      },
    ],
    [
      'that the audit is whole',
      '/admin/audit',
      /^All \d+ rows follow/,
      async (page, markPlaces) => {
        await markPlaces();
        await page.getByRole('button', { name: 'Verify the chain' }).click();
      },
    ],
    [
      'that people decided otherwise than a rule would',
      '/admin/rules',
      /1 person decided otherwise than it would/,
      async (page, markPlaces) => {
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
        await page.getByRole('button', { name: 'Change Otherwise' }).click();
        await markPlaces();
        await page.getByRole('button', { name: /^Try it out/ }).click();
      },
    ],
  ])('says %s once, in a place that was there before', async (_what, path, text, makeItSo) => {
    const id = await ask({ summary: 'A needle in the hay' });
    const page = await inbox.open(path ?? `/approvals/${id}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await makeItSo(page, () =>
      page.evaluate('for (const place of document.querySelectorAll("[role=status]")) place.dataset.wasThere = "yes"'),
    );
    const place = page.getByRole('status').filter({ hasText: text });
    await place.waitFor({ state: 'attached' });
    expect(await place.getAttribute('data-was-there')).toBe('yes');
    // An alert within a status is said twice by some.
    expect(await place.getByRole('alert').count()).toBe(0);
    await page.context().close();
  });
});

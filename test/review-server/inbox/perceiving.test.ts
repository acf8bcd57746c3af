import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from '../../support/chromium.ts';
import { until } from '../../support/until.ts';
import { startInboxInBrowser, type InboxInBrowser } from './inbox-in-browser.ts';

describe.skipIf(chromiumPath === undefined)('what moves in the inbox, and what it says by itself', () => {
  let inbox: InboxInBrowser;
  beforeAll(async () => {
    inbox = await startInboxInBrowser('sqlite::memory:');
  });
  afterAll(() => inbox.close());
  const expectNoProblems = () => expect(inbox.problems.splice(0)).toEqual([]);
  afterEach(expectNoProblems);

  const ask = async (more: object = {}) => (await inbox.server.ask(more)).body.id;
  const moving = (page: Page) => page.evaluate<number>('document.getAnimations().length');

  it.each(['no-preference', 'reduce'] as const)('works with reduced motion “%s”, and moves only where that is welcome', async (reducedMotion) => {
    const page = await inbox.open(`/approvals/${await ask({ riskLevel: 'critical', summary: 'Held' })}`, { context: { reducedMotion } });
    await page.getByRole('button', { name: 'Approve' }).hover();
    await page.mouse.down();
    await page.getByText('Keep holding').waitFor();
    expect(await moving(page) > 0).toBe(reducedMotion === 'no-preference');
    await page.getByText('Approved by you').waitFor();
    await page.mouse.up();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
    const inDialog = await moving(page);
    expect(reducedMotion === 'reduce' ? inDialog : 0).toBe(0);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.context().close();
  });

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
});

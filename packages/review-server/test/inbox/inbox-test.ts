import type { Locator, Page } from 'playwright-core';
import { describe, expect, test as base } from 'vitest';
import type { ApprovalAnswer } from '@holdpoint/cheqpoint/wire';
import { chromiumPath } from '../../../../test/support/chromium.ts';
import type { ReviewServerOptions } from '../../src/options.ts';
import { startInboxInBrowser } from './inbox-in-browser.ts';

/** A suite that needs a browser. It is skipped on machines without one. */
// oxlint-disable-next-line vitest/valid-title, vitest/valid-describe-callback -- This defines no suite.
export const describeInBrowser = describe.skipIf(chromiumPath === undefined);

type TestOptions = Partial<ReviewServerOptions> & {
  /** @default 'sqlite::memory:' */
  databaseUrl?: string;
  /** In Chromium itself, also where its headless shell is installed. */
  wholeBrowser?: boolean;
};

/**
 * A test with its own inbox per file: one server, one browser, and one page of ana that the tests share. After each test
 * other pages are closed, and the page must have had no script error and no call to another host.
 *
 * @example
 * const it = inboxTest({ reviewers: administrators });
 * it('approve → closed', async ({ show, press }) => { … });
 */
export function inboxTest({ databaseUrl = 'sqlite::memory:', wholeBrowser = false, ...options }: TestOptions = {}) {
  return (
    base
      // oxlint-disable-next-line no-empty-pattern -- Vitest requires a pattern here.
      .extend('inbox', { scope: 'file' }, async ({}, { onCleanup }) => {
        const inbox = await startInboxInBrowser(databaseUrl, options, wholeBrowser);
        onCleanup(() => inbox.close());
        return inbox;
      })
      .extend('noProblems', { auto: true }, async ({ inbox }, { onCleanup }) => {
        onCleanup(async () => {
          await inbox.reset();
          expect(inbox.problems.splice(0)).toEqual([]);
        });
      })
      .extend('page', ({ inbox }): Promise<Page> => inbox.sharedPage())
      .extend(
        'ask',
        ({ inbox }) =>
          async (more: object = {}): Promise<string> =>
            (await inbox.server.ask(more)).body.id,
      )
      .extend(
        'read',
        ({ inbox }) =>
          async (id: string): Promise<ApprovalAnswer> =>
            (await inbox.server.get(`/api/approvals/${id}`)).body,
      )
      .extend('goTo', ({ inbox, page }) => async (path: string): Promise<void> => {
        await page.goto(inbox.server.url + path);
        await page.getByRole('heading', { level: 1 }).waitFor();
      })
      .extend('show', ({ ask, goTo }) => async (more: object = {}): Promise<string> => {
        const id = await ask(more);
        await goTo(`/approvals/${id}`);
        return id;
      })
      .extend(
        'press',
        ({ page }) =>
          (name: string | RegExp): Promise<void> =>
            page.getByRole('button', { name, exact: typeof name === 'string' }).click(),
      )
      .extend('note', ({ page }): Locator => page.getByLabel('Note', { exact: true }))
      .extend('rows', ({ page }): Locator => rowsOf(page))
  );
}

/** The rows of the list. */
export function rowsOf(page: Page): Locator {
  return page.getByRole('region', { name: 'Requests' }).getByRole('listitem');
}

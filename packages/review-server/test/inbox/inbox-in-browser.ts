import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { ReviewServerOptions } from '../../src/options.ts';
import { sharedChromium } from '../../../../test/support/chromium.ts';
import { PASSWORDS as passwords, startTestServer, type TestServer } from '../test-server.ts';

type Name = keyof typeof passwords;

/** A review server with its inbox open in a real browser. */
export type InboxInBrowser = {
  server: TestServer;
  browser: Browser;
  /** The page of ana that all tests share, at the list. */
  sharedPage(): Promise<Page>;
  /**
   * Opens another signed-in page. Pages of one user share cookies and cache, except with `context` or `fresh`. `fresh`
   * signs in again.
   * @default ana, at the list, on a desktop screen
   */
  open(path?: string, options?: { as?: Name; context?: BrowserContextOptions; fresh?: boolean }): Promise<Page>;
  /** Opens a page without a sign-in. */
  visit(path: string, context?: BrowserContextOptions): Promise<Page>;
  /** Closes all pages except the shared one. */
  reset(): Promise<void>;
  /** Script errors, violations of the Content Security Policy, dialogs, and calls to others than server and gateway. */
  problems: string[];
  close(): Promise<void>;
};

export async function startInboxInBrowser(
  databaseUrl: string,
  more: Partial<ReviewServerOptions> = {},
  wholeBrowser = false,
): Promise<InboxInBrowser> {
  const [server, browser] = await Promise.all([startTestServer(databaseUrl, more), sharedChromium(wholeBrowser)]);
  // Decisions by key are made at once, except in tests of held decisions.
  for (const name of ['ana', 'ben'] as const)
    await server.send('PATCH', '/reviewer-api/settings', { holdSeconds: 0 }, await server.bearer(name));
  const problems: string[] = [];
  const signIn = async (name: Name, { userAgent }: BrowserContextOptions = {}) => {
    const own = await browser.newContext(userAgent === undefined ? {} : { userAgent });
    const answer = await own.request.post(`${server.url}/reviewer-api/session`, {
      data: { name, password: passwords[name], browser: true },
      headers: { origin: server.url },
    });
    expect(answer.status()).toBe(200);
    const state = await own.storageState();
    await own.close();
    return state;
  };
  // Other inboxes of the process use the same browser.
  const contexts = new Set<BrowserContext>();
  const newContext = async (options: BrowserContextOptions) => {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      reducedMotion: 'reduce',
      // `installing.test.ts` is about the service worker. It would keep requests from the interception of other tests.
      serviceWorkers: 'block',
      ...options,
    });
    contexts.add(context);
    await context.addInitScript(
      'document.addEventListener("securitypolicyviolation", (event) => console.error("Content Security Policy:", event.effectiveDirective, event.blockedURI, event.sample));',
    );
    return context;
  };
  const openIn = async (context: BrowserContext, path: string) => {
    const page = await context.newPage();
    // For machines that do much else.
    page.setDefaultTimeout(30_000);
    page.on('pageerror', (error) => problems.push(`script error: ${error.message}`));
    page.on('console', (message) => {
      // The page handles refused calls itself.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
        problems.push(message.text());
    });
    page.on('request', (request) => {
      const { origin, protocol } = new URL(request.url());
      // Images of previews are data: addresses, which call nobody.
      const gateway = more.gateway?.publicUrl ?? more.gateway?.url;
      const known = [server.url, ...(gateway === undefined ? [] : [gateway])].map((url) => new URL(url).origin);
      if (protocol !== 'data:' && !known.includes(origin)) problems.push(`a call to ${request.url()}`);
    });
    page.on('dialog', (dialog) => {
      problems.push(`a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    await page.goto(server.url + path);
    return page;
  };
  const shared = new Map<Name, Promise<BrowserContext>>();
  const contextOf = (name: Name) => {
    if (!shared.has(name))
      shared.set(
        name,
        signIn(name).then((storageState) =>
          newContext({ storageState, permissions: ['clipboard-read', 'clipboard-write', 'notifications'] }),
        ),
      );
    return shared.get(name)!;
  };
  let sharedPage: Promise<Page> | undefined;
  const inbox: InboxInBrowser = {
    server,
    browser,
    problems,
    sharedPage: () => (sharedPage ??= contextOf('ana').then((context) => openIn(context, '/'))),
    visit: async (path, context = {}) => openIn(await newContext(context), path),
    async open(path = '/', { as = 'ana', context, fresh = false } = {}) {
      if (context === undefined && !fresh) return openIn(await contextOf(as), path);
      const storageState = fresh ? await signIn(as, context) : await (await contextOf(as)).storageState();
      return openIn(await newContext({ ...context, storageState }), path);
    },
    async reset() {
      const [kept, lasting] = [await sharedPage, await Promise.all(shared.values())];
      await kept?.unrouteAll({ behavior: 'ignoreErrors' });
      for (const context of contexts) {
        if (!lasting.includes(context)) {
          contexts.delete(context);
          await context.close();
        } else for (const page of context.pages()) if (page !== kept) await page.close();
      }
    },
    close: async () => {
      for (const context of contexts) await context.close();
      await inbox.server.close();
    },
  };
  return inbox;
}

/** Waits until the element is visible. */
export async function expectSeen(locator: Locator): Promise<void> {
  await locator.first().waitFor();
}

/** Waits until the field has the focus. */
export async function expectFocusOn(field: Locator): Promise<void> {
  await field.and(field.page().locator(':focus')).waitFor();
}

/** The problem of a field, as a screen reader announces it. */
export async function problemOf(field: Locator): Promise<string> {
  const page = field.page();
  const ids = (await field.and(page.locator('[aria-invalid=true]')).getAttribute('aria-describedby')) ?? '';
  return page
    .locator(
      ids
        .split(' ')
        .map((id) => `.field-problem[id="${id}"]`)
        .join(),
    )
    .innerText();
}

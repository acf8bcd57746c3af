import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { ReviewServerOptions } from '../../src/options.ts';
import { startChromium } from '../../../../test/support/chromium.ts';
import { PASSWORDS, startTestServer, type TestServer } from '../test-server.ts';

type StorageState = Awaited<ReturnType<BrowserContext['storageState']>>;

/** A review server with its inbox open in a real browser. */
export interface InboxInBrowser {
  server: TestServer;
  browser: Browser;
  /** A page of a browser of its own, signed in; with `fresh` by a session that no other page has. Default: ana, at the list, on a desk's screen. */
  open(
    path?: string,
    options?: { as?: keyof typeof PASSWORDS; context?: BrowserContextOptions; fresh?: boolean },
  ): Promise<Page>;
  /** The same without a sign-in. */
  visit(path: string, context?: BrowserContextOptions): Promise<Page>;
  /** What must never happen: script errors, violations of the Content Security Policy, calls to other hosts. */
  problems: string[];
  close(): Promise<void>;
}

export async function startInboxInBrowser(
  databaseUrl: string,
  more: Partial<ReviewServerOptions> = {},
): Promise<InboxInBrowser> {
  const [server, browser] = await Promise.all([startTestServer(databaseUrl, more), startChromium()]);
  const problems: string[] = [];
  const signedIn = new Map<string, Promise<StorageState>>();
  const signIn = async (name: keyof typeof PASSWORDS, { userAgent }: BrowserContextOptions = {}) => {
    const own = await browser.newContext(userAgent === undefined ? {} : { userAgent });
    const answer = await own.request.post(`${server.url}/reviewer-api/session`, {
      data: { name, password: PASSWORDS[name], browser: true },
      headers: { origin: server.url },
    });
    expect(answer.status()).toBe(200);
    const state = await own.storageState();
    await own.close();
    return state;
  };
  const visit = async (path: string, context: BrowserContextOptions = {}) => {
    const own = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      reducedMotion: 'reduce',
      ...context,
    });
    await own.addInitScript(
      'document.addEventListener("securitypolicyviolation", (event) => console.error("Content Security Policy:", event.effectiveDirective, event.blockedURI, event.sample));',
    );
    const page = await own.newPage();
    page.setDefaultTimeout(15_000);
    page.on('pageerror', (error) => problems.push(`script error: ${error.message}`));
    // A refused call is no problem of the page's: it says so to the person.
    page.on(
      'console',
      (message) =>
        void (
          message.type() === 'error' &&
          !message.text().startsWith('Failed to load resource') &&
          problems.push(message.text())
        ),
    );
    page.on(
      'request',
      (request) =>
        void (
          new URL(request.url()).origin !== new URL(server.url).origin && problems.push(`a call to ${request.url()}`)
        ),
    );
    page.on('dialog', (dialog) => {
      problems.push(`a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    await page.goto(server.url + path);
    return page;
  };
  return {
    server,
    browser,
    problems,
    visit,
    async open(path = '/', { as = 'ana', context = {}, fresh = false } = {}) {
      if (!fresh && !signedIn.has(as)) signedIn.set(as, signIn(as));
      return visit(path, { ...context, storageState: await (fresh ? signIn(as, context) : signedIn.get(as)!) });
    },
    close: async () => {
      await browser.close();
      await server.close();
    },
  };
}

/** That something is seen, now or in a moment. */
export async function expectSeen(locator: Locator): Promise<void> {
  await locator.first().waitFor();
}

/** That a field has the focus, now or in a moment. */
export async function expectFocusOn(field: Locator): Promise<void> {
  await field.and(field.page().locator(':focus')).waitFor();
}

/** What a screen reader says is wrong with a field. */
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

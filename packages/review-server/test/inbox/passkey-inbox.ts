import getPort from 'get-port';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { sharedChromium } from '../../../../test/support/chromium.ts';
import type { ReviewServerOptions } from '../../src/options.ts';
import { ADMINISTRATORS, startTestServer, type TestServer } from '../test-server.ts';

/** A review server at a `localhost` address, and Chromium: passkeys need a host name. */
export type PasskeyInbox = {
  server: TestServer;
  browser: Browser;
  origin: string;
  /** Opens a page of a new browser context, not signed in. */
  open(path?: string, context?: BrowserContextOptions): Promise<Page>;
  /** Script errors, violations of the Content Security Policy, and calls to other hosts. */
  problems: string[];
  close(): Promise<void>;
};

export async function startPasskeyInbox(
  databaseUrl = 'sqlite::memory:',
  more: Partial<ReviewServerOptions> = {},
): Promise<PasskeyInbox> {
  const port = await getPort({ host: '127.0.0.1' });
  const origin = `http://localhost:${port}`;
  const [server, browser] = await Promise.all([
    startTestServer(databaseUrl, { port, publicUrl: origin, reviewers: ADMINISTRATORS, ...more }),
    sharedChromium(),
  ]);
  const problems: string[] = [];
  const contexts = new Set<BrowserContext>();
  return {
    server,
    browser,
    origin,
    problems,
    async open(path = '/', context = {}) {
      const own = await browser.newContext({
        viewport: { width: 1280, height: 800 },
        reducedMotion: 'reduce',
        ...context,
      });
      contexts.add(own);
      const page = await own.newPage();
      page.setDefaultTimeout(15_000);
      page.on('pageerror', (error) => problems.push(`script error: ${error.message}`));
      page.on('console', (message) => {
        if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
          problems.push(message.text());
      });
      page.on('request', (request) => {
        if (new URL(request.url()).origin !== origin) problems.push(`a call to ${request.url()}`);
      });
      await page.goto(origin + path);
      return page;
    },
    async close() {
      for (const context of contexts) await context.close();
      await server.close();
    },
  };
}

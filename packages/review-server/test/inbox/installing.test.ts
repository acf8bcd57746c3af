import { cpSync, globSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core';
import { describe, expect, onTestFinished, test as it } from 'vitest';
import { chromiumPath } from '../../../../test/support/chromium.ts';
import { until } from '../../../../test/support/until.ts';
import { PASSWORDS as passwords, startTestServer, type TestServer } from '../test-server.ts';

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const builtInbox = fileURLToPath(new URL('../../dist/inbox/', import.meta.url));

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-installing-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A browser with a profile on disk: a private window can't install anything. */
async function openProfile(options: BrowserContextOptions = {}): Promise<{ context: BrowserContext; page: Page }> {
  const context = await chromium.launchPersistentContext(newFolder(), {
    executablePath: chromiumPath!,
    args: ['--no-sandbox', '--disable-background-networking'],
    reducedMotion: 'reduce',
    ...options,
  });
  onTestFinished(() => context.close());
  await context.addInitScript(
    'globalThis.refused = []; document.addEventListener("securitypolicyviolation", (event) => refused.push(`${event.effectiveDirective} ${event.blockedURI}`));',
  );
  return { context, page: context.pages()[0] ?? (await context.newPage()) };
}

async function start(more: Parameters<typeof startTestServer>[1] = {}, databaseUrl = 'sqlite::memory:') {
  const server = await startTestServer(databaseUrl, more);
  onTestFinished(() => server.close());
  return server;
}

/** Signs in, and waits until the service worker serves the page. */
async function signIn({ context, page }: { context: BrowserContext; page: Page }, { url }: TestServer): Promise<void> {
  await context.request.post(`${url}/reviewer-api/session`, {
    data: { name: 'ana', password: passwords.ana, browser: true },
    headers: { origin: url },
  });
  await page.goto(url);
  await underWorker(page);
  // The first load was before the worker.
  await page.reload();
  await page.getByRole('region', { name: 'Requests' }).waitFor();
}

const underWorker = (page: Page) =>
  until('a service worker controls the page', () =>
    page.evaluate<boolean>('navigator.serviceWorker.controller?.state === "activated"'),
  );
const cached = (page: Page) =>
  page.evaluate<string[]>(
    '(async () => (await Promise.all((await caches.keys()).map(async (name) => (await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname)))).flat())()',
  );

describe.skipIf(chromiumPath === undefined)('installed inbox', () => {
  it('manifest, icons and worker → installable, under the Content Security Policy', async () => {
    const [server, profile] = [await start(), await openProfile()];
    await signIn(profile, server);
    const session = await profile.context.newCDPSession(profile.page);
    const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
    expect(installabilityErrors).toEqual([]);
    const { data = '', errors } = await session.send('Page.getAppManifest');
    expect(errors).toEqual([]);
    const { name, display, start_url, icons } = JSON.parse(data) as {
      [field: string]: unknown;
      icons: { src: string; type: string }[];
    };
    expect({ name, display, start_url }).toEqual({ name: 'Holdpoint inbox', display: 'standalone', start_url: '/' });
    for (const { src, type } of icons) {
      const answer = await fetch(server.url + src);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, type]);
    }
    expect(await profile.page.evaluate('refused')).toEqual([]);
    const policy = (await fetch(server.url)).headers.get('content-security-policy')!;
    expect(policy).toContain("worker-src 'self'; manifest-src 'self'");
    const worker = await fetch(`${server.url}/service-worker.js`);
    expect(worker.headers.get('cache-control')).toBe('no-cache');
  });

  it('work with requests → only built files in a cache; sign-out → empty caches', async () => {
    const [server, profile] = [await start(), await openProfile()];
    const { page } = profile;
    await signIn(profile, server);
    const { body } = await server.ask({ summary: 'Never kept' });
    await page.goto(`${server.url}/approvals/${body.id}`);
    await page.getByRole('heading', { level: 1, name: 'Never kept' }).waitFor();
    // The worker would see this call of a page too.
    await page.evaluate(`fetch("/reviewer-api/approvals/${body.id}").then((answer) => answer.text())`);
    await page.getByRole('button', { name: /^Approve/ }).click();
    await page
      .getByText(/^Approved by you/)
      .first()
      .waitFor();
    const files = await cached(page);
    expect(files.length).toBeGreaterThan(3);
    expect(files.filter((path) => !/^\/assets\/[\w.-]+-[\w-]{8}\.\w+$/.test(path))).toEqual([]);
    await page.getByRole('button', { name: 'ana' }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Password').waitFor();
    expect(await page.evaluate('caches.keys()')).toEqual([]);
  });

  it.for([
    ['light', { colorScheme: 'light' }],
    ['dark on a phone', { colorScheme: 'dark', viewport: { width: 390, height: 800 } }],
  ] as const)('offline, %s → a page that says so; again online → the request', async ([, options]) => {
    const [server, profile] = [await start(), await openProfile(options)];
    const { context, page } = profile;
    await signIn(profile, server);
    const { body } = await server.ask({ summary: 'Seen later' });
    await context.setOffline(true);
    const answer = await page.goto(`${server.url}/approvals/${body.id}?box=done`);
    expect(answer?.status()).toBe(503);
    await page.getByRole('heading', { name: 'You are offline' }).waitFor();
    await page.getByText('Nothing was decided here').waitFor();
    const width = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
    expect(width).toBe(0);
    const violations = await axeViolations(context, page);
    expect(violations).toEqual([]);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'You are offline' }).waitFor();
    await context.setOffline(false);
    await page.getByRole('link', { name: 'Try again' }).click();
    await page.getByRole('heading', { level: 1, name: 'Seen later' }).waitFor();
    expect(new URL(page.url()).pathname).toBe(`/approvals/${body.id}`);
  });

  it('new build → used at the next load, and the files of the old one leave the cache', async () => {
    const folder = newFolder();
    const database = `sqlite://${join(folder, 'review.db')}`;
    const [first, profile] = [await startTestServer(database, {}), await openProfile()];
    const { page } = profile;
    await signIn(profile, first);
    const entryOf = () => page.evaluate<string>('new URL(document.querySelector("script[type=module]").src).pathname');
    const old = await entryOf();
    expect(await cached(page)).toContain(old);
    await first.close();
    const inboxFolder = join(folder, 'inbox');
    const entry = deployAgain(inboxFolder, old);
    const second = await start({ inboxFolder, port: Number(new URL(first.url).port) }, database);
    expect(second.url).toBe(first.url);
    await page.goto(second.url);
    await page.getByRole('region', { name: 'Requests' }).waitFor();
    expect(await entryOf()).toBe(entry);
    expect(await page.evaluate('globalThis.build')).toBe('second');
    await until('the old files left the cache', async () => !(await cached(page)).includes(old));
    await page.reload();
    await page.getByRole('region', { name: 'Requests' }).waitFor();
    expect(await cached(page)).toContain(entry);
    expect(await page.evaluate<string[]>('caches.keys()')).toEqual(['holdpoint-assets-second']);
  });
});

/** A copy of the built inbox where the first script and the worker changed, as after a build of other sources. */
function deployAgain(folder: string, entry: string): string {
  cpSync(builtInbox, folder, { recursive: true });
  const changed = entry.replace(/-[\w-]{8}\.js$/, '-secondaa.js');
  const [oldName, newName] = [entry, changed].map((path) => path.split('/').at(-1)!) as [string, string];
  for (const path of globSync('**/*.{html,js}', { cwd: folder }).map((name) => join(folder, name))) {
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replaceAll(oldName, newName).replace(/holdpoint-assets-\w+/, 'holdpoint-assets-second'));
  }
  renameSync(join(folder, entry), join(folder, changed));
  const script = readFileSync(join(folder, changed), 'utf8');
  writeFileSync(join(folder, changed), `${script}\nglobalThis.build = "second";`);
  return changed;
}

/** The page's policy keeps scripts out, so axe looks at a copy of its document. */
async function axeViolations(context: BrowserContext, page: Page): Promise<string[]> {
  const html = await page.content();
  const copy = await context.newPage();
  await copy.setContent(html);
  await copy.addScriptTag({ path: axePath });
  const { violations } = await copy.evaluate<{ violations: { id: string }[] }>(
    'axe.run(document, { resultTypes: ["violations"] })',
  );
  await copy.close();
  return violations.map(({ id }) => id);
}

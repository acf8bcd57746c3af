import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sqliteUrl } from '@holdpoint/database/url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { startChromium } from '../../../../test/support/chromium.ts';
import { postgresIsInstalled, sharedPostgres, type SharedPostgres } from '../../../../test/support/postgres.ts';
import { describeInBrowser } from '../inbox/inbox-test.ts';
import { driverOf } from '../inbox/drivers.ts';
import { ADMINISTRATORS, PASSWORDS } from '../test-server.ts';
import { createHttpBrowser } from './http-browser.ts';
import { openStage, type Stage } from './stage.ts';
import { testPeople } from './start-provider.ts';

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const begunElsewhere = 'This sign-in was begun in another browser, or too long ago. Begin again.';

describeInBrowser('sign-in with a provider on another site, in Chromium', () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-oidc-'));
  let browser: Browser;
  let postgres: SharedPostgres | undefined;
  let stage: Stage;
  const problems: string[] = [];
  beforeAll(async () => {
    postgres = postgresIsInstalled ? await sharedPostgres() : undefined;
    [browser, stage] = await Promise.all([
      startChromium(),
      openStage((await postgres?.createDatabase()) ?? sqliteUrl(join(folder, 'review.db')), {
        servers: postgres === undefined ? 1 : 2,
        reviewers: ADMINISTRATORS,
      }),
    ]);
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    const found = problems.splice(0);
    if (found.length > 0) throw new Error(`The page had problems: ${found.join('; ')}`);
  });
  afterAll(async () => {
    await browser.close();
    await stage.close();
    await postgres?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const open = async (path = '/', options: BrowserContextOptions = {}): Promise<Page> => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    return openIn(await context.newPage(), path);
  };
  const openIn = async (page: Page, path = '/'): Promise<Page> => {
    page.setDefaultTimeout(30_000);
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => {
      if (/Content Security Policy|violates/.test(message.text())) problems.push(message.text());
    });
    await page.goto(stage.url + path);
    return page;
  };
  const link = (page: Page) => page.getByRole('link', { name: 'Sign in with Example Login' });
  const user = (page: Page, name = 'anna') => page.getByRole('button', { name: new RegExp(name) });
  const expectUser = (page: Page) => user(page).waitFor();
  const atProvider = async (page: Page, account: string) => {
    await page.getByLabel('Account').fill(account);
    await page.getByRole('button', { name: 'Continue' }).click();
  };
  const expectSaid = (page: Page, text: string) => page.getByRole('alert').filter({ hasText: text }).waitFor();

  const adminToken = async (): Promise<string> => {
    const answer = await fetch(`${stage.url}/reviewer-api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'ana', password: PASSWORDS.ana }),
    });
    return ((await answer.json()) as { token: string }).token;
  };

  it('by mouse: the page that was asked for, signed in, after a reload too; then signed out here and there', async () => {
    const page = await open('/?box=done');
    await link(page).click();
    expect(new URL(page.url()).origin).toBe(stage.provider.issuer);
    await atProvider(page, 'anna');
    await expectUser(page);
    expect(page.url()).toBe(`${stage.url}/?box=done`);
    await page.reload();
    await user(page).click();
    expect(await page.getByRole('button', { name: 'Change password…' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Sign out here too' }).click();
    await link(page).waitFor();
    expect(new URL(page.url()).origin).toBe(stage.url);
    await link(page).click();
    await page.getByLabel('Account').waitFor();
  });

  it('by keyboard, with the session at the provider alive: no second form', async () => {
    const page = await open();
    await link(page).focus();
    await page.keyboard.press('Enter');
    await page.getByLabel('Account').waitFor();
    await page.keyboard.type('anna');
    await page.keyboard.press('Enter');
    await expectUser(page);
    await page.context().clearCookies({ name: 'holdpoint_session' });
    await page.reload();
    await link(page).focus();
    await page.keyboard.press('Enter');
    await expectUser(page);
  });

  it.for([
    ['mouse', 'ben', 'ana'],
    ['keyboard', 'cleo', 'ben'],
  ] as const)(
    'by %s: an administrator links %s with the person of the provider → one user, signed in under the local name',
    async ([device, name, withPassword]) => {
      const bearer = { authorization: `Bearer ${await adminToken()}`, 'content-type': 'application/json' };
      await fetch(`${stage.url}/reviewer-api/users`, {
        method: 'POST',
        headers: bearer,
        body: JSON.stringify({ name: 'cleo', password: 'a password of cleo', roles: ['reviewer'] }),
      });
      await stage.provider.setPeople({
        ...testPeople,
        [`sub-${name}`]: { preferred_username: name, groups: ['finance'] },
      });
      const person = createHttpBrowser();
      await stage.signIn(person, `sub-${name}`);
      expect((await stage.sessionOf(person))?.reviewer.name).toBe(`${name} 2`);
      const page = await open('/admin/users');
      await page.getByLabel('Name', { exact: true }).fill('ana');
      await page.getByLabel('Password').fill(PASSWORDS.ana);
      await page.keyboard.press('Enter');
      await page
        .getByRole('row')
        .filter({ hasText: `${name} 2` })
        .waitFor();
      const driver = driverOf(device, page);
      await driver.press(`Link ${name}`);
      await page.getByRole('dialog').waitFor();
      await driver.press('Link');
      await page.getByText('Choose a user.').waitFor();
      await driver.choose(/User added by the sign-in/, withPassword);
      await driver.press('Link');
      await expectSaid(page, 'did not come from the identity provider');
      await driver.choose(/User added by the sign-in/, `${name} 2`);
      if (process.env['SCREENSHOTS']) await page.screenshot({ path: `${process.env['SCREENSHOTS']}/link-${name}.png` });
      await driver.press('Link');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await page
        .getByRole('row')
        .filter({ hasText: `${name} 2` })
        .waitFor({ state: 'detached' });
      await stage.signIn(person, `sub-${name}`);
      expect((await stage.sessionOf(person))?.reviewer.name).toBe(name);
    },
  );

  it('"Stop" at the provider, F5 on the callback, no role → each said on the sign-in page; another account can be chosen', async () => {
    const page = await open();
    await link(page).click();
    await page.getByRole('button', { name: 'Stop' }).click();
    await expectSaid(page, 'You stopped the sign-in.');
    const callbacks: string[] = [];
    page.on('request', (request) => {
      if (request.url().startsWith(`${stage.url}/auth/callback`)) callbacks.push(request.url());
    });
    await link(page).click();
    await atProvider(page, 'bob');
    await expectSaid(page, 'You are signed in at Example Login as bob, but no group of yours has a role here.');
    // The session at the provider is bob's, so it has to ask again.
    await link(page).click();
    await page.getByLabel('Account').waitFor();
    await page.goto(callbacks.at(-1)!);
    await expectSaid(page, begunElsewhere);
    await page.reload();
    await expectSaid(page, begunElsewhere);
    await page.goto(`${stage.url}/login?problem=<b>forged</b>`);
    await link(page).waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  it('two tabs of one browser begin, both end', async () => {
    const first = await open('/?box=done');
    const second = await openIn(await first.context().newPage(), '/?box=all');
    await link(first).click();
    await first.getByLabel('Account').waitFor();
    await link(second).click();
    await atProvider(second, 'anna');
    await expectUser(second);
    await atProvider(first, 'anna');
    await expectUser(first);
    expect([first.url(), second.url()]).toEqual([`${stage.url}/?box=done`, `${stage.url}/?box=all`]);
  });

  it('signed out at the provider in one of two browsers → that page asks for a sign-in, the other stays', async () => {
    const [first, second] = [await open(), await open()];
    for (const page of [first, second]) {
      await link(page).click();
      await atProvider(page, 'anna');
      await expectUser(page);
    }
    const tab = await first.context().newPage();
    await tab.goto(`${stage.provider.issuer}/session/end`);
    await tab.getByRole('button', { name: 'Sign out here too' }).click();
    await stage.provider.line('backchannel.success');
    await first.reload();
    await link(first).waitFor();
    await second.reload();
    await expectUser(second);
  });

  it('provider away → said so, and the password form is there; back → signed in', async () => {
    const page = await open();
    await stage.restartProvider({ keyId: 'second' }, async () => {
      // Both servers must ask the provider anew.
      await page.goto(`${stage.url}/auth/callback?state=none`);
      await expectSaid(page, begunElsewhere);
      await page.getByLabel('Password').waitFor();
    });
    await link(page).click();
    await atProvider(page, 'anna');
    await page
      .getByRole('alert')
      .filter({ hasText: 'The identity provider has a new key. Try again in a minute.' })
      .or(user(page))
      .waitFor();
  });

  it.for([
    ['light', { viewport: { width: 1280, height: 800 } }],
    ['dark', { viewport: { width: 1280, height: 800 }, colorScheme: 'dark' }],
    ['phone', { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true }],
  ] as const)('%s → fits the screen, and axe finds nothing', async ([name, context]) => {
    const page = await open('/auth/callback?state=none', { ...context, bypassCSP: true });
    await expectSaid(page, begunElsewhere);
    await link(page).waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    await page.addScriptTag({ path: axePath });
    const { violations } = await page.evaluate<{ violations: { id: string }[] }>(
      'axe.run(document, { resultTypes: ["violations"] })',
    );
    expect(violations).toEqual([]);
    if (process.env['SCREENSHOTS'] !== undefined)
      await page.screenshot({ path: join(process.env['SCREENSHOTS'], `sign-in-${name}.png`) });
  });
});

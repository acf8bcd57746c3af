import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { PASSWORDS } from '../test-server.ts';
import { driverNames, driverOf, type Driver } from './drivers.ts';
import { describeInBrowser } from './inbox-test.ts';
import { startPasskeyInbox, type PasskeyInbox } from './passkey-inbox.ts';
import { addAuthenticator } from './virtual-authenticator.ts';

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const notUsed = /Your passkey was not used: it was cancelled, took too long/;
type Name = keyof typeof PASSWORDS;

async function enterPassword(driver: Driver, name: Name): Promise<void> {
  await driver.type('Name', name);
  await driver.type('Password', PASSWORDS[name]);
  await driver.press('Sign in');
}

const openMenu = (driver: Driver, name: Name) => driver.press(new RegExp(`^.?${name}$`));
const expectSignedIn = (page: Page, name: Name) => page.getByRole('button', { name: new RegExp(name) }).waitFor();
const expectText = (page: Page, text: string | RegExp) => page.getByText(text).first().waitFor();

async function addPasskey(page: Page, driver: Driver, name: Name, passkey = 'Blue key'): Promise<void> {
  await openMenu(driver, name);
  await driver.press('Your passkeys…');
  await driver.type('Name of the new passkey', passkey);
  await driver.press('Add passkey');
  await expectText(page, `The passkey “${passkey}” is added.`);
}

async function signOut(page: Page, driver: Driver, name: Name): Promise<void> {
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await openMenu(driver, name);
  await driver.press('Sign out');
  await page.getByRole('heading', { name: 'Sign in to Holdpoint' }).waitFor();
}

/** Lets the browser wait a second and a half for the device, not minutes. */
const shortWait = (page: Page) =>
  page.route(/\/session(\/passkey\/options)?$|\/passkeys\/(proof\/)?options$|\/step-up$/, async (route) => {
    if (route.request().method() !== 'POST') return route.continue();
    const response = await route.fetch();
    return route.fulfill({ response, body: (await response.text()).replace(/"timeout":\d+/, '"timeout":1500') });
  });

const expectNoProblems = ({ problems }: PasskeyInbox) => expect(problems.splice(0)).toEqual([]);

describeInBrowser('passkeys', () => {
  let inbox: PasskeyInbox;
  beforeAll(async () => {
    inbox = await startPasskeyInbox();
  });
  afterEach(() => {
    expectNoProblems(inbox);
  });
  afterAll(() => inbox.close());
  const reset = async (name: Name) => {
    const by = name === 'ana' ? 'ben' : 'ana';
    await inbox.server.send('DELETE', `/reviewer-api/users/${name}/passkeys`, undefined, await inbox.server.bearer(by));
  };

  it.each(driverNames)('by %s: add, sign in with password and passkey, then by passkey alone', async (hand) => {
    const page = await inbox.open();
    await addAuthenticator(page);
    const driver = driverOf(hand, page);
    await enterPassword(driver, 'ben');
    await expectSignedIn(page, 'ben');
    await addPasskey(page, driver, 'ben');
    await signOut(page, driver, 'ben');
    await enterPassword(driver, 'ben');
    await page.getByRole('heading', { name: 'Confirm with your passkey' }).waitFor();
    await driver.press('Use passkey');
    await expectSignedIn(page, 'ben');
    await signOut(page, driver, 'ben');
    await driver.press('Sign in with a passkey');
    await expectSignedIn(page, 'ben');
    await page.context().close();
    await reset('ben');
  });

  it.each(driverNames)('by %s: rename, remove; the list and the password sign-in follow', async (hand) => {
    const page = await inbox.open();
    await addAuthenticator(page);
    const driver = driverOf(hand, page);
    await enterPassword(driver, 'ben');
    await addPasskey(page, driver, 'ben', 'Old key');
    await driver.press('Rename Old key');
    await driver.type('New name', 'Work key');
    await driver.press('Save');
    await expectText(page, 'The passkey is called “Work key” now.');
    await expectText(page, 'Never used');
    await driver.press('Remove Work key');
    await driver.press('Remove Work key now');
    await expectText(page, 'You have no passkey.');
    await signOut(page, driver, 'ben');
    await enterPassword(driver, 'ben');
    await expectSignedIn(page, 'ben');
    await page.context().close();
  });

  it('cancelled or not verified → one sentence, “Try again” signs in; the same device twice → its own sentence', async () => {
    const page = await inbox.open();
    const device = await addAuthenticator(page);
    const driver = driverOf('mouse', page);
    await enterPassword(driver, 'ben');
    await addPasskey(page, driver, 'ben');
    await driver.press('Add passkey');
    await expectText(page, 'This device has a passkey of yours already.');
    await driver.press('Try again');
    await expectText(page, 'This device has a passkey of yours already.');
    await shortWait(page);
    await signOut(page, driver, 'ben');
    await enterPassword(driver, 'ben');
    await device.setVerified(false);
    await driver.press('Use passkey');
    await expectText(page, notUsed);
    await device.setVerified(true);
    await device.setPresent(false);
    await driver.press('Try again');
    await page.getByText(notUsed).waitFor({ state: 'detached' });
    await expectText(page, notUsed);
    await device.setPresent(true);
    await driver.press('Try again');
    await expectSignedIn(page, 'ben');
    await page.context().close();
    await reset('ben');
  });

  it('copy of a passkey with a lower counter → refused, shown to the administrator, the account stays open', async () => {
    const page = await inbox.open();
    const device = await addAuthenticator(page);
    const driver = driverOf('mouse', page);
    await enterPassword(driver, 'ben');
    await addPasskey(page, driver, 'ben');
    await signOut(page, driver, 'ben');
    for (let use = 0; use < 2; use += 1) {
      await driver.press('Sign in with a passkey');
      await expectSignedIn(page, 'ben');
      await signOut(page, driver, 'ben');
    }
    const signCount = Math.max(...(await device.credentials()).map((each) => each.signCount));
    const copy = await device.clone(0);
    await driver.press('Sign in with a passkey');
    await expectText(page, 'The counter of this passkey went backwards');
    await (await copy.clone(signCount + 10)).setPresent(true);
    await driver.press('Sign in with a passkey');
    await expectSignedIn(page, 'ben');
    await page.goto(`${inbox.origin}/admin/passkeys`);
    await expectText(page, 'Counter went backwards: maybe a copy');
    await page.context().close();
    await reset('ben');
  });

  it('required by an administrator: the first sign-in adds a passkey; a reset lets the user begin again', async () => {
    const [admin, page] = [await inbox.open(), await inbox.open()];
    await Promise.all([addAuthenticator(admin), addAuthenticator(page)]);
    const [anas, bens] = [driverOf('mouse', admin), driverOf('keyboard', page)];
    await enterPassword(anas, 'ana');
    await expectSignedIn(admin, 'ana');
    await admin.goto(`${inbox.origin}/admin/passkeys`);
    await anas.choose(/Passkey at the sign-in/, 'Required for everybody');
    await anas.press('Save rules');
    await admin.getByRole('button', { name: 'Save rules' }).and(admin.locator('[disabled]')).waitFor();
    await enterPassword(bens, 'ben');
    await page.getByRole('heading', { name: 'Add a passkey' }).waitFor();
    await bens.type('Name of the passkey', 'First key');
    await bens.press('Add passkey');
    await expectSignedIn(page, 'ben');
    await openMenu(bens, 'ben');
    await bens.press('Your passkeys…');
    await expectText(page, 'An administrator requires you to keep one.');
    await bens.press('Remove First key');
    await bens.press('Remove First key now');
    await expectText(page, 'this is your last one. Add another one first.');
    await admin.reload();
    await anas.press('Reset ben');
    await anas.press('Reset');
    await admin.getByRole('dialog').waitFor({ state: 'detached' });
    await page.reload();
    await page.getByRole('heading', { name: 'Sign in to Holdpoint' }).waitFor();
    await anas.choose(/Passkey at the sign-in/, 'Optional');
    await anas.press('Save rules');
    await admin.getByRole('button', { name: 'Save rules' }).and(admin.locator('[disabled]')).waitFor();
    await admin.context().close();
    await page.context().close();
  });

  it('page at 127.0.0.1: the password works, and the page names the address where passkeys work', async () => {
    const context = await inbox.browser.newContext();
    const page = await context.newPage();
    await page.goto(inbox.server.url);
    await page.getByRole('link', { name: inbox.origin }).waitFor();
    const driver = driverOf('mouse', page);
    await enterPassword(driver, 'ben');
    await expectSignedIn(page, 'ben');
    await openMenu(driver, 'ben');
    await driver.press('Your passkeys…');
    await page.getByRole('dialog').getByRole('link', { name: inbox.origin }).waitFor();
    await context.close();
  });

  it.each([
    ['light', { viewport: { width: 1280, height: 800 } }],
    ['dark', { viewport: { width: 1280, height: 800 }, colorScheme: 'dark' }],
    ['phone', { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true }],
  ] as const)(
    '%s → sign-in, dialog and administration fit the screen, and axe finds nothing',
    async (look, context) => {
      const page = await inbox.open('/', { ...context, bypassCSP: true });
      await addAuthenticator(page);
      const driver = driverOf('mouse', page);
      const check = async (what: string) => {
        const shots = process.env['PASSKEY_SHOTS'];
        if (shots !== undefined) await page.screenshot({ path: `${shots}/passkeys-${what}-${look}.png` });
        expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
        await page.addScriptTag({ path: axePath });
        const { violations } = await page.evaluate<{ violations: { id: string }[] }>(
          'axe.run(document, { resultTypes: ["violations"] })',
        );
        expect(violations).toEqual([]);
      };
      await page.getByRole('button', { name: 'Sign in with a passkey' }).waitFor();
      await check('sign-in');
      await enterPassword(driver, 'ana');
      await expectSignedIn(page, 'ana');
      await addPasskey(page, driver, 'ana');
      await check('dialog');
      await page.goto(`${inbox.origin}/admin/passkeys`);
      await page.getByRole('heading', { name: 'Refused passkeys' }).waitFor();
      await check('admin');
      await signOut(page, driver, 'ana');
      await enterPassword(driver, 'ana');
      await page.getByRole('button', { name: 'Use passkey' }).waitFor();
      await check('step');
      await page.context().close();
      await reset('ana');
    },
  );
});

import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { ADMINISTRATORS as administrators, PASSWORDS as passwords } from '../test-server.ts';
import { expectFocusOn, problemOf } from './inbox-in-browser.ts';
import { describeInBrowser, inboxTest } from './inbox-test.ts';

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const it = inboxTest({ reviewers: administrators });
const chosen = 'a password of my own';
const current = (page: Page) => page.getByLabel('Current password');
const chooses = (page: Page) => page.getByLabel('New password', { exact: true });
const repeats = (page: Page) => page.getByLabel('Repeat the new password');

/** By keyboard: the menu, then its entry. */
async function openByKeyboard(page: Page): Promise<void> {
  await page.locator('.user-button').focus();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Change password…' }).focus();
  await page.keyboard.press('Enter');
  await expectFocusOn(current(page));
}

describeInBrowser('own password', () => {
  it('by keyboard alone: each mistake named, then changed; the other session ends', async ({ inbox }) => {
    const other = await inbox.open('/', { as: 'ben', fresh: true });
    const page = await inbox.open('/', { as: 'ben', fresh: true });
    await openByKeyboard(page);
    await page.keyboard.press('Enter');
    await expectFocusOn(current(page));
    expect(await problemOf(current(page))).toBe('Enter your current password.');
    expect(await problemOf(chooses(page))).toBe('Enter at least 12 characters.');
    await page.keyboard.type('not the current one');
    await page.keyboard.press('Tab');
    await page.keyboard.type(chosen);
    await page.keyboard.press('Tab');
    await page.keyboard.type(`${chosen}.`);
    await page.keyboard.press('Enter');
    await expectFocusOn(repeats(page));
    expect(await problemOf(repeats(page))).toBe('The two new passwords differ.');
    await page.keyboard.press('Backspace');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').filter({ hasText: 'The current password is wrong. Nothing was changed.' }).waitFor();
    await current(page).fill(passwords.ben);
    await page.keyboard.press('Enter');
    const done = page.getByRole('dialog', { name: 'Password changed' });
    await done.getByText(/Your (other session has|\d+ other sessions have) ended\./).waitFor();
    await expectFocusOn(done.getByRole('button', { name: 'Close' }).last());
    await page.keyboard.press('Enter');
    await done.waitFor({ state: 'detached' });
    await page.reload();
    await page.getByRole('button', { name: /ben/ }).waitFor();
    await other.reload();
    await other.getByLabel('Name').fill('ben');
    await other.getByLabel('Password').fill(chosen);
    await other.keyboard.press('Enter');
    await other.getByRole('button', { name: /ben/ }).waitFor();
  });

  it('Esc → closed, nothing changed, and no password left in the page', async ({ inbox }) => {
    const page = await inbox.open('/', { as: 'ana', fresh: true });
    await openByKeyboard(page);
    await page.keyboard.type(passwords.ana);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await openByKeyboard(page);
    expect(await current(page).inputValue()).toBe('');
    expect(await page.evaluate('JSON.stringify([sessionStorage, localStorage, location.href])')).not.toContain(
      passwords.ana,
    );
  });

  it.for([
    ['light', { viewport: { width: 1280, height: 800 }, bypassCSP: true }],
    ['dark', { viewport: { width: 1280, height: 800 }, colorScheme: 'dark', bypassCSP: true }],
    ['phone', { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true, bypassCSP: true }],
  ] as const)('%s → fits the screen, and axe finds nothing', async ([, context], { inbox }) => {
    const page = await inbox.open('/', { as: 'ana', context });
    await page.locator('.user-button').click();
    await page.getByRole('button', { name: 'Change password…' }).click();
    await current(page).waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Change password' }).click();
    await page.getByText('Enter your current password.').waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    await page.addScriptTag({ path: axePath });
    const { violations } = await page.evaluate<{ violations: { id: string }[] }>(
      'axe.run(document, { resultTypes: ["violations"] })',
    );
    expect(violations).toEqual([]);
  });
});

import { createRequire } from 'node:module';
import { expect } from 'vitest';
import { until } from '../../../../test/support/until.ts';
import type { Settings } from '../../src/contract/settings.ts';
import { driverNames, driverOf } from './drivers.ts';
import { describeInBrowser, inboxTest } from './inbox-test.ts';

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const it = inboxTest();

describeInBrowser('settings dialog', () => {
  it.for(driverNames)(
    'by %s: a switch → changed for the person, shown in another browser; Esc → back on the menu’s button',
    async (name, { inbox }) => {
      const read = async () =>
        (await inbox.server.get<Settings>('/reviewer-api/settings', await inbox.server.bearer('ana'))).body;
      const page = await inbox.open();
      const user = driverOf(name, page);
      await user.press('ana');
      await user.press('Settings…');
      const before = (await read()).autoAdvance ?? false;
      await user.toggle('Open the next request after a decision');
      await until('the setting is on the server', async () => (await read()).autoAdvance === !before);
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await user.expectFocusOn('ana');
      const other = await inbox.open('/', { fresh: true });
      await other.locator('.user-button').click();
      await other.getByRole('button', { name: 'Settings…' }).click();
      const shown = other.getByRole('switch', { name: 'Open the next request after a decision' });
      await until('the other browser shows it', async () => (await shown.isChecked()) === !before);
    },
  );

  it('the server refuses → says so, and the switch shows the old value', async ({ inbox }) => {
    const page = await inbox.open('/', { as: 'ben' });
    await page.route('**/reviewer-api/settings', (route, request) =>
      request.method() === 'PATCH'
        ? route.fulfill({ status: 503, json: { error: 'The database does not answer.' } })
        : route.continue(),
    );
    await page.locator('.user-button').click();
    await page.getByRole('button', { name: 'Settings…' }).click();
    const shown = page.getByRole('switch', { name: 'Open the next request after a decision' });
    await shown.locator('xpath=ancestor::label[1]').click();
    await page.getByText('The database does not answer. The setting was not changed.').waitFor();
    await until('the old value is back', async () => !(await shown.isChecked()));
  });

  it.for([
    ['light', {}],
    ['dark', { colorScheme: 'dark' }],
    ['phone', { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true }],
  ] as const)('%s → fits the screen, and axe finds nothing', async ([, context], { inbox }) => {
    const page = await inbox.open('/', {
      context: { viewport: { width: 1280, height: 800 }, bypassCSP: true, ...context },
    });
    await page.locator('.user-button').click();
    await page.getByRole('button', { name: 'Settings…' }).click();
    await page.getByRole('switch', { name: 'Single-key shortcuts' }).waitFor({ state: 'attached' });
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    await page.addScriptTag({ path: axePath });
    const { violations } = await page.evaluate<{ violations: { id: string }[] }>(
      'axe.run(document, { resultTypes: ["violations"] })',
    );
    expect(violations).toEqual([]);
  });
});

import { driverNames, driverOf } from './drivers.ts';
import { describeInBrowser, inboxTest } from './inbox-test.ts';

// Chromium's headless shell permits no page to notify.
const it = inboxTest({ wholeBrowser: true });

describeInBrowser.each(driverNames)('notifying by %s', (driverName) => {
  it('turn notifications on → the switch is on', async ({ page, goTo }) => {
    const user = driverOf(driverName, page);
    await goTo('/');
    await user.press('ana');
    await user.toggle('Browser notifications');
    await page.getByRole('switch', { name: 'Browser notifications', checked: true }).waitFor({ state: 'attached' });
    await user.toggle('Browser notifications');
    await page.keyboard.press('Escape');
    await user.expectFocusOn('ana');
  });
});

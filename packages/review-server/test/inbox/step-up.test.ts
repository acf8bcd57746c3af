import { afterAll, beforeAll, expect, it } from 'vitest';
import { ADMINISTRATORS, PASSWORDS } from '../test-server.ts';
import { describeInBrowser } from './inbox-test.ts';
import { startPasskeyInbox, type PasskeyInbox } from './passkey-inbox.ts';
import { addAuthenticator } from './virtual-authenticator.ts';

describeInBrowser('critical request', () => {
  let inbox: PasskeyInbox;
  beforeAll(async () => {
    inbox = await startPasskeyInbox('sqlite::memory:', { reviewers: ADMINISTRATORS });
  });
  afterAll(() => inbox.close());

  it.each(['mouse', 'keyboard'])('by %s: not confirmed → one sentence, “Try again” approves it', async (hand) => {
    const page = await inbox.open();
    const device = await addAuthenticator(page);
    await page.getByLabel('Name').fill('ben');
    await page.getByLabel('Password').fill(PASSWORDS.ben);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: /ben/ }).click();
    await page.getByRole('button', { name: 'Your passkeys…' }).click();
    await page.getByRole('button', { name: 'Add passkey' }).click();
    await page.getByText(/^The passkey .* is added/).waitFor();
    const { id } = (await inbox.server.ask({ riskLevel: 'critical' })).body;
    await page.goto(`${inbox.origin}/approvals/${id}`);
    await page.route(/\/step-up$/, async (route) => {
      const response = await route.fetch();
      return route.fulfill({ response, body: (await response.text()).replace(/"timeout":\d+/, '"timeout":1500') });
    });
    const approve = page.getByRole('button', { name: /^Approve/ });
    await approve.waitFor();
    await device.setVerified(false);
    if (hand === 'mouse') await approve.click({ delay: 1300 });
    else {
      await approve.focus();
      await page.keyboard.down('a');
      await page.getByText('Your passkey was not used').waitFor();
      await page.keyboard.up('a');
    }
    await page.getByText('Your passkey was not used').waitFor();
    const shots = process.env['PASSKEY_SHOTS'];
    if (shots !== undefined) await page.screenshot({ path: `${shots}/step-up-${hand}.png` });
    expect((await inbox.server.get(`/api/approvals/${id}`)).body.status).toBe('PENDING');
    await device.setVerified(true);
    const again = page.getByRole('button', { name: 'Try again' });
    if (hand === 'mouse') await again.click();
    else {
      await again.focus();
      await page.keyboard.press('Enter');
    }
    await page.getByRole('group', { name: 'Decision', exact: true }).waitFor();
    expect((await inbox.server.get(`/api/approvals/${id}`)).body.status).toBe('APPROVED');
    await page.context().close();
    await inbox.server.send('DELETE', '/reviewer-api/users/ben/passkeys', undefined, await inbox.server.bearer('ana'));
  });
});

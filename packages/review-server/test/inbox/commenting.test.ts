import { createRequire } from 'node:module';
import { expect } from 'vitest';
import type { ReviewerApproval } from '../../src/contract/reviewer-api.ts';
import { driverNames, driverOf } from './drivers.ts';
import { expectSeen } from './inbox-in-browser.ts';
import { describeInBrowser, inboxTest, rowsOf } from './inbox-test.ts';

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const it = inboxTest();

describeInBrowser('comments and handing over', () => {
  it.for(driverNames)(
    'by %s: a comment → shown to the other person as literal text, at once',
    async (name, { inbox, show, page }) => {
      const id = await show();
      const other = await inbox.open(`/approvals/${id}`, { as: 'ben' });
      await other.getByRole('heading', { level: 1 }).waitFor();
      const user = driverOf(name, page);
      await user.type('Comment for other reviewers', `Ask <b>Jo</b> first\u202E (${name})`);
      await user.press('Add comment');
      await expectSeen(other.getByText('Ask <b>Jo</b> first'));
      await expectSeen(other.locator('.comment-text .code-point'));
      expect(await page.getByLabel('Comment for other reviewers').inputValue()).toBe('');
    },
  );

  it.for(driverNames)(
    'by %s: handed over with a comment → noticed by the other person, in the list as theirs',
    async (name, { inbox, show, page }) => {
      const other = await inbox.open('/', { as: 'ben' });
      await other.getByRole('heading', { level: 1 }).waitFor();
      const id = await show({ summary: `Refund for ${name}` });
      const user = driverOf(name, page);
      await user.press('Hand over…');
      await user.choose(/To$/, 'ben');
      await user.type('Comment', 'You know them.');
      await user.press('Hand over');
      const notice = other.getByRole('status', { name: 'Handed over to you' });
      await expectSeen(notice.getByText('ana handed over to you'));
      await expectSeen(rowsOf(other).getByText('Assigned to you by ana').first());
      await notice.getByRole('link').click();
      await expectSeen(other.getByText('You know them.'));
      await notice.getByRole('link').waitFor({ state: 'detached' });
      const { body } = await inbox.server.get<ReviewerApproval>(
        `/reviewer-api/approvals/${id}`,
        await inbox.server.bearer('ben'),
      );
      expect(body.claim).toMatchObject({ by: 'ben', assignedBy: 'ana' });
      await other.goto(`${inbox.server.url}/?assigned=me`);
      await expectSeen(rowsOf(other).getByText(`Refund for ${name}`));
    },
  );

  it.for([
    ['light', {}],
    ['dark', { colorScheme: 'dark' }],
    ['phone', { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true }],
  ] as const)('%s → fits the screen, and axe finds nothing', async ([name, context], { inbox, ask }) => {
    const id = await ask();
    const bearer = await inbox.server.bearer('ben');
    await inbox.server.post(`/reviewer-api/approvals/${id}/comments`, { text: 'Is this the whole list?' }, bearer);
    await inbox.server.send('PUT', `/reviewer-api/approvals/${id}/assignment`, { to: { user: 'ana' } }, bearer);
    const page = await inbox.open(`/approvals/${id}`, {
      context: { viewport: { width: 1280, height: 800 }, bypassCSP: true, ...context },
    });
    const comment = page.getByText('Is this the whole list?');
    await expectSeen(comment);
    await comment.scrollIntoViewIfNeeded();
    const shot = async (what: string) =>
      process.env['SCREENSHOTS'] && page.screenshot({ path: `${process.env['SCREENSHOTS']}/${what}-${name}.png` });
    await shot('comments');
    const violations = async () => {
      await page.addScriptTag({ path: axePath });
      return (
        await page.evaluate<{ violations: { id: string }[] }>('axe.run(document, { resultTypes: ["violations"] })')
      ).violations;
    };
    expect(await violations()).toEqual([]);
    await page.getByRole('button', { name: 'Hand over…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Hand over' }).waitFor();
    await shot('hand-over');
    expect(await violations()).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
  });
});

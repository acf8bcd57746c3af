import { expect } from 'vitest';
import { describeInBrowser, inboxTest } from './inbox-test.ts';

const it = inboxTest();

describeInBrowser('an edit that was not taken', () => {
  it('next request → shows it with its note, and an edit begins with both', async ({ inbox, page, ask, note }) => {
    const id = await ask({
      summary: 'Seats again',
      details: {
        seats: 1,
        name: 'Ana',
        holdpoint: {
          kind: 'call',
          because: 'The edit does not fit.',
          draft: { edit: { seats: 99, name: 'Ben' }, note: 'as agreed' },
        },
      },
    });
    await page.goto(`${inbox.server.url}/approvals/${id}`);
    await page.getByRole('heading', { name: 'Earlier approval that was not taken' }).waitFor();
    expect(await page.getByText('as agreed').first().isVisible()).toBe(true);
    await page.keyboard.press('e');
    expect(await note.inputValue()).toBe('as agreed');
    await page.getByRole('button', { name: 'Edit as JSON' }).click();
    const field = page.getByLabel('Arguments as JSON');
    expect(JSON.parse(await field.inputValue())).toEqual({ seats: 99, name: 'Ben' });
    await field.fill('{"seats":9,"name":"Ben"}');
    await page.getByRole('button', { name: 'Approve with changes' }).click();
    await page.getByText('Approved with changes by you').waitFor();
    expect((await inbox.server.get(`/api/approvals/${id}`)).body.modifiedDetails).toMatchObject({
      seats: 9,
      name: 'Ben',
    });
    expect((await inbox.server.get(`/api/approvals/${id}`)).body.decisionNote).toBe('as agreed');
  });
});

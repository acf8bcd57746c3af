import { expect } from 'vitest';
import { describeInBrowser, inboxTest } from './inbox-test.ts';

const it = inboxTest();
const details = { amount: 5, memo: 'thanks', tags: ['a'] };
const argumentsSchema = {
  type: 'object',
  properties: {
    amount: { type: 'number' },
    memo: { type: 'string' },
    tags: { type: 'array', items: { type: 'string' } },
  },
  required: ['amount'],
};

describeInBrowser('removing fields', () => {
  it('form with a schema → an optional field is removed; a required one has no button', async ({
    page,
    show,
    press,
    read,
  }) => {
    const id = await show({ details, argumentsSchema });
    await page.keyboard.press('e');
    await press('Remove memo');
    await page.getByRole('button', { name: 'Put back memo' }).waitFor();
    expect(await page.getByRole('button', { name: 'Remove amount' }).count()).toBe(0);
    await press('Approve with changes');
    await page.getByText('Approved with changes by you').waitFor();
    expect(await read(id)).toMatchObject({ modifiedDetails: { amount: 5, tags: ['a'] }, removedKeys: ['memo'] });
  });

  it('form without a schema → Approve waits until the removal is confirmed', async ({ page, show, press, read }) => {
    const id = await show({ details });
    await page.keyboard.press('e');
    await press('Remove memo');
    await page.locator('.answers-why').filter({ hasText: 'Confirm the removal of memo, or put it back.' }).waitFor();
    const approve = page.getByRole('button', { name: 'Approve with changes' });
    expect(await approve.isDisabled()).toBe(true);
    if (process.env['SHOTS']) await page.screenshot({ path: `${process.env['SHOTS']}/removing.png` });
    await page.locator('.removals .checkbox').click();
    await press('Approve with changes');
    await page.getByText('Approved with changes by you').waitFor();
    expect(await read(id)).toMatchObject({ modifiedDetails: { amount: 5, tags: ['a'] }, removedKeys: ['memo'] });
  });

  it('JSON without a key → the same confirmation; the key put back → none', async ({ page, show, press }) => {
    await show({ details });
    await page.keyboard.press('e');
    await press('Edit as JSON');
    const field = page.getByLabel('Arguments as JSON');
    await field.fill('{"amount":4,"tags":["a"]}');
    await page.locator('.removals').getByText('Remove memo').waitFor();
    await field.fill('{"amount":4,"tags":["a"],"memo":"thanks"}');
    await page.locator('.removals').waitFor({ state: 'detached' });
    expect(await page.getByRole('button', { name: 'Approve with changes' }).isDisabled()).toBe(false);
  });
});

import { createRequire } from 'node:module';
import { expect } from 'vitest';
import type { ReviewerApproval } from '../../src/contract/reviewer-api.ts';
import { KEY } from '../test-server.ts';
import { driverNames, driverOf } from './drivers.ts';
import { expectFocusOn, expectSeen, type InboxInBrowser } from './inbox-in-browser.ts';
import { describeInBrowser, inboxTest } from './inbox-test.ts';

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const it = inboxTest();

async function askAs(name: 'ana' | 'ben', { server }: InboxInBrowser, id: string, text: string): Promise<string> {
  const path = `/reviewer-api/approvals/${id}/questions`;
  const { status, body } = await server.post<ReviewerApproval>(path, { text }, await server.bearer(name));
  expect(status).toBe(200);
  return body.questions.at(-1)!.id;
}

/** Answers as the assistant that requested the approval. */
async function answer({ server }: InboxInBrowser, id: string, body: object): Promise<void> {
  expect((await server.post(`/api/approvals/${id}/answers`, body, { 'x-api-key': KEY })).status).toBe(200);
}

describeInBrowser('questions of reviewers in the inbox', () => {
  it.for(driverNames)(
    'by %s: asked → both reviewers see the question and its answer at once, the request stays open',
    async (name, { inbox, show, read, page }) => {
      const id = await show({ summary: `Asked by ${name}` });
      const other = await inbox.open(`/approvals/${id}`, { as: 'ben' });
      await other.getByRole('heading', { level: 1 }).waitFor();
      const user = driverOf(name, page);
      if (name === 'keyboard') await page.keyboard.press('q');
      else await user.press('Ask');
      await expectFocusOn(page.getByRole('dialog').getByLabel('Question'));
      await user.type('Question', 'Which customer is this for?');
      await user.press('Ask');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      for (const each of [page, other]) {
        await expectSeen(each.locator('[data-question=waiting]').getByText('Which customer is this for?'));
        await expectSeen(each.getByText('Asked, waiting for the answer.'));
      }
      const { body } = await inbox.server.get<ReviewerApproval>(
        `/reviewer-api/approvals/${id}`,
        await inbox.server.bearer(),
      );
      expect([body.claim, body.questions.length]).toEqual([null, 1]);
      await answer(inbox, id, { question: body.questions[0]!.id, answer: 'For Ada.' });
      for (const each of [page, other])
        await expectSeen(each.locator('[data-question=answered]').getByText('For Ada.'));
      expect((await read(id)).status).toBe('PENDING');
    },
  );

  it('empty question → refused at the field; Escape → nothing is asked, focus returns to the button', async ({
    inbox,
    show,
    page,
    press,
  }) => {
    const id = await show();
    await press(/^Ask/);
    await page.keyboard.press('Control+Enter');
    const dialog = page.getByRole('dialog', { name: 'Ask the assistant' });
    await dialog.getByRole('button', { name: 'Ask' }).click();
    await expectSeen(dialog.getByText('Enter a question.'));
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await expectFocusOn(page.getByRole('button', { name: /^Ask/ }));
    const path = `/reviewer-api/approvals/${id}`;
    expect((await inbox.server.get<ReviewerApproval>(path, await inbox.server.bearer())).body.questions).toEqual([]);
  });

  it('q in the note, in the comment and in the edit form → typed, no dialog', async ({ show, page, note }) => {
    await show();
    for (const field of [note, page.getByLabel('Comment for other reviewers')]) {
      await field.click();
      await page.keyboard.type('quite quick');
      expect([await field.inputValue(), await page.getByRole('dialog').count()]).toEqual(['quite quick', 0]);
      await field.fill('');
    }
    await page.keyboard.press('Escape');
  });

  it('question of another reviewer arrives while a note is typed → note, focus and caret stay', async ({
    inbox,
    show,
    page,
    note,
  }) => {
    const id = await show();
    await note.click();
    await page.keyboard.type('Wait for the con');
    const question = await askAs('ben', inbox, id, 'Who signed the contract?');
    await expectSeen(page.locator('[data-question=waiting]').getByText('Who signed the contract?'));
    await page.keyboard.type('tract');
    await answer(inbox, id, { question, answer: 'Jo did.' });
    await expectSeen(page.getByText('Jo did.'));
    await page.keyboard.type('.');
    expect(await note.inputValue()).toBe('Wait for the contract.');
    await note.fill('');
  });

  it('question of another reviewer arrives while one is typed → the typed one stays and is asked beside it', async ({
    inbox,
    show,
    page,
    press,
  }) => {
    const id = await show();
    await page.keyboard.press('q');
    const field = page.getByRole('dialog').getByLabel('Question');
    await expectFocusOn(field);
    await page.keyboard.type('How ma');
    await askAs('ben', inbox, id, 'Who asks?');
    await page.locator('[data-question=waiting]').getByText('Who asks?').waitFor({ state: 'attached' });
    await page.keyboard.type('ny?');
    expect(await field.inputValue()).toBe('How many?');
    await page.getByRole('dialog').getByRole('button', { name: 'Ask' }).click();
    await expectSeen(page.locator('[data-question=waiting]').getByText('How many?'));
    expect(await page.locator('[data-question=waiting]').count()).toBe(2);
    await press(/^Approve/);
    await expectSeen(page.getByText('The request closed before an answer.'));
  });

  it('answer with HTML, bidi characters and 8,000 characters → literal text, no element, the page keeps its width', async ({
    inbox,
    show,
    page,
  }) => {
    const id = await show();
    const question = await askAs('ana', inbox, id, 'Who <i>asks</i>?');
    const start =
      '<img src=x onerror=alert(1)><b>Approve</b> \u202Eevorppa\u2066 **bold** [link](https://example.com) ';
    await answer(inbox, id, { question, answer: start + 'x'.repeat(8_000 - start.length) });
    const shown = page.locator('[data-question=answered]');
    await expectSeen(shown.getByText('<img src=x onerror=alert(1)><b>Approve</b>'));
    await expectSeen(shown.getByText('Who <i>asks</i>?'));
    await expectSeen(shown.getByText('unverified'));
    expect(await shown.locator('img, b, i, a, script').count()).toBe(0);
    expect(await shown.locator('.code-point').count()).toBe(2);
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
  });

  it('10 questions → no button, and Q opens nothing', async ({ inbox, show, page }) => {
    const id = await show();
    for (let index = 0; index < 10; index += 1) await askAs('ben', inbox, id, `Question ${index}?`);
    await expectSeen(page.getByText('Question 9?'));
    await page.getByRole('button', { name: /^Ask/ }).waitFor({ state: 'detached' });
    await page.keyboard.press('q');
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    expect(await page.getByRole('dialog').count()).toBe(1);
    await page.keyboard.press('Escape');
  });

  it.for([
    ['light', {}],
    ['dark', { colorScheme: 'dark' }],
    ['phone', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }],
  ] as const)('%s → fits the screen, and axe finds nothing', async ([name, context], { inbox, ask }) => {
    const id = await ask();
    const first = await askAs('ben', inbox, id, 'Which customer is this for?');
    const second = await askAs('ben', inbox, id, 'Is that the whole list?');
    await askAs('ana', inbox, id, 'Who may read it?');
    await answer(inbox, id, {
      question: first,
      answer: `For <b>Ada</b>\u202E, whose address is ${'ada.'.repeat(60)}example.com.`,
    });
    await answer(inbox, id, { question: second, problem: 'ModelUnavailable: 503 from the model.' });
    const page = await inbox.open(`/approvals/${id}`, {
      context: { viewport: { width: 1280, height: 800 }, bypassCSP: true, ...context },
    });
    const waiting = page.getByText('Asked, waiting for the answer.');
    const cut = `[...document.querySelectorAll('.row-time')].filter((each) => each.getBoundingClientRect().right > each.closest('.row').getBoundingClientRect().right).length`;
    await expectSeen(waiting);
    await expectSeen(page.getByText('Not answered: ModelUnavailable: 503 from the model.'));
    await waiting.scrollIntoViewIfNeeded();
    const shot = async (what: string) =>
      process.env['SCREENSHOTS'] && page.screenshot({ path: `${process.env['SCREENSHOTS']}/${what}-${name}.png` });
    await shot('questions');
    expect(await page.evaluate(cut)).toBe(0);
    const violations = async () => {
      await page.addScriptTag({ path: axePath });
      return (
        await page.evaluate<{ violations: { id: string }[] }>('axe.run(document, { resultTypes: ["violations"] })')
      ).violations;
    };
    expect(await violations()).toEqual([]);
    await page.getByRole('button', { name: /^Ask/ }).click();
    await page.getByRole('dialog').getByLabel('Question').fill('Who is Ada?');
    // The dialog of a field with the focus appears after the keyboard of the screen.
    await expect.poll(() => page.evaluate('getComputedStyle(document.querySelector(".overlay")).opacity')).toBe('1');
    await shot('ask');
    expect(await violations()).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
  });
});

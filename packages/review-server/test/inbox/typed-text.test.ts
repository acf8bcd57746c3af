import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { PASSWORDS as passwords } from '../test-server.ts';
import { decisionsOf, drawn, passed } from './decisions-sent.ts';
import { expectFocusOn } from './inbox-in-browser.ts';
import { describeInBrowser, inboxTest } from './inbox-test.ts';
import { named } from './new-assistant.ts';

const longNote = 'Risky, are we sure? Reject 1 2 3 / exit.';
const letters = 'abcdefghijklmnopqrstuvwxyz0123456789/?';

/** The ways in which a field loses the focus without the user. */
const losses = {
  removed: 'field.remove()',
  disabled: 'field.disabled = true',
  blurred: 'field.blur()',
  replaced: 'field.replaceWith(field.cloneNode())',
  hidden: 'field.style.display = "none"',
};
type Loss = keyof typeof losses;
const waysToLose = Object.keys(losses) as Loss[];

/** The focused field loses the focus. */
const lose = (page: Page, how: Loss) =>
  page.evaluate(`(() => { const field = document.activeElement; if (field !== document.body) ${losses[how]}; })()`);

/** A request that is open beside two others, and the decisions that leave the page. */
type Shown = { page: Page; id: string; ids: string[]; action: string; sent: string[] };

const it = inboxTest()
  .extend('showIn', ({ inbox, ask }) => async (page: Page, more: object = {}): Promise<Shown> => {
    const action = named('typed');
    const ids: string[] = [];
    for (const summary of ['One', 'Two', 'Three']) ids.push(await ask({ action, summary, ...more }));
    await page.goto(`${inbox.server.url}/approvals/${ids[1]}?action=${action}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.getByRole('listitem').nth(2).waitFor();
    return { page, ids, id: ids[1]!, action, sent: decisionsOf(page) };
  })
  .extend('shown', ({ showIn, page }): Promise<Shown> => showIn(page))
  .extend('reason', ({ page }) => page.getByLabel('Reason', { exact: true }))
  .extend('enter', ({ page }) => async (mode: Mode): Promise<void> => {
    if (mode === 'reject') await page.keyboard.press('r');
    if (mode === 'edit') {
      await page.keyboard.press('e');
      await page.getByLabel('subject').waitFor();
    }
    if (mode === 'batch') {
      await page.getByRole('checkbox', { name: 'Select: One' }).check();
      await page.getByRole('button', { name: 'Review selected…' }).click();
      await page.getByLabel('Note for all requests').waitFor();
    }
    if (mode === 'help') await page.keyboard.press('?');
    if (mode === 'menu') await page.locator('.user-button').click();
    if (mode === 'help' || mode === 'menu') await page.getByRole('dialog').waitFor();
    await drawn(page);
  });

const modes = ['reject', 'edit', 'batch', 'help', 'menu'] as const;
type Mode = (typeof modes)[number] | 'none';

const focusable = 'a[href], button, input, textarea, select, [tabindex]';

/**
 * Presses every letter on every control. The key events come from a script: they put no text into fields, so that the text
 * of one control can't protect the next one.
 */
const expectNoDecisionByLetters = async ({ page, id, sent }: Shown, controls: string) => {
  const { typedOn, decidedBy } = await page.evaluate<{ typedOn: number; decidedBy: string[] }>(`(async () => {
    const [decidedBy, realFetch] = [[], window.fetch];
    let [typedOn, current] = [0, ''];
    window.fetch = (...call) => {
      if (String(call[0]).endsWith('/decide')) decidedBy.push(current);
      return realFetch(...call);
    };
    for (let index = 0; ; index += 1) {
      const control = [...document.querySelectorAll(${JSON.stringify(controls)})][index];
      if (control === undefined) break;
      control.focus();
      if (control !== document.activeElement) continue;
      typedOn += 1;
      current = control.outerHTML.slice(0, 120);
      for (const key of ${JSON.stringify(letters)})
        for (const type of ['keydown', 'keyup'])
          (document.activeElement ?? document.body).dispatchEvent(
            new KeyboardEvent(type, { key, bubbles: true, cancelable: true, composed: true }),
          );
      await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
    }
    window.fetch = realFetch;
    return { typedOn, decidedBy };
  })()`);
  expect(decidedBy).toEqual([]);
  expect(typedOn).toBeGreaterThan(1);
  for (const field of await page.locator('textarea:visible, input[type=text]:visible').all()) {
    if (
      !(await field.isEnabled()) ||
      !(await field.evaluate(`(field) => (field.focus(), field === document.activeElement)`))
    )
      continue;
    await page.keyboard.type(letters);
  }
  await drawn(page);
  expect(sent).toEqual([]);
  expect(new URL(page.url()).pathname).toBe(`/approvals/${id}`);
};

const expectUntouched = async ({ page, id, sent }: Shown) => {
  await drawn(page);
  expect(sent).toEqual([]);
  expect(new URL(page.url()).pathname).toBe(`/approvals/${id}`);
  expect(await page.getByRole('dialog').count()).toBe(0);
};

describeInBrowser('typed text', () => {
  it.for(['click', 'R'])(
    'reject mode by %s → the reason has the focus, and its letters decide nothing',
    async (how, { read, press, shown, reason }) => {
      const { page, ids, id } = shown;
      if (how === 'click') await press(/^Reject…/);
      else await page.keyboard.press('r');
      await page.keyboard.type('Risky and unclear');
      await expectUntouched(shown);
      expect(await reason.inputValue()).toBe('Risky and unclear');
      await page.keyboard.press('Control+Enter');
      await page.getByText('Rejected by you').waitFor();
      expect((await read(id)).decisionNote).toBe('Risky and unclear');
      expect([(await read(ids[0]!)).status, (await read(ids[2]!)).status]).toEqual(['PENDING', 'PENDING']);
    },
  );

  it('common reason in reject mode → the text continues after it', async ({ press, shown, reason }) => {
    const { page } = shown;
    await page.keyboard.press('r');
    await press('Not needed');
    await page.keyboard.type(' Ask again.');
    expect(await reason.inputValue()).toBe('Not needed. Ask again.');
  });

  it('Esc in the reason, then Esc in the note → mode ends, then the focus leaves the field', async ({
    note,
    shown,
  }) => {
    const { page } = shown;
    await page.keyboard.press('r');
    await page.keyboard.type('Half a reason');
    await page.keyboard.down('Escape');
    await page.keyboard.down('Escape');
    await page.keyboard.up('Escape');
    await expectFocusOn(note);
    expect(await note.inputValue()).toBe('Half a reason');
    await page.keyboard.press('Escape');
    await expectFocusOn(page.getByRole('group', { name: 'Your decision' }));
    await expectUntouched(shown);
  });

  it.for(waysToLose)('note %s while typing → letters do nothing until a click', async (how, { note, shown }) => {
    const { page } = shown;
    await note.click();
    await page.keyboard.type('please ');
    await lose(page, how);
    await page.keyboard.type('reject, are we ok');
    await expectUntouched(shown);
    await passed(page, 800);
    await page.keyboard.type('area?');
    await expectUntouched(shown);
    expect(await page.getByRole('group', { name: 'Your decision' }).getAttribute('data-mode')).toBe('none');
    await page.getByRole('heading', { level: 1 }).click();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
  });

  it.for(['note', 'reason', 'form'] as const)(
    'another reviewer decides while the %s is typed → the field stays until it is left, the text is kept',
    async (which, { inbox, note, shown, reason }) => {
      const { page, id } = shown;
      if (which !== 'note') await page.keyboard.press(which === 'reason' ? 'r' : 'e');
      const field = which === 'note' ? note : which === 'reason' ? reason : page.getByLabel('subject');
      await field.click();
      await page.keyboard.press('Control+a');
      await page.keyboard.type(longNote.slice(0, 20));
      await inbox.server.decide(id, { decision: 'approve' }, 'ben');
      await page.getByText('Already approved').waitFor();
      await page.keyboard.type(longNote.slice(20));
      await page.keyboard.press('Control+Enter');
      await expectUntouched(shown);
      await expectFocusOn(field);
      expect(await field.inputValue()).toBe(longNote);
      // Tab leads from the form to the note, a field of the same decision.
      await page.keyboard.press(which === 'form' ? 'Escape' : 'Tab');
      await expectFocusOn(page.getByRole('group', { name: 'Decision', exact: true }));
      expect(await page.getByRole('main').innerText()).toContain(longNote);
      await expectUntouched(shown);
    },
  );

  it('the list reloads while a note and a search are typed → nothing decided, text kept', async ({
    inbox,
    ask,
    note,
    shown,
  }) => {
    const { page, ids, action } = shown;
    await note.click();
    await page.keyboard.type(longNote.slice(0, 20));
    await inbox.server.decide(ids[0]!, { decision: 'reject' }, 'ben');
    await ask({ action, summary: 'Four' });
    await page.getByRole('listitem').filter({ hasText: 'Four' }).waitFor();
    await page.keyboard.type(longNote.slice(20));
    await expectUntouched(shown);
    expect(await note.inputValue()).toBe(longNote);
    const search = page.getByLabel(/^Search summaries/);
    await search.click();
    await page.keyboard.type('area');
    await page.waitForURL(/q=area/);
    await page.keyboard.type(' rejk');
    await expectUntouched(shown);
    expect(await search.inputValue()).toBe('area rejk');
  });

  it('the session ends while a note is typed → the field stays until it is left, and the note survives the sign-in', async ({
    inbox,
    ask,
    showIn,
  }) => {
    const page = await inbox.open('/', { as: 'ben', fresh: true });
    const shown = await showIn(page);
    const note = page.getByLabel('Note', { exact: true });
    await note.click();
    await page.keyboard.type(longNote.slice(0, 20));
    await inbox.server.send('DELETE', '/reviewer-api/sessions', undefined, await inbox.server.bearer('ben'));
    await ask();
    await page.getByText('Signed out', { exact: true }).waitFor();
    await page.keyboard.type(longNote.slice(20));
    await expectUntouched(shown);
    expect(await note.inputValue()).toBe(longNote);
    await page.keyboard.press('Escape');
    await expectFocusOn(page.getByLabel('Name'));
    await page.keyboard.type('ben');
    await page.keyboard.press('Tab');
    await page.keyboard.type(passwords.ben);
    await page.keyboard.press('Enter');
    await note.waitFor();
    expect(await note.inputValue()).toBe(longNote);
    await expectUntouched(shown);
  });

  it('a dialog closes while its note is typed → letters and spaces press nothing', async ({ press, shown }) => {
    const { page } = shown;
    await page.getByRole('checkbox', { name: 'Select: One' }).check();
    await press('Review selected…');
    await expectFocusOn(page.getByLabel('Note for all requests'));
    await page.keyboard.type('please ');
    await page.evaluate('document.querySelector("[role=dialog] [aria-label=Close]").click()');
    await page.keyboard.type('reject, are we ok');
    await page.keyboard.press('Enter');
    await expectUntouched(shown);
  });

  it('a note is lost after Ctrl+Enter that sent nothing → letters do nothing', async ({ note, shown }) => {
    const { page } = shown;
    await note.click();
    await page.keyboard.type('please');
    await page.keyboard.press('Control+Enter');
    await lose(page, 'removed');
    await passed(page, 800);
    await page.keyboard.type('area?');
    await expectUntouched(shown);
  });

  it('letters on the filters, which jump to an entry → no decision', async ({ shown }) => {
    const { page, sent } = shown;
    for (const name of ['Assistant', 'Action', 'Risk']) {
      await page
        .getByRole('button', { name: new RegExp(name) })
        .first()
        .focus();
      await page.keyboard.type('acer123');
      await drawn(page);
      expect(sent, name).toEqual([]);
    }
  });

  it.for(modes)('mode %s, every letter on every focusable control → no decision', async (mode, { shown, enter }) => {
    await enter(mode);
    await expectNoDecisionByLetters(shown, focusable);
  });

  it('mode edit of a critical request, every letter on every focusable control → no decision', async ({
    page,
    showIn,
    enter,
  }) => {
    const shown = await showIn(page, { riskLevel: 'critical' });
    await enter('edit');
    await expectNoDecisionByLetters(shown, focusable);
  });

  it('no mode, every letter on every text field and select → no decision', async ({ shown }) => {
    await expectNoDecisionByLetters(shown, 'input:not([type=checkbox]), textarea, [aria-haspopup=listbox]');
  });

  it.for([1, 2, 3])(
    'random text in random fields that are lost at random places → no decision (seed %i)',
    async (seed, { shown, enter, read }) => {
      const random = randomOf(seed);
      const pick = <T>(from: readonly T[]) => from[Math.floor(random() * from.length)]!;
      const { page, id, ids, sent } = shown;
      for (let round = 0; round < 3; round += 1) {
        // A lost field is no longer known to React.
        await page.reload();
        await page.getByRole('listitem').nth(2).waitFor();
        const mode = pick(['none', 'reject', 'edit', 'batch'] as const);
        // A mode that survived the reload takes no shortcut.
        if ((await page.locator('.answers[data-mode=none]').count()) === 1) await enter(mode);
        const inDialog = page.getByRole('dialog').locator('textarea');
        const fields = page.locator('textarea:visible, input[type=text]:visible');
        const field = fields.nth(Math.floor(random() * (await fields.count())));
        await ((await inDialog.count()) > 0 ? inDialog : field).focus();
        const text = Array.from({ length: 20 }, () => pick(`${letters} areax123`.split(''))).join('');
        const at = Math.floor(random() * text.length);
        await page.keyboard.type(text.slice(0, at + 1));
        await lose(page, pick(waysToLose));
        await page.keyboard.type(text.slice(at + 1));
        await drawn(page);
        expect(sent, `${mode}: ${text}, lost after ${at + 1}`).toEqual([]);
        expect(new URL(page.url()).pathname).toBe(`/approvals/${id}`);
      }
      for (const each of ids) expect((await read(each)).status).toBe('PENDING');
    },
  );
});

/** Numbers from 0 to 1, the same ones for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

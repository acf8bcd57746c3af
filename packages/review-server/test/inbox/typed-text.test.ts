import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from '../../../../test/support/chromium.ts';
import { PASSWORDS } from '../test-server.ts';
import { decisionsOf, drawn, passed } from './decisions-sent.ts';
import { expectFocusOn, startInboxInBrowser, type InboxInBrowser } from './inbox-in-browser.ts';

const LONG_NOTE = 'Risky and unclear: are we sure? Reject, just keep 1 2 3 examples / exit.';
const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789/?';
const FOCUSABLE = 'a[href], button, input, textarea, select, [tabindex]';

/** The ways in which a field loses the focus without the person. */
const LOSSES = {
  removed: 'field.remove()',
  disabled: 'field.disabled = true',
  blurred: 'field.blur()',
  replaced: 'field.replaceWith(field.cloneNode())',
  hidden: 'field.style.display = "none"',
};

describe.skipIf(chromiumPath === undefined)('typed text in the inbox', () => {
  let inbox: InboxInBrowser;
  beforeAll(async () => {
    inbox = await startInboxInBrowser('sqlite::memory:');
  });
  afterAll(() => inbox.close());
  const expectNoProblems = () => expect(inbox.problems.splice(0)).toEqual([]);
  afterEach(async () => {
    for (const context of inbox.browser.contexts()) await context.close();
    expectNoProblems();
  });

  const ask = async (more: object = {}) => (await inbox.server.ask(more)).body.id;
  const statusOf = async (id: string) => (await inbox.server.get(`/api/approvals/${id}`)).body.status;
  const note = (page: Page) => page.getByLabel('Note', { exact: true });
  const reason = (page: Page) => page.getByLabel('Why not?');
  const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).click();
  /** A request open beside others, and the decisions that leave the page. */
  const show = async (more: object = {}, options: Parameters<InboxInBrowser['open']>[1] = {}) => {
    const action = `typed-${Math.random()}`;
    const ids = [];
    for (const summary of ['One', 'Two', 'Three']) ids.push(await ask({ action, summary, ...more }));
    const page = await inbox.open(`/approvals/${ids[1]}?action=${action}`, options);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.getByRole('listitem').nth(2).waitFor();
    return { page, ids, id: ids[1]!, action, sent: decisionsOf(page) };
  };
  type Shown = Awaited<ReturnType<typeof show>>;
  const expectStill = async ({ page, id, sent }: Shown) => {
    await drawn(page);
    expect(sent).toEqual([]);
    expect(new URL(page.url()).pathname).toBe(`/approvals/${id}`);
    expect(await page.getByRole('dialog').count()).toBe(0);
  };
  /** The field with the focus loses it. */
  const lose = (page: Page, how: keyof typeof LOSSES) =>
    page.evaluate(`(() => { const field = document.activeElement; if (field !== document.body) ${LOSSES[how]}; })()`);

  it.each(['click', 'R'])(
    'reject mode by %s: the reason has the focus, and its letters decide nothing',
    async (how) => {
      const shown = await show();
      const { page, ids, id } = shown;
      if (how === 'click') await press(page, /^Reject …/);
      else await page.keyboard.press('r');
      await page.keyboard.type('Risky and unclear');
      await expectStill(shown);
      expect(await reason(page).inputValue()).toBe('Risky and unclear');
      await page.keyboard.press('Control+Enter');
      await page.getByText('Rejected by you').waitFor();
      expect((await inbox.server.get(`/api/approvals/${id}`)).body.decisionNote).toBe('Risky and unclear');
      expect([await statusOf(ids[0]!), await statusOf(ids[2]!)]).toEqual(['PENDING', 'PENDING']);
    },
  );

  it('reject mode: after a preset the reason has the focus, and the text goes on behind it', async () => {
    const { page } = await show();
    await page.keyboard.press('r');
    await press(page, 'Not needed');
    await page.keyboard.type(' Ask again.');
    expect(await reason(page).inputValue()).toBe('Not needed. Ask again.');
  });

  it('Esc in a field → one step back at a time, to a named place', async () => {
    const shown = await show();
    const { page } = shown;
    await page.keyboard.press('r');
    await page.keyboard.type('Half a reason');
    await page.keyboard.down('Escape');
    await page.keyboard.down('Escape');
    await page.keyboard.up('Escape');
    await expectFocusOn(note(page));
    expect(await note(page).inputValue()).toBe('Half a reason');
    await page.keyboard.press('Escape');
    await expectFocusOn(page.getByRole('group', { name: 'Your decision' }));
    await expectStill(shown);
  });

  it.each(Object.keys(LOSSES) as (keyof typeof LOSSES)[])(
    'note %s while typing → letters do nothing until a click',
    async (how) => {
      const shown = await show();
      const { page } = shown;
      await note(page).click();
      await page.keyboard.type('please ');
      await lose(page, how);
      await page.keyboard.type('reject, are we ok');
      await expectStill(shown);
      await passed(page, 800);
      await page.keyboard.type('area?');
      await expectStill(shown);
      expect(await page.getByRole('group', { name: 'Your decision' }).getAttribute('data-mode')).toBe('none');
      await page.getByRole('heading', { level: 1 }).click();
      await page.keyboard.press('?');
      await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
    },
  );

  it.each(['note', 'reason', 'form'] as const)(
    'another person decides while the %s is typed → the field stays until it is left, the text is kept',
    async (which) => {
      const shown = await show();
      const { page, id } = shown;
      if (which !== 'note') await page.keyboard.press(which === 'reason' ? 'r' : 'e');
      const field = which === 'note' ? note(page) : which === 'reason' ? reason(page) : page.getByLabel('subject');
      await field.click();
      await page.keyboard.press('Control+a');
      await page.keyboard.type(LONG_NOTE.slice(0, 20));
      await inbox.server.decide(id, { decision: 'approve' }, 'ben');
      await page.getByText('Already approved').waitFor();
      await page.keyboard.type(LONG_NOTE.slice(20));
      await page.keyboard.press('Control+Enter');
      await expectStill(shown);
      await expectFocusOn(field);
      expect(await field.inputValue()).toBe(LONG_NOTE);
      // Tab leads from the form to the note, which is another field of the same decision.
      await page.keyboard.press(which === 'form' ? 'Escape' : 'Tab');
      await expectFocusOn(page.getByRole('group', { name: 'Decision', exact: true }));
      expect(await page.getByRole('main').innerText()).toContain(LONG_NOTE);
      await expectStill(shown);
    },
  );

  it('the list reloads while a note and a search are typed → nothing decided, text kept', async () => {
    const shown = await show();
    const { page, ids, action } = shown;
    await note(page).click();
    await page.keyboard.type(LONG_NOTE.slice(0, 20));
    await inbox.server.decide(ids[0]!, { decision: 'reject' }, 'ben');
    await ask({ action, summary: 'Four' });
    await page.getByRole('listitem').filter({ hasText: 'Four' }).waitFor();
    await page.keyboard.type(LONG_NOTE.slice(20));
    await expectStill(shown);
    expect(await note(page).inputValue()).toBe(LONG_NOTE);
    const search = page.getByLabel(/^Search in summary/);
    await search.click();
    await page.keyboard.type('area');
    await page.waitForURL(/q=area/);
    await page.keyboard.type(' rejk');
    await expectStill(shown);
    expect(await search.inputValue()).toBe('area rejk');
  });

  it('the session ends while a note is typed → the field stays until it is left, the note is there after the sign-in', async () => {
    const shown = await show({}, { as: 'ben', fresh: true });
    const { page } = shown;
    await note(page).click();
    await page.keyboard.type(LONG_NOTE.slice(0, 20));
    await inbox.server.send('DELETE', '/reviewer-api/sessions', undefined, await inbox.server.bearer('ben'));
    await ask();
    await page.getByText('Signed out', { exact: true }).waitFor();
    await page.keyboard.type(LONG_NOTE.slice(20));
    await expectStill(shown);
    expect(await note(page).inputValue()).toBe(LONG_NOTE);
    await page.keyboard.press('Escape');
    await expectFocusOn(page.getByLabel('Name'));
    await page.keyboard.type('ben');
    await page.keyboard.press('Tab');
    await page.keyboard.type(PASSWORDS.ben);
    await page.keyboard.press('Enter');
    await note(page).waitFor();
    expect(await note(page).inputValue()).toBe(LONG_NOTE);
    await expectStill(shown);
  });

  it('a dialog closes while its note is typed → the letters and spaces press nothing', async () => {
    const shown = await show();
    const { page } = shown;
    await page.getByRole('checkbox', { name: 'Select: One' }).check();
    await press(page, /^Look at them/);
    await expectFocusOn(page.getByLabel('Note for all of them'));
    await page.keyboard.type('please ');
    await page.evaluate('document.querySelector("[role=dialog] [aria-label=Close]").click()');
    await page.keyboard.type('reject, are we ok');
    await page.keyboard.press('Enter');
    await expectStill(shown);
  });

  it('a note is lost after Ctrl+Enter that sent nothing → letters do nothing', async () => {
    const shown = await show();
    const { page } = shown;
    await note(page).click();
    await page.keyboard.type('please');
    await page.keyboard.press('Control+Enter');
    await lose(page, 'removed');
    await passed(page, 800);
    await page.keyboard.type('area?');
    await expectStill(shown);
  });

  it('letters on the filters, which jump to an entry → no decision', async () => {
    const shown = await show();
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

  const modes: Record<string, (page: Page) => Promise<unknown>> = {
    reject: (page) => page.keyboard.press('r'),
    edit: async (page) => {
      await page.keyboard.press('e');
      await page.getByLabel('subject').waitFor();
    },
    batch: async (page) => {
      await page.getByRole('checkbox', { name: 'Select: One' }).check();
      await press(page, /^Look at them/);
      await page.getByLabel('Note for all of them').waitFor();
    },
    help: async (page) => {
      await page.keyboard.press('?');
      await page.getByRole('dialog').waitFor();
    },
    menu: (page) => page.locator('.user-button').click(),
    'critical edit': (page) => modes['edit']!(page),
  };

  it.each(Object.keys(modes))(
    'mode %s: every letter on every control that can have the focus → no decision leaves the page',
    async (mode) => {
      const { page, id, ids, sent } = await show(mode.startsWith('critical') ? { riskLevel: 'critical' } : {});
      await modes[mode]!(page);
      await drawn(page);
      let typedOn = 0;
      for (let index = 0; ; index += 1) {
        const hasFocus = await page.evaluate<boolean | undefined>(`(() => {
        const element = [...document.querySelectorAll(${JSON.stringify(FOCUSABLE)})][${index}];
        element?.focus();
        return element && (element === document.activeElement);
      })()`);
        if (hasFocus === undefined) break;
        if (!hasFocus) continue;
        typedOn += 1;
        // Controls in an overlay answer to letters themselves, and text may follow text.
        await page.keyboard.type(LETTERS);
        expect(sent, `after letters on control ${index}`).toEqual([]);
        expect(new URL(page.url()).pathname).toBe(`/approvals/${id}`);
      }
      await drawn(page);
      expect(typedOn).toBeGreaterThan(1);
      expect(sent).toEqual([]);
      for (const each of ids) expect(await statusOf(each)).toBe('PENDING');
    },
  );

  it.each([1, 2, 3])(
    'random text in random fields that are lost at random places → no decision (seed %i)',
    async (seed) => {
      const random = randomOf(seed);
      const pick = <T>(from: readonly T[]) => from[Math.floor(random() * from.length)]!;
      const shown = await show();
      const { page, id, ids, sent } = shown;
      for (let round = 0; round < 6; round += 1) {
        await page.goto(page.url());
        await page.getByRole('listitem').nth(2).waitFor();
        const mode = pick(['none', 'reject', 'edit', 'batch'] as const);
        // A mode that the reload kept takes no single key.
        if (mode !== 'none' && (await page.locator('.answers[data-mode=none]').count()) === 1) await modes[mode]!(page);
        const fields = page.locator('textarea:visible, input[type=text]:visible');
        const field = fields.nth(Math.floor(random() * (await fields.count())));
        const inDialog = page.getByRole('dialog').locator('textarea');
        await ((await inDialog.count()) > 0 ? inDialog : field).focus();
        const text = Array.from({ length: 30 }, () => pick(`${LETTERS} areax123`.split(''))).join('');
        const at = Math.floor(random() * text.length);
        await page.keyboard.type(text.slice(0, at + 1));
        await lose(page, pick(Object.keys(LOSSES) as (keyof typeof LOSSES)[]));
        await page.keyboard.type(text.slice(at + 1));
        await drawn(page);
        expect(sent, `${mode}: ${text}, lost after ${at + 1}`).toEqual([]);
        expect(new URL(page.url()).pathname).toBe(`/approvals/${id}`);
      }
      for (const each of ids) expect(await statusOf(each)).toBe('PENDING');
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

import { expect } from 'vitest';
import { quickNotes } from '../../inbox/presets/catalogue.ts';
import { expectFocusOn, expectSeen } from './inbox-in-browser.ts';
import { describeInBrowser, inboxTest } from './inbox-test.ts';

const it = inboxTest({ presets: { fr: { reject: ['Mauvais destinataire'] } } });
const presets = {
  en: { approve: ['Spoke with customer'], reject: ['Wrong customer', 'Already paid back'] },
  de: { reject: ['Falsche Kundin', 'Schon erstattet'] },
};

describeInBrowser('quick notes', () => {
  it('language: the reader’s first, then English; the tool’s before the general ones', () => {
    expect(quickNotes(presets, 'reject', ['de-AT', 'en'])).toEqual({ language: 'de', notes: presets.de.reject });
    expect(quickNotes(presets, 'reject', ['fr'])).toEqual({ language: 'en', notes: presets.en.reject });
    expect(quickNotes(presets, 'approve', ['de'])).toEqual({ language: 'en', notes: presets.en.approve });
    expect(quickNotes({ it: { reject: ['No'] } }, 'reject', ['de'])).toEqual({ language: 'it', notes: ['No'] });
    expect(quickNotes(null, 'reject', ['de']).notes).toContain('Nicht nötig');
    expect(quickNotes({}, 'approve', ['xx']).language).toBe('en');
  });

  it('language of the server’s file → its notes, without a build of the inbox', async ({ inbox, ask }) => {
    const id = await ask({ summary: 'In French' });
    const page = await inbox.open(`/approvals/${id}`, { context: { locale: 'fr-FR' } });
    await page.getByRole('button', { name: /^Reject…/ }).click();
    const note = page.getByRole('button', { name: 'Mauvais destinataire' });
    await expectSeen(note);
    expect(await note.getAttribute('lang')).toBe('fr');
    expect((await inbox.server.get('/reviewer-api/presets', {})).status).toBe(401);
  });

  it('by mouse: reasons of the tool → in the note, still editable, another replaces it', async ({
    page,
    show,
    press,
    read,
  }) => {
    const id = await show({ summary: 'By mouse', presets });
    await press(/^Reject…/);
    const reason = page.getByLabel('Reason', { exact: true });
    await press('Wrong customer');
    await press('Already paid back');
    await expectFocusOn(reason);
    await page.keyboard.insertText(' In March.');
    expect(await reason.inputValue()).toBe('Already paid back. In March.');
    await page.keyboard.press('Control+Enter');
    await expect
      .poll(async () => (await read(id)).decisionNote, { timeout: 20_000 })
      .toBe('Already paid back. In March.');
  });

  it('by keyboard: arrow down, a number → in the note; letters in the list decide nothing; Esc → the field', async ({
    page,
    show,
    read,
    note,
  }) => {
    const id = await show({ summary: 'By keyboard', presets });
    await note.focus();
    const list = page.getByRole('toolbar', { name: 'Quick notes' });
    await expectSeen(list);
    await page.keyboard.press('ArrowDown');
    await expectFocusOn(page.getByRole('button', { name: 'Spoke with customer' }));
    for (const key of ['a', 'r', 'e', 'j', 'x', 'i', '9']) await page.keyboard.press(key);
    expect((await read(id)).status).toBe('PENDING');
    await expectFocusOn(page.getByRole('button', { name: 'Spoke with customer' }));
    await page.keyboard.press('Escape');
    await expectFocusOn(note);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('1');
    await expectFocusOn(note);
    expect(await note.inputValue()).toBe('Spoke with customer.');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowUp');
    await expectFocusOn(note);
    expect((await read(id)).status).toBe('PENDING');
  });

  it('language of the person’s settings → before the browser’s', async ({ inbox, ask }) => {
    const id = await ask({ summary: 'In German', presets });
    const open = async () => {
      const page = await inbox.open(`/approvals/${id}`, { context: { locale: 'en-GB' } });
      await page.getByRole('button', { name: /^Reject…/ }).click();
      return page;
    };
    await expectSeen((await open()).getByRole('button', { name: 'Wrong customer' }));
    const settings = async (language: string | null) =>
      inbox.server.send('PATCH', '/reviewer-api/settings', { language }, await inbox.server.bearer());
    expect((await settings('de')).status).toBe(200);
    const german = (await open()).getByRole('button', { name: 'Falsche Kundin' });
    await expectSeen(german);
    expect(await german.getAttribute('lang')).toBe('de');
    await settings(null);
  });
});

import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { expectFocusOn, expectSeen } from './inbox-in-browser.ts';
import { describeInBrowser, inboxTest } from './inbox-test.ts';

const it = inboxTest();

const manifest = JSON.parse(readFileSync(new URL('../../dist/inbox/manifest.json', import.meta.url), 'utf8')) as Record<
  string,
  { file: string }
>;

/** Keeps a part of the page on its way until `arrive` is called. `asked` resolves when the page asks for it. */
async function delay(page: Page, part: string) {
  let arrive = () => {};
  let askedNow = () => {};
  const gone = new Promise<void>((resolve) => (arrive = resolve));
  const asked = new Promise<void>((resolve) => (askedNow = resolve));
  await page.route(`**/${manifest[part]!.file}`, async (route) => {
    askedNow();
    await gone;
    await route.continue();
  });
  return { arrive, asked };
}

/** The server has no such file, as after an update. */
async function loseFile(page: Page, part: string) {
  await page.route(`**/${manifest[part]!.file}`, (route) => route.fulfill({ status: 404, body: 'Not found' }));
}

async function listOf(page: Page) {
  await page.getByRole('region', { name: 'Requests' }).waitFor();
}

describeInBrowser('lazy parts of the inbox', () => {
  it('shortcut before the part of its dialog is there → dialog opens when it is, nothing else happens', async ({
    inbox,
  }) => {
    const page = await inbox.open('/login', { fresh: true });
    await listOf(page);
    const help = await delay(page, 'shell/help-dialog.tsx');
    await page.reload();
    await listOf(page);
    await page.keyboard.press('?');
    await help.asked;
    await page.keyboard.press('j');
    expect(await page.getByRole('dialog').count()).toBe(0);
    help.arrive();
    await expectSeen(page.getByRole('dialog', { name: 'Keyboard shortcuts' }));
  });

  it('Esc before the part of a dialog is there → dialog stays closed', async ({ inbox }) => {
    const page = await inbox.open('/login', { fresh: true });
    await listOf(page);
    const help = await delay(page, 'shell/help-dialog.tsx');
    await page.reload();
    await listOf(page);
    await page.keyboard.press('?');
    await help.asked;
    await page.keyboard.press('Escape');
    help.arrive();
    const menu = page.getByRole('button', { name: /ana/ });
    await menu.click();
    await expectSeen(page.getByRole('dialog', { name: 'Signed in as ana' }));
    expect(await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).count()).toBe(0);
  });

  it('text typed before the part of its dialog is there → the first field has it', async ({ inbox }) => {
    const page = await inbox.open('/?risk=high', { fresh: true });
    await listOf(page);
    const dialog = await delay(page, 'list/save-filter-dialog.tsx');
    await page.reload();
    await page.getByRole('button', { name: 'Save filter…' }).click();
    await dialog.asked;
    await page.keyboard.type('high');
    dialog.arrive();
    const name = page.getByRole('textbox', { name: 'Name' });
    await expectFocusOn(name);
    await expect.poll(() => name.inputValue()).toBe('high');
  });

  it('select of a filter before its options are there → they open when they are, with the focus', async ({ inbox }) => {
    const page = await inbox.open('/login', { fresh: true });
    await listOf(page);
    const options = await delay(page, 'list/choice-options.tsx');
    await page.reload();
    await page.getByRole('button', { name: 'Any risk Risk' }).press('ArrowDown');
    await options.asked;
    options.arrive();
    await expectFocusOn(page.getByRole('option', { name: 'Any risk' }));
    await page.keyboard.press('Escape');
    await expectFocusOn(page.getByRole('button', { name: 'Any risk Risk' }));
  });

  it('E before the part of the request is there → edit opens; A decides nothing that was not on the screen', async ({
    inbox,
    ask,
    read,
  }) => {
    const id = await ask();
    const page = await inbox.open('/login', { fresh: true });
    await listOf(page);
    const view = await delay(page, 'approval/approval-view.tsx');
    await page.goto(`${inbox.server.url}/approvals/${id}`);
    await view.asked;
    await expectSeen(page.getByRole('status', { name: 'Loading request' }));
    await page.keyboard.press('a');
    await page.keyboard.press('e');
    view.arrive();
    await expectSeen(page.getByLabel('subject'));
    expect(await read(id)).toMatchObject({ status: 'PENDING' });
  });

  it('part is gone and the server has another build → the page offers a reload, which shows the part', async ({
    inbox,
  }) => {
    const page = await inbox.open('/login', { fresh: true });
    await listOf(page);
    await loseFile(page, 'shell/help-dialog.tsx');
    await page.reload();
    await listOf(page);
    await page.route('**/login', (route) =>
      route.fulfill({ body: '<script type="module" src="/assets/index-newer.js"></script>', contentType: 'text/html' }),
    );
    await page.keyboard.press('?');
    await expectSeen(page.getByText('Holdpoint was updated.'));
    // The page still works.
    await page.keyboard.press('/');
    await expectFocusOn(page.getByRole('searchbox'));
    await page.unrouteAll();
    await page.getByRole('button', { name: 'Reload' }).click();
    await listOf(page);
    expect(await page.getByText('Holdpoint was updated.').count()).toBe(0);
    await page.keyboard.press('?');
    await expectSeen(page.getByRole('dialog', { name: 'Keyboard shortcuts' }));
  });

  it('icon button of the list: keyboard focus or a mouse that rests → tooltip; Esc → gone', async ({ inbox }) => {
    const page = await inbox.open('/', { fresh: true });
    await listOf(page);
    const help = page.getByRole('button', { name: 'Keyboard shortcuts (?)' });
    const tooltip = page.getByRole('tooltip', { name: 'Keyboard shortcuts (?)' });
    await help.hover();
    await expectSeen(tooltip);
    await page.mouse.move(0, 0);
    await tooltip.waitFor({ state: 'detached' });
    await page.keyboard.press('Tab');
    await help.focus();
    await expectSeen(tooltip);
    await page.keyboard.press('Escape');
    await tooltip.waitFor({ state: 'detached' });
  });

  it('part does not arrive from the same build → “Try again” loads it', async ({ inbox }) => {
    const page = await inbox.open('/login', { fresh: true });
    await listOf(page);
    await page.route(`**/${manifest['shell/open-user-menu.tsx']!.file}`, (route) => route.abort());
    await page.reload();
    await page.getByRole('button', { name: /ana/ }).click();
    await expectSeen(page.getByText('A part of the page did not load.'));
    await page.unrouteAll();
    await page.getByRole('button', { name: 'Try again' }).click();
    await expectSeen(page.getByRole('dialog', { name: 'Signed in as ana' }));
  });

  it('server comes back with another build → the open page offers a reload', async ({ inbox }) => {
    const page = await inbox.open('/login', { fresh: true });
    await listOf(page);
    await page.route('**/login', (route) =>
      route.fulfill({ body: '<script type="module" src="/assets/index-newer.js"></script>', contentType: 'text/html' }),
    );
    await page.route('**/reviewer-api/events', (route) => route.fulfill({ status: 502, body: '{}' }), { times: 1 });
    await page.reload();
    await listOf(page);
    await expectSeen(page.getByText('Holdpoint was updated.'));
  });
});

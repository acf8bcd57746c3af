import { serveHttp } from '@holdpoint/process';
import type { Page } from 'playwright-core';
import { afterAll, expect } from 'vitest';
import { expectSeen, type InboxInBrowser } from '../../packages/review-server/test/inbox/inbox-in-browser.ts';
import { describeInBrowser, inboxTest, rowsOf } from '../../packages/review-server/test/inbox/inbox-test.ts';
import { startPasskeyInbox } from '../../packages/review-server/test/inbox/passkey-inbox.ts';
import { faultsOf, tabStops } from '../../packages/review-server/test/inbox/screen-checks.ts';
import { ADMINISTRATORS, PASSWORDS } from '../../packages/review-server/test/test-server.ts';
import { openDatabase } from '../../src/adapters/database/open-database.ts';
import { processEnvironment } from '../../src/config/environment.ts';
import { completed, run, waiting, waitingCall } from './fake-runs.ts';
import { fillInbox } from './inbox-contents.ts';
import { record } from './run-records.ts';
import { apiKey, testGateway } from './test-gateway.ts';

const database = await openDatabase('sqlite::memory:');
let gateway = testGateway({ apiKeys: database.apiKeys });
const served = await serveHttp({
  fetch: (request, env) => gateway.app.fetch(request, env),
  host: '127.0.0.1',
  port: 0,
  setting: 'none',
  graceMs: 100,
});
afterAll(async () => {
  await served.close();
  await database.close();
});
const reviewers = [
  { name: 'ana', password: PASSWORDS.ana, roles: ['reviewer', 'admin', 'operator'] as const },
  { name: 'ben', password: PASSWORDS.ben },
];
const it = inboxTest({ reviewers, gateway: { url: served.url, key: apiKey } });

const desktop = { viewport: { width: 1280, height: 800 } };
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const isThorough = processEnvironment()['HOLDPOINT_TEST_SHOTS'] !== undefined;
/** With pictures, themes and languages are looked at crosswise, too. */
const looks = (
  [
    ['desktop, light, English', { ...desktop, locale: 'en-GB', colorScheme: 'light' }],
    ['phone, dark, German', { ...phone, locale: 'de-DE', colorScheme: 'dark' }],
    ['desktop, dark, German', { ...desktop, locale: 'de-DE', colorScheme: 'dark' }],
    ['phone, light, English', { ...phone, locale: 'en-GB', colorScheme: 'light' }],
  ] as const
).slice(0, isThorough ? 4 : 2);

let filled: Promise<Awaited<ReturnType<typeof fillInbox>>> | undefined;
function ready({ server }: InboxInBrowser) {
  return (filled ??= (async () => {
    gateway = testGateway({ apiKeys: database.apiKeys, inboxOrigin: new URL(server.url).origin });
    gateway.reviews.set('req_1', { recipient_count: 500 });
    gateway.runs.set(completed('done', 'All told.'));
    gateway.runs.set(waiting('waits', waitingCall('req_1')));
    const since = '2026-11-22T10:00:00.000Z';
    const parked = [{ type: 'QuotaExhausted', message: 'Raise the limit.', since, callKey: null }] as const;
    gateway.runs.set(
      run('parked', {
        state: 'parked',
        detail: { state: 'parked', turn: 3, calls: [], parked: [...parked], queuedMessages: 0 },
      }),
    );
    for (const id of ['done', 'waits', 'parked']) gateway.runs.records.set(id, record);
    return fillInbox(server);
  })());
}

type Ids = Awaited<ReturnType<typeof fillInbox>>;
type Screen = {
  name: string;
  path: string | ((ids: Ids) => string);
  /** Seen when the screen is there. */
  sees?: string | RegExp;
  /** Opens it from the page at `path`. Default: nothing */
  open?: (page: Page) => Promise<unknown>;
  /** The control that has the focus again after Escape. */
  back?: string | RegExp;
};

const press = (name: string | RegExp) => (page: Page) =>
  page
    .getByRole('button', { name, exact: typeof name === 'string' })
    .first()
    .press('Enter');
/** Drafts outlast a visit: the form may be open, and so may a rejection. */
async function edit(page: Page): Promise<void> {
  const [cancel, start] = [/^Cancel/, /^Edit…/].map((name) => page.getByRole('button', { name }));
  await cancel!.or(start!).first().waitFor();
  if ((await cancel!.count()) > 0) await cancel!.press('Enter');
  await start!.press('Enter');
}
const fromMenu = (entry: string) => async (page: Page) => {
  await page.locator('.user-button').press('Enter');
  await page.getByRole('button', { name: entry }).press('Enter');
  await page.getByRole('dialog').getByRole('heading').first().waitFor();
};
const request = ({ voting }: Ids) => `/approvals/${voting}`;
const admin = (path: string, heading: string, open?: Screen['open'], back?: Screen['back']): Screen => ({
  name: open === undefined ? path : `${path}, ${String(back)}`,
  path: `/admin/${path}`,
  sees: heading,
  ...(open && { open }),
  ...(back !== undefined && { back }),
});

const screens: readonly Screen[] = [
  { name: 'list', path: '/' },
  { name: 'list, grouped', path: '/?group=like' },
  { name: 'list, done', path: '/?box=done' },
  { name: 'list, no match', path: '/?q=nothing-like-this', sees: 'No matching requests.' },
  { name: 'request', path: request },
  { name: 'request, critical', path: ({ critical }) => `/approvals/${critical}` },
  { name: 'request, outcome', path: ({ outcome }) => `/approvals/${outcome}` },
  { name: 'request, decided', path: ({ done }) => `/approvals/${done}?box=done` },
  { name: 'request, unknown', path: '/approvals/req_none', sees: 'Request not found' },
  {
    name: 'request, quick notes of a rejection',
    path: request,
    open: async (page) => {
      await page.getByRole('button', { name: /^Reject…/ }).press('Enter');
      await page.getByLabel('Reason', { exact: true }).waitFor();
    },
  },
  {
    name: 'edit form',
    path: request,
    open: async (page) => {
      await edit(page);
      await page.getByLabel('recipient_count').fill('120');
      await page.getByLabel('budget').fill('1.250,5');
    },
  },
  {
    name: 'edit as JSON',
    path: request,
    open: async (page) => {
      await edit(page);
      await press('Edit as JSON')(page);
      await page.getByLabel('Arguments as JSON').fill('{');
    },
  },
  {
    name: 'held bar',
    path: '/?action=refund',
    open: async (page) => {
      await rowsOf(page).getByRole('link').first().press('Enter');
      await page.getByRole('heading', { level: 1, name: /Refund/ }).waitFor();
      await page.keyboard.press('a');
      await page.getByText('You approve').filter({ visible: true }).first().waitFor();
      await page.goBack();
      await page.getByRole('status', { name: 'Held decisions' }).getByText('You approve').waitFor();
    },
  },
  { name: 'save filter', path: '/?risk=high', open: press('Save filter…'), back: 'Save filter…' },
  { name: 'hand over', path: request, open: press('Hand over…'), back: 'Hand over…' },
  { name: 'ask a question', path: request, open: press(/^Ask/), back: /^Ask/ },
  {
    name: 'batch',
    path: '/?action=refund',
    open: async (page) => {
      await rowsOf(page).getByRole('checkbox').first().press('Space');
      await press(/Review selected/)(page);
    },
    back: /Review selected/,
  },
  { name: 'help', path: '/', open: press('Keyboard shortcuts (?)'), back: 'Keyboard shortcuts (?)' },
  { name: 'menu', path: '/', open: (page) => page.locator('.user-button').press('Enter'), back: /ana$/ },
  { name: 'settings', path: '/', open: fromMenu('Settings…'), back: /ana$/ },
  { name: 'deputies', path: '/', open: fromMenu('Deputies…'), back: /ana$/ },
  { name: 'sessions', path: '/', open: fromMenu('Your sessions…'), back: /ana$/ },
  { name: 'password', path: '/', open: fromMenu('Change password…'), back: /ana$/ },
  { name: 'passkeys', path: '/', open: fromMenu('Your passkeys…'), back: /ana$/ },
  { name: 'runs', path: '/runs', sees: 'Runs' },
  { name: 'runs, none', path: '/runs?state=failed', sees: 'Runs' },
  { name: 'run', path: '/runs/done', sees: 'Turn 3' },
  { name: 'run, parked', path: '/runs/parked', sees: /Raise the limit/ },
  { name: 'run, unknown', path: '/runs/none', sees: /There is no run/ },
  admin('users', 'Users'),
  admin('users', 'Users', press('Add user'), 'Add user'),
  admin('users', 'Users', press('Edit ben'), 'Edit ben'),
  admin('users', 'Users', press('Remove ben'), 'Remove ben'),
  admin('passkeys', 'Passkeys'),
  admin('groups', 'Groups'),
  admin('groups', 'Groups', press('Add group'), 'Add group'),
  admin('groups', 'Groups', press('Edit times of marketing'), 'Edit times of marketing'),
  admin('keys', 'Connection Keys'),
  admin('keys', 'Connection Keys', press('Create key'), 'Create key'),
  admin('keys', 'Connection Keys', press(/^Rotate key/), /^Rotate key/),
  admin('api-keys', 'API keys'),
  admin('api-keys', 'API keys', press('Create API key'), 'Create API key'),
  admin('api-keys', 'API keys', press(/^Revoke keys/), /^Revoke keys/),
  admin('assistants', 'Assistants'),
  admin('assistants', 'Assistants', press(/^Limits of/), /^Limits of/),
  admin('assistants', 'Assistants', press(/^Pause/), /^Pause/),
  admin('rules', 'Rules'),
  admin('rules', 'Rules', press('Edit Large mails'), 'Edit Large mails'),
  admin('rules', 'Rules', press('Remove Large mails'), 'Remove Large mails'),
  admin('deliveries', 'Deliveries'),
  admin('audit', 'Audit'),
  { name: 'page not found', path: '/nowhere', sees: 'Page not found' },
];

describeInBrowser('every screen', { timeout: 600_000 }, () => {
  it.for(looks)('%s → no fault, Esc closes each dialog, and the focus returns', async ([look, context], { inbox }) => {
    const ids = await ready(inbox);
    const page = await inbox.open('/', { context: { ...context, bypassCSP: true } });
    const faults: string[] = [];
    for (const { name, path, sees, open, back } of screens) {
      try {
        await page.goto(inbox.server.url + (typeof path === 'string' ? path : path(ids)));
        if (sees === undefined) await page.getByRole('heading', { level: 1 }).first().waitFor({ state: 'attached' });
        else await expectSeen(page.getByText(sees));
        await page
          .getByText(/^(Live|Page not found)$/)
          .first()
          .waitFor({ state: 'attached' });
        await page.locator('.skeleton').first().waitFor({ state: 'detached' });
        await open?.(page);
        if (back !== undefined) await page.getByRole('dialog').waitFor();
        faults.push(...(await faultsOf(page, `${name} ${look}`)).map((fault) => `${name}: ${fault}`));
        if (back !== undefined) {
          await page.keyboard.press('Escape');
          await page.getByRole('dialog').waitFor({ state: 'detached' });
          await page.waitForFunction('document.activeElement !== document.body');
          const focus = page
            .getByRole('button', { name: back, exact: typeof back === 'string' })
            .and(page.locator(':focus'));
          await focus.waitFor({ timeout: 2_000 }).catch(async () => {
            faults.push(
              `${name}: the focus is on ${await page.evaluate<string>('document.activeElement.outerHTML.slice(0, 200)')}`,
            );
          });
        } else if (look.startsWith('desktop, light')) {
          for (const stop of await tabStops(page))
            if (!stop.isRinged) faults.push(`${name}: no ring around ${stop.name}`);
        }
      } catch (error) {
        faults.push(`${name}: ${String(error).slice(0, 500)}`);
      }
    }
    expect([...new Set(faults)]).toEqual([]);
  });
});

describeInBrowser('every screen of the sign-in', { timeout: 600_000 }, () => {
  const provider = {
    issuer: 'http://localhost:1/',
    clientId: 'holdpoint',
    clientSecret: 'a secret of the tests',
    name: 'Example',
    roles: [{ group: 'all', role: 'reviewer' }],
  } as const;
  it.for(looks)('%s → no fault', async ([look, context]) => {
    const faults: string[] = [];
    for (const [name, options] of [
      ['password and passkey', { reviewers: ADMINISTRATORS }],
      ['provider, password and passkey', { reviewers: ADMINISTRATORS, identityProvider: provider }],
      ['provider and passkey', { reviewers: ADMINISTRATORS, identityProvider: provider, passwordSignIn: false }],
    ] as const) {
      const inbox = await startPasskeyInbox('sqlite::memory:', options);
      const page = await inbox.open('/', { ...context, bypassCSP: true });
      await page.getByRole('heading', { name: 'Sign in to Holdpoint' }).waitFor();
      await page.getByRole('button', { name: 'Sign in with a passkey' }).waitFor();
      faults.push(...(await faultsOf(page, `sign-in, ${name} ${look}`)).map((fault) => `${name}: ${fault}`));
      if (name === 'password and passkey') {
        await page.getByLabel('Name').fill('ana');
        await page.getByLabel('Password').fill('wrong');
        await page.keyboard.press('Enter');
        await page.getByRole('alert').waitFor();
        faults.push(...(await faultsOf(page, `sign-in, wrong ${look}`)).map((fault) => `${name}: ${fault}`));
        await page.goto(`${inbox.origin}/login?token=used-up`);
        await page.getByRole('alert').waitFor();
        faults.push(...(await faultsOf(page, `sign-in, used link ${look}`)).map((fault) => `${name}: ${fault}`));
      }
      await inbox.close();
    }
    expect(faults).toEqual([]);
  });
});

/**
 * Makes the pictures of the inbox in docs/: the real stack, the demo's assistant, a real browser. `npm run screenshots`.
 * A Chromium of the system is needed.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { signInReviewer, createReviewerClient, type ReviewerClient } from '@holdpoint/review-server/contract';
import type { Page } from 'playwright-core';
import { openStage, seen, type Stage } from '../demo/stage.ts';
import { processEnvironment } from '../src/config/environment.ts';
import { devReviewer } from '../src/embedded/dev-options.ts';
import { startChromium } from '../test/support/chromium.ts';

const docs = fileURLToPath(new URL('../docs/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'holdpoint-screenshots-'));
const stops: Array<() => Promise<void>> = [];
const colleagueName = 'fay';
const lawyerName = 'tom';

try {
  const stage = await openStage({
    api: 'responses',
    folder,
    environment: processEnvironment(),
    log: () => {},
    onStop: (stop) => stops.push(stop),
  });
  const { team, colleague } = await gatherTeam(stage);
  await askForMuch(stage);
  await askTeam(stage, team, colleague);
  await takePictures(stage.stack.signInUrl as string);
} finally {
  await stops.at(-1)?.();
  rmSync(folder, { recursive: true, force: true });
}

/** Two more people, two groups with times, and a rule that addresses large mails to them. */
async function gatherTeam({ stack }: Stage): Promise<{ team: ReviewerClient; colleague: ReviewerClient }> {
  const { url, reviewerToken } = stack.facts.reviewServer;
  const team = createReviewerClient({ url, token: reviewerToken as string });
  const passwordOf = (name: string) => `${name} of the pictures`;
  for (const name of [colleagueName, lawyerName])
    await team.call('POST /users', { body: { name, password: passwordOf(name), roles: ['reviewer'] } });
  const group = async (name: string, members: string[]) =>
    team.call('POST /groups', { body: { name, members, visibleTo: 'everyone' } });
  const marketing = await group('marketing', [devReviewer, colleagueName]);
  await group('legal', [lawyerName]);
  await team.call('PUT /times/{owner}', {
    path: { owner: marketing.id },
    body: { dueAfter: { high: 45, medium: 8 * 60 }, remindAfter: [20], escalateTo: ['legal'] },
  });
  await team.call('POST /rules', {
    body: {
      name: 'Large mails',
      conditions: [
        { field: 'action', operator: 'is', value: 'send_email_blast' },
        { field: 'details.recipient_count', operator: 'more-than', value: 1000 },
      ],
      decision: 'review',
      by: [
        { group: 'marketing', approvals: 2 },
        { group: 'legal', approvals: 1 },
      ],
      enabled: true,
    },
  });
  const { client } = await signInReviewer(url, colleagueName, passwordOf(colleagueName));
  return { team, colleague: client };
}

/** A vote and a comment on the mail to many, a request that was handed over, and refunds of another program. */
async function askTeam({ stack }: Stage, team: ReviewerClient, colleague: ReviewerClient): Promise<void> {
  const { approvals } = await team.call('GET /approvals', { query: { box: 'needs-you' } });
  const idOf = (text: string) => approvals.find(({ summary }) => summary.includes(text))!.id;
  const large = await colleague.call('GET /approvals/{id}', { path: { id: idOf('4800') } });
  await colleague.call('POST /approvals/{id}/comments', {
    path: { id: large.id },
    body: { text: 'The new list is in ticket 8812, and finance has seen it.' },
  });
  await colleague.call('POST /approvals/{id}/decide', {
    path: { id: large.id },
    body: { decision: 'approve', shown: large.shown },
  });
  await colleague.call('PUT /approvals/{id}/assignment', {
    path: { id: idOf('900') },
    body: { to: { user: devReviewer }, comment: 'You know the guest list.' },
  });
  const { url, connectionKey } = stack.facts.reviewServer;
  for (const [customer, amount] of [
    ['C-3001', 12],
    ['C-3002', 18],
    ['C-3003', 25],
  ] as const)
    await fetch(`${url}/api/webhooks/inbound`, {
      method: 'POST',
      headers: { 'x-api-key': connectionKey as string, 'content-type': 'application/json' },
      body: JSON.stringify({
        action: 'refund',
        summary: `Refund ${amount} € to ${customer}`,
        details: { customer, amount, reason: 'Late delivery' },
        riskLevel: 'low',
        agentName: 'support',
        subject: customer,
      }),
    });
}

/** The guide's e-mail and other requests of the demo's assistant: some are decided, most wait. */
async function askForMuch({ client, reviewer }: Stage): Promise<void> {
  const ask = async (id: string, user: string, input: string) => {
    const run = await client.runs.create({ assistant: 'comms', id, input, context: { user } });
    return seen(
      `The approval of ${id}`,
      async () => (await run.get()).detail?.calls.find(({ state }) => state === 'waiting')?.approval?.id ?? undefined,
    );
  };
  const first = await ask('downtime-1', 'ana', 'Tell all customers about the downtime.');
  await reviewer.decide(first, { decision: 'approve', note: 'Verified maintenance window scheduled.' });
  const second = await ask('downtime-2', 'ben', 'Please email the customers about the maintenance.');
  await reviewer.decide(second, {
    decision: 'approve',
    modifiedDetails: { template: 'weekly_update', recipient_count: 120, subject: 'System Maintenance' },
    note: 'Only the customers in Europe.',
  });
  const third = await ask('downtime-3', 'cleo', 'Email all customers about the downtime again.');
  await reviewer.decide(third, { decision: 'reject', note: 'They were told already.' });

  await ask('downtime-4', 'dora', 'Tell all customers about the downtime.');
  await ask(
    'prices',
    'ana',
    'New prices hold from January. call send_email_blast {"template": "price_change", "recipient_count": 4800, "subject": "Our prices from January"}',
  );
  await ask(
    'announcement',
    'ben',
    'The status page should say it too. call post_announcement {"title": "Maintenance on Sunday, 02:00 to 04:00 UTC", "text": "We move our databases to new machines. The dashboard and the API are away for up to two hours; nothing is lost, and queued mail goes out afterwards."}',
  );
  await ask(
    'trial',
    'cleo',
    'call send_email_blast {"template": "trial_ends", "recipient_count": 260, "subject": "Your trial ends in three days"}',
  );
  await ask(
    'invite',
    'dora',
    'call send_email_blast {"template": "conference", "recipient_count": 900, "subject": "See you in Lisbon?"}',
  );
}

async function takePictures(signInUrl: string): Promise<void> {
  const browser = await startChromium();
  try {
    const signedIn = await browser.newContext();
    const page = await signedIn.newPage();
    await page.goto(signInUrl);
    await page
      .getByRole('link', { name: /Assistant wants/ })
      .first()
      .waitFor();
    const storageState = await signedIn.storageState();
    const origin = new URL(signInUrl).origin;
    const picture = async (
      name: string,
      how: { width: number; height: number; dark?: boolean },
      prepare: (page: Page) => Promise<void>,
    ) => {
      const context = await browser.newContext({
        storageState,
        viewport: { width: how.width, height: how.height },
        colorScheme: how.dark === true ? 'dark' : 'light',
        reducedMotion: 'reduce',
      });
      const view = await context.newPage();
      await view.goto(origin);
      await view
        .getByRole('link', { name: /Assistant wants/ })
        .first()
        .waitFor();
      await prepare(view);
      await view.evaluate('document.fonts.ready');
      await view.screenshot({ path: join(docs, `${name}.png`) });
      await context.close();
    };
    await picture('inbox', { width: 1280, height: 900 }, (view) => open(view, 'to 4800 recipients'));
    await picture('inbox-dark', { width: 1280, height: 800, dark: true }, async (view) => {
      await open(view, 'to 500 recipients');
      await view.keyboard.press('e');
      await view.getByLabel('recipient_count').fill('120');
      await view.getByLabel('Note', { exact: true }).fill('Only the customers in Europe.');
    });
    await picture('runs', { width: 1280, height: 800 }, async (view) => {
      await view.goto(`${origin}/runs/downtime-2`);
      await view.getByRole('heading', { level: 2 }).first().waitFor();
      await view.getByText('Only the customers in Europe.').first().waitFor();
    });
    await picture('inbox-phone', { width: 390, height: 800 }, (view) => open(view, 'announce in public'));
  } finally {
    await browser.close();
  }
}

async function open(page: Page, title: string): Promise<void> {
  await page.getByRole('link', { name: title }).first().click();
  await page.getByRole('heading', { level: 1, name: title }).waitFor();
}

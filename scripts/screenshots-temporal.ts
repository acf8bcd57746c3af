/**
 * Makes the pictures of Temporal's Web UI in docs/: the real stack, the demo's assistant, runs in five states.
 * `npm run screenshots:temporal`, or with `-- --keep` to look around. A Chromium of the system is needed.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { signInReviewer, createReviewerClient } from '@holdpoint/review-server/contract';
import type { Page } from 'playwright-core';
import { openStage, seen, type Stage } from '../demo/stage.ts';
import { runsInUi } from '../src/adapters/temporal/ui-links.ts';
import { processEnvironment } from '../src/config/environment.ts';
import { devReviewer } from '../src/embedded/dev-options.ts';
import { startChromium } from '../test/support/chromium.ts';

const docs = process.env['PICTURES'] ?? fileURLToPath(new URL('../docs/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'holdpoint-temporal-ui-'));
const stops: Array<() => Promise<void>> = [];

try {
  const stage = await openStage({
    api: 'responses',
    folder,
    environment: processEnvironment(),
    log: () => {},
    onStop: (stop) => stops.push(stop),
  });
  await makeRuns(stage);
  if (process.argv.includes('--keep')) {
    process.stdout.write(`${JSON.stringify(stage.stack.facts)}\n`);
    await once(process, 'SIGINT');
  } else await takePictures(stage);
} finally {
  await stops.at(-1)?.();
  rmSync(folder, { recursive: true, force: true });
}

/** One run in each state: `waiting-one`, `waiting-team`, `approved`, `rejected`, `parked`. */
async function makeRuns({ stack, client, reviewer }: Stage): Promise<void> {
  const { url, reviewerToken } = stack.facts.reviewServer;
  const team = createReviewerClient({ url, token: reviewerToken as string });
  const passwordOf = (name: string) => `${name} of the pictures`;
  for (const name of ['fay', 'tom'])
    await team.call('POST /users', { body: { name, password: passwordOf(name), roles: ['reviewer'] } });
  await team.call('POST /groups', {
    body: { name: 'marketing', members: [devReviewer, 'fay'], visibleTo: 'everyone' },
  });
  await team.call('POST /groups', { body: { name: 'legal', members: ['tom'], visibleTo: 'everyone' } });
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
  const ask = async (id: string, user: string, input: string) => {
    const run = await client.runs.create({ assistant: 'comms', id, input, context: { user } });
    return seen(
      `The approval of ${id}`,
      async () => (await run.get()).detail?.calls.find(({ state }) => state === 'waiting')?.approval?.id ?? undefined,
    );
  };
  const ended = (id: string) =>
    seen(`The end of ${id}`, async () => ((await client.runs.get(id)).closedAt === null ? undefined : true));
  const approved = await ask('approved', 'ana', 'Tell all customers about the downtime.');
  await reviewer.decide(approved, { decision: 'approve', note: 'Verified maintenance window scheduled.' });
  await ended('approved');
  const rejected = await ask('rejected', 'cleo', 'Email all customers about the downtime again.');
  await reviewer.decide(rejected, { decision: 'reject', note: 'They were told already.' });
  await ended('rejected');
  await ask('waiting-one', 'dora', 'Tell all customers about the downtime.');
  const large = await ask(
    'waiting-team',
    'ben',
    'New prices hold from January. call send_email_blast {"template": "price_change", "recipient_count": 4800, "subject": "Our prices from January"}',
  );
  const { client: fay } = await signInReviewer(url, 'fay', passwordOf('fay'));
  const { shown } = await fay.call('GET /approvals/{id}', { path: { id: large } });
  await fay.call('POST /approvals/{id}/decide', { path: { id: large }, body: { decision: 'approve', shown } });

  await fetch(new URL('/__stand-in/faults', stack.facts.openai.baseURL), {
    method: 'POST',
    headers: { authorization: `Bearer ${stack.facts.gateway.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ kind: 'invalid_api_key', times: 'always', match: { text: 'invitation' } }),
  });
  const parked = await client.runs.create({
    assistant: 'comms',
    id: 'parked',
    input: 'Send the invitation to Lisbon.',
    context: { user: 'ana' },
  });
  await seen('The parked run', async () => ((await parked.get()).state === 'parked' ? true : undefined));
}

async function takePictures({ stack }: Stage): Promise<void> {
  const ui = stack.facts.temporal.ui as string;
  const browser = await startChromium();
  try {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });
    context.setDefaultTimeout(120_000);
    const page = await context.newPage();
    await page.goto(runsInUi(ui, 'default'));
    await page.getByText('waiting-team').first().waitFor();
    await chooseColumns(page);
    await page.getByText('ModelAccessDenied').first().waitFor();
    await page.screenshot({ path: join(docs, 'temporal-ui-list.png') });
    const shows = {
      'waiting-one': 'who may decide',
      'waiting-team': 'who may decide',
      approved: 'was approved by',
      rejected: 'was rejected by',
      parked: 'runs retry',
    };
    for (const [id, text] of Object.entries(shows)) {
      await page.goto(`${ui}/namespaces/default/workflows/${id}`);
      await page.getByText('User Metadata').first().click();
      await inFrames(page, text);
      await page.screenshot({ path: join(docs, `temporal-ui-${id}.png`) });
    }
  } finally {
    await browser.close();
  }
}

/** As docs/temporal-ui.md says. */
async function chooseColumns(page: Page): Promise<void> {
  const press = async (column: string) =>
    await page
      .locator('li', { has: page.getByText(column, { exact: true }) })
      .getByRole('button')
      .last()
      .click();
  await page.getByTestId('workflows-summary-table-configuration-button').click();
  for (const column of ['Run ID', 'Type', 'Start', 'End']) await press(column);
  for (const column of ['HoldpointState', 'HoldpointReason', 'HoldpointTool', 'HoldpointWaitingSince'])
    await press(column);
}

/** Temporal's UI shows Markdown in frames. */
async function inFrames(page: Page, text: string): Promise<void> {
  await seen(`"${text}"`, async () => {
    const counts = await Promise.all(
      page.frames().map((frame) =>
        frame
          .getByText(text)
          .count()
          .catch(() => 0),
      ),
    );
    return counts.some((count) => count > 0) || undefined;
  });
}

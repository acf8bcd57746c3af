import type { Page } from 'playwright-core';
import { until } from '../../../../test/support/until.ts';
import type { TestServer } from '../test-server.ts';
import { passed } from './decisions-sent.ts';

type Kind = 'small' | 'large' | 'long' | 'critical' | 'question';
type Key = 'approve' | 'reject' | 'happened' | 'not-happened' | 'give-up';
type Wanted = { id: string; key: Key };

/** The result of a shift at the desk. */
export type DeskWork = {
  decided: number;
  seconds: number;
  perMinute: number;
  /** Requests whose decision is another one than their arguments ask for. */
  wrong: string[];
};

/** Keys decide nothing for 300 ms after the request changed. */
const settleMs = 320;
const kinds: readonly Kind[] = ['small', 'large', 'small', 'long', 'question', 'small', 'large', 'critical'];
const outcomes = ['happened', 'not-happened', 'give-up'] as const;

/**
 * Makes mixed requests, half of them while the reviewer works, and decides all by keyboard with auto-advance. The
 * reviewer reads only the page: amounts up to 50 are approved, larger ones are rejected with a reason, and outcome
 * questions are answered as their justification says. Afterwards the decisions at the server are compared.
 */
export async function workAtDesk({
  server,
  page,
  count,
}: {
  server: TestServer;
  /** At the list of the action `desk` and `desk:outcome-unknown`, with auto-advance. */
  page: Page;
  count: number;
}): Promise<DeskWork> {
  const wanted: Wanted[] = [];
  const arrive = async () => {
    wanted.push(await askFor(server, wanted.length));
  };
  while (wanted.length < Math.ceil(count / 2)) await arrive();
  await page.reload();
  const heading = page.getByRole('heading', { level: 1 });
  const start = performance.now();
  const done = new Set<string>();
  await page.keyboard.press('j');
  while (done.size < count) {
    const number = await numberOfOpen(page, done);
    if (number === undefined) {
      // Nothing was left to open when the last decision was sent. The rest has arrived since.
      await page.keyboard.press('j');
      continue;
    }
    await passed(page, settleMs);
    await decideOpen(page);
    done.add(number);
    if (wanted.length < count) await arrive();
    await until(
      'another request is open, or the decision of the last one',
      async () =>
        !(await heading.innerText()).includes(`Request ${number} `) ||
        (await page.getByRole('group', { name: 'Decision' }).count()) > 0,
      20_000,
    );
  }
  const seconds = (performance.now() - start) / 1000;
  const wrong: string[] = [];
  for (const { id, key } of wanted) {
    const made = await until('the held decision is made', async () => decisionOf(server, id), 20_000);
    if (made !== key) wrong.push(`${id}: ${made} instead of ${key}`);
  }
  return { decided: done.size, seconds, perMinute: Math.round((count / seconds) * 60), wrong };
}

async function askFor(server: TestServer, number: number): Promise<Wanted> {
  const kind = kinds[number % kinds.length]!;
  const isLarge = kind === 'large' || (kind !== 'small' && number % 3 === 0);
  const outcome = outcomes[number % outcomes.length]!;
  const amount = isLarge ? 51 + number : 10 + (number % 40);
  const lines = Object.fromEntries(Array.from({ length: 40 }, (_, line) => [`line_${line}`, `Item ${line}`]));
  const { body } = await server.ask({
    action: kind === 'question' ? 'desk:outcome-unknown' : 'desk',
    summary: `Request ${number} : a ${kind} one`,
    riskLevel: { small: 'low', large: 'medium', long: 'high', critical: 'critical', question: 'low' }[kind],
    justification: `Request ${number} : ${kind === 'question' ? outcome : 'a customer asked'}.`,
    details:
      kind === 'question'
        ? { holdpoint: { kind: 'outcome' } }
        : { ...(kind === 'long' ? lines : {}), order: `A-${number}`, amount },
    ...(number % 4 === 0 && { expiresAt: new Date(Date.now() + 3_600_000 + number * 1000).toISOString() }),
  });
  return { id: body.id, key: kind === 'question' ? outcome : isLarge ? 'reject' : 'approve' };
}

/** The number of the open request. Undefined if none is open, or one that was decided before. */
async function numberOfOpen(page: Page, done: ReadonlySet<string>): Promise<string | undefined> {
  const article = page.locator('article.approval');
  if ((await article.count()) === 0) return undefined;
  const number = /Request (\d+) :/.exec(await article.innerText())?.[1];
  return number === undefined || done.has(number) ? undefined : number;
}

async function decideOpen(page: Page): Promise<void> {
  const text = await page.locator('article.approval').innerText();
  const isQuestion = text.includes('Did desk happen?');
  if (isQuestion) {
    await page.keyboard.press(String(1 + outcomes.findIndex((outcome) => text.includes(`: ${outcome}.`))));
    return;
  }
  const amount = Number(/amount\s+([\d.]+)/.exec(text)?.[1]);
  if (amount > 50) {
    await page.keyboard.press('r');
    await page.getByLabel('Reason').and(page.locator(':focus')).waitFor();
    await page.keyboard.type('More than 50.');
    await page.keyboard.press('Control+Enter');
    return;
  }
  const approve = page.locator('.button-approve, .hold-button').first();
  while (await approve.isDisabled()) await page.keyboard.press('m');
  if (text.includes('Critical risk')) {
    const sent = page.waitForRequest((request) => request.url().endsWith('/decide'));
    await page.keyboard.down('a');
    await sent;
    await page.keyboard.up('a');
  } else await page.keyboard.press('a');
}

/** The decision at the server, or undefined while it is held. */
async function decisionOf(server: TestServer, id: string): Promise<string | undefined> {
  const { body } = await server.get<{ status: string; kind: string; edited: boolean }>(
    `/reviewer-api/approvals/${id}`,
    await server.bearer(),
  );
  if (body.status === 'PENDING') return undefined;
  if (body.kind !== 'outcome') return body.status === 'APPROVED' ? 'approve' : 'reject';
  return body.status === 'REJECTED' ? 'give-up' : body.edited ? 'not-happened' : 'happened';
}

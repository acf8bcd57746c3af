import { join } from 'node:path';
import { sqliteUrl } from '@holdpoint/database/url';
import type { Browser } from 'playwright-core';
import { compressedSizes, listScripts } from '../../packages/review-server/scripts/list-script.ts';
import { startChromium } from '../../test/support/chromium.ts';
import { median, spreadOf } from '../measure/spread.ts';
import type { Measurement } from '../measurement.ts';
import type { Stage } from '../stage/stage.ts';
import { fillWithApprovals } from '../stage/many-approvals.ts';

const approvals = 200;

/** Script, first paint and compression of the inbox in Chromium. */
export const inboxPage: Measurement = {
  name: 'page of the inbox',
  figures: ['inbox-page'],
  async measure({ stage, scale, progress }) {
    const databaseUrl = sqliteUrl(join(stage.folder, 'inbox-page.db'));
    await fillWithApprovals(databaseUrl, approvals, () => {});
    const { server } = await stage.startReviewServer(databaseUrl);
    const browser = await startChromium();
    try {
      progress("load that starts the browser's processes");
      await load(browser, server.url, stage.review);
      const loads: Load[] = [];
      for (let nth = 1; nth <= 2 * scale.rounds; nth += 1) {
        progress(`load ${nth} of ${2 * scale.rounds}`);
        loads.push(await load(browser, server.url, stage.review));
      }
      const paints = loads.map(({ paintSeconds }) => paintSeconds);
      const rows = loads.map(({ rowsSeconds }) => rowsSeconds);
      const scriptKB = Object.values(compressedSizes(listScripts().files)).reduce((sum, size) => sum + size, 0) / 1000;
      return {
        results: [
          {
            id: 'inbox-page',
            values: {
              scriptKB,
              paintSeconds: median(paints),
              compressed: loads.every(({ compressed }) => compressed) ? 1 : 0,
            },
            spreads: { paintSeconds: spreadOf(paints) },
          },
        ],
        facts: [
          {
            topic: 'Inbox',
            name: 'from opening to the first rows',
            unit: 's',
            value: median(rows),
            spread: spreadOf(rows),
          },
        ],
      };
    } finally {
      await browser.close();
      await server.stop();
    }
  },
};

type Load = { paintSeconds: number; rowsSeconds: number; compressed: boolean };

/** Signs in and opens the inbox with an empty cache. */
async function load(
  browser: Browser,
  url: string,
  { reviewer: name, password }: Pick<Stage['review'], 'reviewer' | 'password'>,
): Promise<Load> {
  const context = await browser.newContext({ serviceWorkers: 'block' });
  const answer = await context.request.post(`${url}/reviewer-api/session`, {
    data: { name, password, browser: true },
    headers: { origin: url },
  });
  if (!answer.ok()) throw new Error(`The review server refused the sign-in: ${answer.status()}.`);
  const page = await context.newPage();
  const listed = page.waitForResponse((response) => response.url().includes('/reviewer-api/approvals?'));
  await page.goto(url);
  await page.locator('.row-link').first().waitFor();
  const [paint, shown] = await page.evaluate(() => [
    performance.getEntriesByName('first-contentful-paint')[0]!.startTime,
    performance.now(),
  ]);
  const compressed = (await listed).headers()['content-encoding'] === 'gzip';
  await context.close();
  return { paintSeconds: paint / 1000, rowsSeconds: shown / 1000, compressed };
}

import { join } from 'node:path';
import { sqliteUrl } from '@holdpoint/database/url';
import { compressedSizes, listScripts } from '../../packages/review-server/scripts/list-script.ts';
import { startChromium } from '../../test/support/chromium.ts';
import { median, spreadOf } from '../measure/spread.ts';
import type { Measurement } from '../measurement.ts';
import { fillWithApprovals } from '../stage/many-approvals.ts';

const approvals = 200;

/** What a reviewer waits for who opens the inbox: script, first paint, answers. Chromium alone on the machine. */
export const inboxPage: Measurement = {
  name: 'page of the inbox',
  figures: ['inbox-page'],
  async measure({ stage, scale, progress }) {
    const databaseUrl = sqliteUrl(join(stage.folder, 'inbox-page.db'));
    await fillWithApprovals(databaseUrl, approvals, () => {});
    const { server } = await stage.startReviewServer(databaseUrl);
    const browser = await startChromium();
    try {
      const { reviewer: name, password } = stage.review;
      const paints: number[] = [];
      const rows: number[] = [];
      let compressed = 0;
      // The first one starts the browser's processes. Each has a cache of its own, which is empty.
      for (let round = 0; round <= 2 * scale.rounds; round += 1) {
        progress(`load ${round} of ${2 * scale.rounds}`);
        const context = await browser.newContext({ serviceWorkers: 'block' });
        const answer = await context.request.post(`${server.url}/reviewer-api/session`, {
          data: { name, password, browser: true },
          headers: { origin: server.url },
        });
        if (!answer.ok()) throw new Error(`The review server refused the sign-in: ${answer.status()}.`);
        const page = await context.newPage();
        await page.goto(server.url);
        await page.locator('.row-link').first().waitFor();
        const [paint, shown] = await page.evaluate(() => [
          performance.getEntriesByName('first-contentful-paint')[0]!.startTime,
          performance.now(),
        ]);
        if (round > 0) {
          paints.push(paint / 1000);
          rows.push(shown / 1000);
        }
        const headers = (await page.request.get(`${server.url}/reviewer-api/approvals?box=needs-you`)).headers();
        compressed = headers['content-encoding'] === 'gzip' ? 1 : 0;
        await context.close();
      }
      const scriptKB = Object.values(compressedSizes(listScripts().files)).reduce((sum, size) => sum + size, 0) / 1000;
      return {
        results: [
          {
            id: 'inbox-page',
            values: { scriptKB, paintSeconds: median(paints), compressed },
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

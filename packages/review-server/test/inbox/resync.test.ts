import { Client } from 'pg';
import { expect, it } from 'vitest';
import { chromiumPath } from '../../../../test/support/chromium.ts';
import { postgresIsInstalled, startPostgres } from '../../../../test/support/postgres.ts';
import { until } from '../../../../test/support/until.ts';
import { startInboxInBrowser } from './inbox-in-browser.ts';

it.skipIf(chromiumPath === undefined || !postgresIsInstalled)(
  'server missed a change → list, open request and counts are read again',
  async () => {
    const postgres = (await startPostgres())!;
    const databaseUrl = await postgres.createDatabase();
    const inbox = await startInboxInBrowser(databaseUrl);
    const database = new Client({ connectionString: databaseUrl });
    await database.connect();
    try {
      const open = (await inbox.server.ask({ summary: 'The open one' })).body.id;
      const page = await inbox.open(`/approvals/${open}`);
      await page.getByText('Live', { exact: true }).waitFor();
      await page
        .getByRole('link', { name: /^Needs you/ })
        .getByText('1', { exact: true })
        .waitFor();
      await page.getByRole('button', { name: /^Approve/ }).waitFor();
      const loads = await page.evaluate('performance.timeOrigin');
      // Changed in the database directly, like a change by another server whose notification was lost.
      await database.query(
        "update approvals set status = 'REJECTED', decided_at = created_at, decided_by = 'ben', reason_code = 'person' where id = $1",
        [open],
      );
      expect(await page.getByRole('button', { name: /^Approve/ }).count()).toBe(1);
      await until('the connection for changes is cut', async () => {
        const cut = await database.query(
          "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'holdpoint changes'",
        );
        return cut.rowCount === 1;
      });
      await page.getByText('by ben').first().waitFor();
      await page
        .getByRole('link', { name: /^Needs you/ })
        .getByText('0', { exact: true })
        .waitFor();
      await until(
        'the list is read again',
        async () => (await page.getByRole('region', { name: 'Requests' }).getByRole('listitem').count()) === 0,
      );
      expect(await page.evaluate('performance.timeOrigin')).toBe(loads);
      expect(inbox.problems).toEqual([]);
    } finally {
      await database.end();
      await inbox.close();
      await postgres.stop();
    }
  },
);

import { expect } from 'vitest';
import { processEnvironment } from '../../../../src/config/environment.ts';
import { workAtDesk } from './desk-work.ts';
import { describeInBrowser, inboxTest } from './inbox-test.ts';

const it = inboxTest();
const count = Number(processEnvironment()['DESK_DECISIONS'] ?? 16);

describeInBrowser('desk', () => {
  it(
    `${count} mixed requests by keyboard, half of them arriving meanwhile → no wrong decision`,
    async ({ inbox }) => {
      const ana = await inbox.server.bearer('ana');
      await inbox.server.send('PATCH', '/reviewer-api/settings', { autoAdvance: true }, ana);
      const page = await inbox.open('/?sort=risk', { fresh: true });
      const { decided, seconds, perMinute, wrong } = await workAtDesk({ server: inbox.server, page, count });
      process.stdout.write(`${decided} decisions in ${seconds.toFixed(0)} s: ${perMinute} a minute\n`);
      expect([decided, wrong]).toEqual([count, []]);
    },
    60_000 + count * 10_000,
  );
});

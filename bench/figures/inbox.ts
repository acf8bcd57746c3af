import { join } from 'node:path';
import { startPostgres } from '../../test/support/postgres.ts';
import { quantile } from '../measure/spread.ts';
import type { Bench, Fact, Measurement } from '../measurement.ts';
import { fillWithApprovals } from '../stage/many-approvals.ts';
import { sqliteUrl } from '@holdpoint/database/url';

type Kind = 'list' | 'search' | 'counts';

/** Requests of an inbox, cheap and expensive. */
const questions: ReadonlyArray<readonly [Kind, name: string, path: string]> = [
  ['list', 'what needs you', '/approvals?box=needs-you'],
  ['list', 'what is done', '/approvals?box=done'],
  ['list', 'all', '/approvals?box=all'],
  ['list', 'done, one of 200 assistants', '/approvals?box=done&assistant=assistant-77'],
  ['list', 'done, a risk that none has', '/approvals?box=done&risk=unheard-of'],
  ['list', 'needs you, one action, high risk', '/approvals?box=needs-you&action=action_3&risk=high'],
  ['search', 'a word that nearly all have', '/approvals?q=refund'],
  ['search', 'a word that two have', '/approvals?q=zebraxyl'],
  ['search', 'a word of the oldest twentieth', '/approvals?box=done&q=longago'],
  ['search', 'three words, rarely together', '/approvals?box=done&q=invoice%20berlin%20longago'],
  ['search', 'a word that none has', '/approvals?q=nowhere-to-be-found'],
  ['search', 'two letters', '/approvals?box=done&q=zx'],
  ['search', 'in what needs you', '/approvals?box=needs-you&q=apology%20urgent'],
  ['counts', 'counts', '/counts'],
  ['counts', 'values to filter by', '/facets'],
];

/** A reviewer's lists and searches over HTTP, among many approvals. The figure is the slowest one. */
export const inbox: Measurement = {
  name: 'inbox with many approvals',
  figures: ['inbox'],
  async measure(bench) {
    const { scale, stage } = bench;
    const postgres = scale.inboxOnPostgres ? await startPostgres({ waitsForDisk: true }) : undefined;
    if (scale.inboxOnPostgres && postgres === undefined)
      throw new Error('The inbox is measured on PostgreSQL too: install its server programs.');
    try {
      const facts: Fact[] = [];
      const slowest = { list: 0, search: 0, counts: 0 };
      for (const approvals of scale.approvals) {
        const databases = {
          SQLite: sqliteUrl(join(stage.folder, `inbox-${approvals}.db`)),
          ...(postgres && { PostgreSQL: await postgres.createDatabase() }),
        };
        for (const [name, databaseUrl] of Object.entries(databases)) {
          const taken = await ask(bench, `${name}, ${approvals.toLocaleString('en')}`, databaseUrl, approvals);
          for (const [index, [kind, question]] of questions.entries()) {
            for (const share of [0.5, 0.99])
              facts.push({
                topic: `Inbox among ${approvals.toLocaleString('en')} approvals`,
                name: `${kind}: ${question}`,
                column: `${name} p${share * 100}`,
                unit: 'ms',
                value: quantile(taken[index] as number[], share),
              });
            if (approvals === scale.approvals.at(-1))
              slowest[kind] = Math.max(slowest[kind], quantile(taken[index] as number[], 0.99));
          }
        }
      }
      const { list, search } = slowest;
      return { results: [{ id: 'inbox', values: { list, search } }], facts };
    } finally {
      await postgres?.stop();
    }
  },
};

/** Milliseconds of each question. The questions alternate, so that none benefits from its own cache entries. */
async function ask(
  { stage, scale, progress }: Bench,
  where: string,
  databaseUrl: string,
  approvals: number,
): Promise<number[][]> {
  await fillWithApprovals(databaseUrl, approvals, (made) => progress(`${where}: ${made} are written`));
  const { server, reviewer } = await stage.startReviewServer(databaseUrl);
  progress(`${where}: asking`);
  const taken = questions.map(() => [] as number[]);
  for (let round = -3; round < scale.inboxQueries; round += 1) {
    for (const [index, [, , path]] of questions.entries()) {
      const from = performance.now();
      await reviewer.client.send('GET', path);
      if (round >= 0) taken[index]?.push(performance.now() - from);
    }
  }
  await server.stop();
  return taken;
}

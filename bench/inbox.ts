import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Table from 'cli-table3';
import { sql, type Insertable } from 'kysely';
import { createReviewServer } from '../src/review-server/review-server.ts';
import { openReviewDatabase, type ReviewDatabase } from '../src/review-server/store/database.ts';
import { NEVER_DUE, type ApprovalsTable } from '../src/review-server/store/tables.ts';
import { searchText } from '../src/review-server/store/search.ts';
import { startPostgres } from '../test/support/postgres.ts';

/*
 * How long the inbox's questions take in a database of 100,000 approvals, by HTTP, on SQLite and on PostgreSQL:
 * node --conditions=holdpoint-source bench/inbox.ts [approvals] [tries]
 * Wanted: 99 of 100 within 100 ms.
 */

const [approvals = 100_000, tries = 100] = process.argv.slice(2).map(Number);
const PENDING = Math.min(5000, approvals / 2);
const GOAL_MS = 100;
const words = 'refund order customer newsletter invoice payment transfer account berlin london paris supplier contract shipment delay apology weekly update maintenance system template recipient subject greeting escalation ticket urgent archive export import backup restore deploy rollback'.split(' ');

const questions: [what: string, path: string][] = [
  ['what needs you', '/approvals?box=needs-you'],
  ['what is done', '/approvals?box=done'],
  ['all', '/approvals?box=all'],
  ['done, one of 200 assistants', '/approvals?box=done&assistant=assistant-77'],
  ['done, a risk that nothing has', '/approvals?box=done&risk=unheard-of'],
  ['needs you, one action, high', '/approvals?box=needs-you&action=action_3&risk=high'],
  ['search: in nearly all', '/approvals?q=refund'],
  ['search: in two of all', '/approvals?q=zebraxyl'],
  ['search: in the oldest twentieth', '/approvals?box=done&q=longago'],
  ['search: two words', '/approvals?box=done&q=invoice%20berlin%20longago'],
  ['search: nothing', '/approvals?q=nowhere-to-be-found'],
  ['search: two letters', '/approvals?box=done&q=zx'],
  ['search: in what needs you', '/approvals?box=needs-you&q=apology%20urgent'],
  ['counts', '/counts'],
  ['facets', '/facets'],
];

const folder = mkdtempSync(join(tmpdir(), 'holdpoint-bench-inbox-'));
const postgres = await startPostgres();
const table = new Table({ head: ['question', 'SQLite p50', 'p99', 'PostgreSQL p50', 'p99'], colAligns: ['left', 'right', 'right', 'right', 'right'], style: { head: [], border: [] } });
const columns = [await measure(`sqlite://${folder}/review.db`), ...(postgres === undefined ? [] : [await measure(await postgres.createDatabase())])];
for (const [what] of questions) table.push([what, ...columns.flatMap((times) => [ms(times.get(what)!, 0.5), ms(times.get(what)!, 0.99)])]);
const slow = columns.flatMap((times) => [...times]).filter(([, taken]) => quantile(taken, 0.99) > GOAL_MS);
process.stdout.write(`${approvals} approvals, ${PENDING} of them pending, ${tries} tries each, in milliseconds\n${table.toString()}\n${slow.length === 0 ? `All within ${GOAL_MS} ms.` : `${slow.length} above ${GOAL_MS} ms.`}\n`);
await postgres?.stop();
rmSync(folder, { recursive: true, force: true });
process.exit(slow.length === 0 ? 0 : 1);

async function measure(databaseUrl: string): Promise<Map<string, number[]>> {
  const database = await openReviewDatabase(databaseUrl, () => undefined);
  process.stderr.write(`filling ${database.kind} …\n`);
  await fill(database);
  await database.kysely.destroy();
  const server = await createReviewServer({ databaseUrl, connectionKeys: [], reviewers: [{ name: 'ana', password: 'ana knows this' }], sessionSecret: 'a secret of the bench', port: 0, callbackHosts: 'any' });
  const { token } = (await (await fetch(`${server.url}/reviewer-api/session`, { method: 'POST', body: JSON.stringify({ name: 'ana', password: 'ana knows this' }) })).json()) as { token: string };
  const times = new Map(questions.map(([what]) => [what, [] as number[]]));
  // In turns, so that none finds everything in the cache that it left itself.
  for (let round = 0; round < tries; round += 1) {
    for (const [what, path] of questions) {
      const began = performance.now();
      const answer = await fetch(`${server.url}/reviewer-api${path}`, { headers: { authorization: `Bearer ${token}` } });
      await answer.arrayBuffer();
      if (!answer.ok) throw new Error(`${path}: HTTP ${answer.status}`);
      times.get(what)!.push(performance.now() - began);
    }
  }
  await server.close();
  return times;
}

async function fill({ kysely, kind }: ReviewDatabase): Promise<void> {
  const random = (below: number) => Math.floor(Math.random() * below);
  const sentence = (length: number) => Array.from({ length }, () => words[random(words.length)]).join(' ');
  await kysely.insertInto('assistants').values(Array.from({ length: 200 }, (_, index) => ({ id: `asst_${index}`, name: `assistant-${index}` }))).execute();
  const batch = 250;
  for (let from = 0; from < approvals; from += batch) {
    const rows = Array.from({ length: Math.min(batch, approvals - from) }, (_, offset): Insertable<ApprovalsTable> => row(from + offset));
    await kysely.transaction().execute(async (transaction) => {
      await transaction.insertInto('approvals').values(rows).execute();
      await transaction.insertInto('approval_search').values(rows.map(({ id, action, summary, details }) => ({ approval_id: id, text: searchText(id, action, summary, JSON.parse(details)) }))).execute();
    });
  }
  await sql.raw(kind === 'postgres' ? 'vacuum analyze' : 'analyze').execute(kysely);

  function row(index: number): ApprovalsTable {
    const at = new Date(Date.UTC(2026, 0, 1) + index * 60_000).toISOString();
    const pending = index >= approvals - PENDING;
    const extra = `${index % 50_000 === 7 ? 'zebraxylophone' : ''} ${index < approvals / 20 ? 'longago' : ''}`;
    return {
      id: `req_${index.toString(16).padStart(32, '0')}`, assistant_id: `asst_${random(200)}`, idempotency_key: null, request_digest: '', action: `action_${random(40)}`, summary: sentence(10),
      details: JSON.stringify({ subject: sentence(6), body: sentence(60), note: extra }), sameness_digest: '', justification: sentence(12), risk_level: ['low', 'medium', 'high', 'critical'][random(4)]!, risk_score: null,
      priority: null, agent_name: null, metadata: null, trace: null, arguments_schema: null, run_url: null, workflow_url: null, conversation: null, risk_reason: null, on_behalf_of: null, callback_urls: '[]',
      status: pending ? 'PENDING' : 'APPROVED', modified_details: null, note: null, decided_at: pending ? null : at, decided_by: pending ? null : 'ana', reason_code: pending ? null : 'person', rule_name: null,
      expires_at: null, due_at: NEVER_DUE, created_at: at,
    };
  }
}

function quantile(times: readonly number[], part: number): number {
  return times.toSorted((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * part))]!;
}

function ms(times: readonly number[], part: number): string {
  return quantile(times, part).toFixed(1);
}

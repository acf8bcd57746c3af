/**
 * `npm run test:mutants`: takes each protection out of a copy of the sources and expects its named test to fail.
 *
 *   npm run test:mutants                       all, with progress and the time left
 *   npm run test:mutants -- --only PART        those with PART in their name, source file or test file; repeat it for more
 *   npm run test:mutants -- --json             the result as JSON on standard output
 *   npm run test:mutants -- --write            also writes the tables into docs/security.md, if none survived
 *   npm run test:mutants -- --parallel N       N at once (default 2)
 *   npm run test:mutants -- --resume FILE      keeps each result in FILE; a mutant that was killed is tried again only
 *                                              after a change of its entry, its source file or its test file
 *
 * Exits with 1 if a mutant survived or could not be tried.
 */
import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { areas, mutants as all } from './list.ts';
import { writeTables } from './table.ts';
import { tryMutants, type Row } from './try-mutants.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    json: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    parallel: { type: 'string', default: '2' },
    resume: { type: 'string' },
  },
});
const root = fileURLToPath(new URL('../../', import.meta.url));
const only = values.only ?? [''];
const chosen = all.filter(({ name, changes, test }) =>
  [name, test.file, ...changes.map(({ file }) => file)].some((text) => only.some((part) => text.includes(part))),
);
const parallel = Number(values.parallel);
if (chosen.length === 0)
  exit(
    `No mutant has "${only.join('" or "')}" in its name or files. The names: ${all.map(({ name }) => name).join(', ')}.`,
  );
if (!Number.isInteger(parallel) || parallel < 1) exit('--parallel must be a whole number above 0.');
if (values.write && values.only !== undefined) exit('--write needs all mutants: leave out --only.');

// The copies and their processes are removed on exit.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

const say = (line: string) => process.stderr.write(`${line}\n`);
say(`${chosen.length} mutants. First their tests without them …`);
const { resume } = values;
let tried = 0;
const rows = await tryMutants({
  root,
  mutants: chosen,
  parallel,
  earlier: resume === undefined || !existsSync(resume) ? [] : readRows(resume),
  onRow: (row, done, leftMs) => {
    tried += 1;
    if (resume !== undefined) appendFileSync(resume, `${JSON.stringify(row)}\n`);
    say(`${done}/${chosen.length} ${lineOf(row)}${done < chosen.length ? `, about ${minutes(leftMs)} left` : ''}`);
  },
});
const bad = rows.filter(({ result }) => result !== 'killed');
const kept = rows.length - tried;
const survived = rows.filter(({ result }) => result === 'survived').length;
const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim();
const summary = { mutants: rows.length, survived, errors: bad.length - survived };
if (values.json) process.stdout.write(`${JSON.stringify({ ...summary, commit, rows }, undefined, 2)}\n`);
else process.stdout.write(`${[...bad.map(lineOf), JSON.stringify(summary)].join('\n')}\n`);
if (bad.length > 0) process.exitCode = 1;
else if (values.write)
  await writeTables(
    join(root, 'docs/security.md'),
    areas,
    `Last run, at commit ${commit}: ${rows.length} mutants, 0 survived.${kept === 0 ? '' : ` ${kept} of them were tried in an earlier run, with the same source and test file.`}`,
  );

function lineOf({ result, name, ms, killedBy, test }: Row): string {
  return `${result} ${name} (${(ms / 1000).toFixed(1)} s): ${killedBy ?? `no test failed, ${test}`}`;
}

function readRows(file: string): Row[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Row);
}

function minutes(ms: number): string {
  return ms < 90_000 ? `${Math.ceil(ms / 1000)} s` : `${Math.ceil(ms / 60_000)} minutes`;
}

function exit(problem: string): never {
  process.stderr.write(`${problem}\n`);
  process.exit(2);
}

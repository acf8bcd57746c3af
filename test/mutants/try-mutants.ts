import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256 } from '@holdpoint/json/digest';
import type { Mutant, NamedTest } from './mutant.ts';
import { isNamed, runTests } from './run-tests.ts';
import { applyChanges, copyRepository, staleness } from './working-copy.ts';

/**
 * `killed`: a named test failed. `survived`: all passed. The others are errors. `stale`: the sources don't have the text.
 * `failing`: the tests fail or are missing without the mutant. `broken`: the sources don't load with it, or never end.
 */
export type Result = 'killed' | 'survived' | 'stale' | 'failing' | 'broken';

export type Row = {
  name: string;
  protection: string;
  file: string;
  test: string;
  result: Result;
  /** The first test that failed, with the first line of its failure. Of an error: its reason. */
  killedBy: string | null;
  ms: number;
  /** SHA-256 of the mutant, of the files that it changes and of its test file. */
  digest: string;
};

export type Trial = {
  root: string;
  mutants: readonly Mutant[];
  /** Copies of the repository, each of which takes one mutant at a time. */
  parallel: number;
  /** Rows of an earlier run. A mutant that was killed is not tried again unless its digest changed. */
  earlier?: readonly Row[];
  /** Gets each row with the milliseconds that the rest will take. */
  onRow?: (row: Row, done: number, leftMs: number) => void;
};

/** For all named tests of the sources as they are. */
const baselineLimitMs = 20 * 60_000;
const mutantLimitMs = 4 * 60_000;
/** A test that fails with one of these has not judged: the mutant is no program. */
const notLoaded =
  /^(SyntaxError|ReferenceError)\b|does not provide an export|Failed to (load|resolve|parse)|Transform failed/;

/** Applies each mutant to a temporary copy of the repository and runs its test there. The repository stays unchanged. */
export async function tryMutants({ root, mutants, parallel, earlier = [], onRow }: Trial): Promise<Row[]> {
  const killed = new Map(earlier.filter(({ result }) => result === 'killed').map((row) => [row.digest, row]));
  const rows = new Map<Mutant, Row>();
  for (const mutant of mutants) {
    const row = killed.get(digestOf(root, mutant));
    if (row) rows.set(mutant, row);
  }
  const left = mutants.filter((mutant) => !rows.has(mutant));
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'holdpoint-mutants-'));
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  process.once('exit', remove);
  try {
    const copies = Array.from({ length: Math.min(parallel, left.length) }, (_, lane) => join(folder, String(lane)));
    for (const copy of copies) copyRepository(root, copy);
    const failing = copies[0] === undefined ? new Map<Mutant, string>() : await failingBefore(copies[0], left);
    const began = performance.now();
    const queue = [...left];
    await Promise.all(
      copies.map(async (copy) => {
        for (let mutant = queue.shift(); mutant; mutant = queue.shift()) {
          const row = await tryMutant(copy, mutant, failing.get(mutant));
          rows.set(mutant, row);
          const done = rows.size - (mutants.length - left.length);
          onRow?.(row, rows.size, ((performance.now() - began) / done) * (left.length - done));
        }
      }),
    );
    return mutants.map((mutant) => rows.get(mutant) as Row);
  } finally {
    remove();
    process.removeListener('exit', remove);
  }
}

function digestOf(root: string, { changes, test }: Mutant): string {
  const texts = [...changes.map(({ file }) => file), test.file]
    .map((file) => join(root, file))
    .map((path) => (existsSync(path) ? readFileSync(path, 'utf8') : ''));
  return sha256(JSON.stringify([changes, test, texts]));
}

/** Why the tests of a mutant can't judge it: they fail or are missing without it. */
async function failingBefore(copy: string, mutants: readonly Mutant[]): Promise<Map<Mutant, string>> {
  const { tests, problem } = await runTests(
    copy,
    mutants.map(({ test }) => test),
    baselineLimitMs,
  );
  const reasonOf = (test: NamedTest, ran: typeof tests, otherwise: string | undefined) => {
    const named = ran.filter((each) => isNamed(each, test));
    if (named.length === 0) return otherwise ?? 'no test of the file has this name, or it is skipped';
    return named.find(({ failure }) => failure !== undefined)?.failure;
  };
  const reasons = new Map<Mutant, string>();
  for (const mutant of mutants) {
    if (reasonOf(mutant.test, tests, problem) === undefined) continue;
    // On a busy machine a test may fail among many: alone it has another try.
    const alone = await runTests(copy, [mutant.test], mutantLimitMs);
    const reason = reasonOf(mutant.test, alone.tests, alone.problem);
    if (reason !== undefined) reasons.set(mutant, reason);
  }
  return reasons;
}

async function tryMutant(copy: string, mutant: Mutant, failing: string | undefined): Promise<Row> {
  const { name, mechanism, changes, test } = mutant;
  const began = performance.now();
  const digest = digestOf(copy, mutant);
  const row = (result: Result, killedBy: string | null): Row => ({
    name,
    protection: mechanism,
    file: changes[0].file,
    test: `${test.file}: ${test.name}`,
    result,
    killedBy,
    ms: Math.round(performance.now() - began),
    digest,
  });
  const stale = staleness(copy, changes);
  if (stale !== undefined) return row('stale', stale);
  if (failing !== undefined) return row('failing', failing);
  const restore = applyChanges(copy, changes);
  try {
    const { tests, problem } = await runTests(copy, [test], mutantLimitMs);
    const named = tests.filter((each) => isNamed(each, test));
    const killer = named.find(({ failure }) => failure !== undefined);
    if (killer?.failure !== undefined)
      return row(notLoaded.test(killer.failure) ? 'broken' : 'killed', `${killer.fullName}: ${killer.failure}`);
    if (problem !== undefined || named.length === 0) return row('broken', problem ?? 'no test ran');
    return row('survived', null);
  } finally {
    restore();
  }
}

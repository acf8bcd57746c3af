import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import type { FuzzFailure, FuzzReport } from './run-fuzz.ts';

type Counts = { inputs: number; crashes: number; unhandled: number; http500: number };

/** The result of one run, as `--json` prints it. */
export type FuzzResult = Counts & {
  seed: number;
  commit: string;
  seconds: number;
  targets: Array<Counts & { target: string; seconds: number; parts?: Record<string, number> | undefined }>;
  failures: Array<FuzzFailure & { target: string }>;
};

/** Sums up the reports of all targets. */
export function resultOf(
  reports: readonly FuzzReport[],
  { seed, commit, seconds }: { seed: number; commit: string; seconds: number },
): FuzzResult {
  const targets = reports.map(({ target, inputs, seconds: spent, failures, parts }) => ({
    target,
    inputs,
    ...countsOf(failures),
    seconds: Math.round(spent * 10) / 10,
    ...(parts && { parts }),
  }));
  const failures = reports.flatMap(({ target, failures: own }) => own.map((failure) => ({ target, ...failure })));
  return {
    inputs: reports.reduce((sum, { inputs }) => sum + inputs, 0),
    ...countsOf(failures),
    seed,
    commit,
    seconds: Math.round(seconds),
    targets,
    failures,
  };
}

function countsOf(failures: readonly FuzzFailure[]): Omit<Counts, 'inputs'> {
  const count = (kind: FuzzFailure['kind']) => failures.filter((failure) => failure.kind === kind).length;
  return { crashes: count('crash'), unhandled: count('unhandled'), http500: count('http500') };
}

/** The shortest input that fails, and how to repeat it. */
export function failureText(
  { target, kind, input, problem }: FuzzResult['failures'][number],
  seed: number,
  inputs: number,
): string {
  return [
    `\n${target}: ${kind}`,
    `  input: ${input}`,
    `  ${problem.replaceAll('\n', '\n  ')}`,
    `  again: npm run test:fuzz -- --only '${target}' --seed ${seed} --inputs ${inputs}\n`,
  ].join('\n');
}

/** The table for people, in Markdown. */
export function tableOf({ targets, ...sum }: FuzzResult): string {
  const row = ({ target, ...counts }: Counts & { target: string }) =>
    `| ${target} | ${counts.inputs.toLocaleString('en')} | ${counts.crashes} | ${counts.unhandled} | ${counts.http500} |`;
  return [
    `Commit ${sum.commit}, seed ${sum.seed}, ${sum.seconds} s.`,
    '',
    '| target | inputs | crashes | unhandled | 5xx |',
    '| --- | ---: | ---: | ---: | ---: |',
    ...targets.map(row),
    row({ target: '**all**', ...sum }),
  ].join('\n');
}

const begin = '<!-- fuzz: written by npm run test:fuzz -- --write -->';
const end = '<!-- end of fuzz -->';

/** Puts the table into docs/security.md, between its two marks. */
export async function writeTable(result: FuzzResult): Promise<void> {
  const file = fileURLToPath(new URL('../../docs/security.md', import.meta.url));
  const text = readFileSync(file, 'utf8');
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/security.md lacks the lines ${begin} and ${end}.`);
  const written = `${text.slice(0, from + begin.length)}\n\n${tableOf(result)}\n\n${text.slice(to)}`;
  writeFileSync(file, await format(written, { ...(await resolveConfig(file)), filepath: file }));
}

/** The commit that the working tree is based on. */
export function presentCommit(): string {
  return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
}

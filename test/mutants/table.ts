import { readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import type { Area } from './list.ts';
import type { Mutant } from './mutant.ts';

const [begin, end] = ['<!-- mutants -->', '<!-- end of mutants -->'];

/** Writes the tables of protections into a page, between its two markers, under a sentence about the last run. */
export async function writeTables(page: string, areas: readonly Area[], lastRun: string): Promise<void> {
  const text = readFileSync(page, 'utf8');
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from === -1 || to < from)
    throw new Error(`${page} has no place for the tables: the lines "${begin}" and "${end}".`);
  const parts = [begin, lastRun, ...areas.flatMap(({ title, mutants }) => [`### ${title}`, table(mutants)])];
  const written = `${text.slice(0, from)}${parts.join('\n\n')}\n\n${text.slice(to)}`;
  writeFileSync(page, await format(written, { ...(await resolveConfig(page)), filepath: page }));
}

function table(mutants: readonly Mutant[]): string {
  const rows = mutants.map(({ promise, mechanism, changes: [{ file }], test }) => [
    promise,
    `${mechanism} ([${baseName(file)}](../${file}))`,
    `${test.name} ([${baseName(test.file)}](../${test.file}))`,
  ]);
  return [['promise', 'mechanism', 'test'], ['---', '---', '---'], ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`)
    .join('\n');
}

function baseName(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1);
}

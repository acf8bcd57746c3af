import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { kindsOfHarm } from './judge.ts';
import type { CellRow } from './play-cell.ts';
import { summaryOf } from './summary.ts';

const page = fileURLToPath(new URL('../../../docs/reliability.md', import.meta.url));
const [begin, end] = ['<!-- measured: faults -->', '<!-- end of faults -->'];
const columns = ['struck', 'fault', 'steps', 'cells', ...kindsOfHarm, 'slowest recovery'];
const names: Record<string, string> = { wrongArguments: 'wrong arguments' };

/** One line for each struck part and fault. */
export function matrixTable(rows: readonly CellRow[]): string {
  const groups = Map.groupBy(rows, ({ on, fault, lane }) => `${on}${lane === 'sqlite' ? ' (SQLite)' : ''}|${fault}`);
  const lines = [...groups].map(([name, group]) => {
    const [on, fault] = name.split('|') as [string, string];
    const { worstRecoveryMs, cells, ...counts } = summaryOf(group);
    const steps = [...new Set(group.map(({ step }) => step))].join(', ');
    return [
      on,
      fault,
      steps,
      String(cells),
      ...kindsOfHarm.map((harm) => String(counts[harm])),
      `${(worstRecoveryMs / 1000).toFixed(1)} s`,
    ];
  });
  const header = columns.map((name) => names[name] ?? name);
  const widths = header.map((name, column) =>
    Math.max(...[name, ...lines.map((line) => line[column] ?? '')].map((text) => text.length)),
  );
  const text = (line: readonly string[]) =>
    `| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [text(header), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...lines.map(text)].join('\n');
}

/** Writes the table between its marks in docs/reliability.md. @returns the file @throws Error if the marks are missing */
export function writeReliabilityTable(rows: readonly CellRow[], seconds: number): string {
  const text = readFileSync(page, 'utf8');
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from === -1 || to < from) throw new Error(`docs/reliability.md has no lines "${begin}" and "${end}".`);
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: fileURLToPath(new URL('.', import.meta.url)), encoding: 'utf8' }).trim();
  const { cells, worstRecoveryMs, invalid, ...harms } = summaryOf(rows);
  const counts = kindsOfHarm.map((harm) => `${names[harm] ?? harm} ${harms[harm]}`).join(', ');
  const facts =
    `${cells} cells at commit ${git('rev-parse', '--short', 'HEAD')}, ${git('show', '--no-patch', '--format=%cs', 'HEAD')}: ${counts}` +
    `${invalid > 0 ? `, without a result ${invalid}` : ''}. Slowest recovery: ${(worstRecoveryMs / 1000).toFixed(1)} s. ` +
    `Played in ${(seconds / 60).toFixed(0)} minutes.`;
  writeFileSync(page, `${text.slice(0, from)}${begin}\n\n${facts}\n\n${matrixTable(rows)}\n\n${text.slice(to)}`);
  return page;
}

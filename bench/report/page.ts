import { figures, met } from '../goals.ts';
import type { Fact } from '../measurement.ts';
import type { Plot } from './plots.ts';
import type { Report } from './report.ts';
import { shown, spreadText, verdict } from './tables.ts';

/** The part of docs/benchmarks.md for the reports of one form, in Markdown. The newest report comes first. */
export function reportPart(reports: readonly Report[], plots: readonly Plot[]): string {
  const goalRows = figures.map(({ id, figure, goal, goals }) => {
    const number = reports.findIndex(({ results }) => results.some((each) => each.id === id));
    const result = reports[number]?.results.find((each) => each.id === id);
    const named = (name: string, text: string): string => (name === '' ? text : `${name}: ${text}`);
    const measured =
      result === undefined ? ['–'] : goals.map(({ name }) => named(name, shown(result.values[name] as number)));
    const spreads = goals.flatMap(({ name }) =>
      result?.spreads?.[name] ? [named(name, spreadText(result.spreads[name]))] : [],
    );
    return [
      figure,
      measured.join('<br>'),
      spreads.join('<br>'),
      goal,
      verdict(met(goals, result?.values ?? null)),
      result === undefined ? '' : `${number + 1}`,
    ];
  });
  const facts = reports.flatMap((report, index) => report.facts.map((fact) => ({ ...fact, number: index + 1 })));
  return [
    reports.map((report, index) => `${index + 1}. ${measuredLine(report)}`).join('\n'),
    ...reports.flatMap(({ problems }) => problems.map((problem) => `**Not measured:** ${problem}`)),
    table(['figure', 'measured', 'min – median – max', 'goal', '', 'run'], goalRows),
    ...plots.slice(0, 1).map(picture),
    ...[...Map.groupBy(facts, ({ topic }) => topic)].flatMap(([topic, group]) => [
      `### ${topic}`,
      ...(reports.length > 1 ? [`Run ${group[0]!.number}.`] : []),
      ...plots.filter(({ title }) => title === topic).map(picture),
      factsPart(group),
    ]),
  ].join('\n\n');
}

function measuredLine({ at, seconds, commit, machine, versions }: Report): string {
  const programs = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const minutes = Math.max(1, Math.round(seconds / 60));
  return `Measured on ${at.slice(0, 10)} in ${minutes} minutes, at commit ${commit}: ${machine}. ${programs.join(', ')}.`;
}

/** A table of facts: with columns, or one row each. */
function factsPart(facts: readonly Fact[]): string {
  const columns = [...new Set(facts.map(({ column }) => column))];
  const names = [...new Set(facts.map(({ name }) => name))];
  const find = (name: string, column: string | undefined): Fact | undefined =>
    facts.find((fact) => fact.name === name && fact.column === column);
  return table(
    ['', ...columns.map((column) => column ?? 'measured')],
    names.map((name) => [name, ...columns.map((column) => cell(find(name, column)))]),
  );
}

function cell(fact: Fact | undefined): string {
  if (fact === undefined) return '';
  const value = `${shown(fact.value)}${fact.unit === '' ? '' : ` ${fact.unit}`}`;
  return fact.spread === undefined ? value : `${value}<br><sub>${spreadText(fact.spread)}</sub>`;
}

function picture({ file, title }: Plot): string {
  return `![${title}](benchmarks/${file})`;
}

function table(head: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  const row = (cells: readonly string[]): string =>
    `| ${cells.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`;
  return [row(head), row(head.map((_, index) => (index === 0 ? '---' : '---:'))), ...rows.map(row)].join('\n');
}

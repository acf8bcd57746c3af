import Table from 'cli-table3';
import { figures, met } from '../goals.ts';
import type { Spread } from '../measure/spread.ts';
import type { Fact, Result } from '../measurement.ts';
import { withoutBorders } from '../../src/cli/table.ts';

const style = { head: [], border: [] };

/** Table of the figures and their goals. */
export function figuresTable(results: readonly Result[]): string {
  const table = new Table({
    head: ['figure', 'measured', 'min – median – max', 'goal', ''],
    colWidths: [46, 24, 32, 20, 10],
    wordWrap: true,
    style,
  });
  for (const { id, figure, goal, goals } of figures) {
    const result = results.find((each) => each.id === id);
    const lines = goals.map(({ name }) =>
      result === undefined ? '' : `${name === '' ? '' : `${name} `}${shown(result.values[name] as number)}`,
    );
    const spreads = goals.map(({ name }) => spreadText(result?.spreads?.[name]));
    table.push([
      figure,
      lines.join('\n') || '–',
      spreads.join('\n'),
      goal,
      verdict(met(goals, result?.values ?? null)),
    ]);
  }
  return table.toString();
}

/** Tables of the facts, by topic. */
export function factsTable(facts: readonly Fact[]): string {
  const topics = Map.groupBy(facts, (fact) => fact.topic);
  return [...topics]
    .map(([topic, group]) => {
      const table = new Table({
        chars: withoutBorders(''),
        colWidths: [66, 14, 36],
        colAligns: ['left', 'right', 'right'],
        style: { ...style, 'padding-left': 0 },
      });
      table.push(
        ...group.map(({ name, column, value, unit, spread }) => [
          `  ${name}${column === undefined ? '' : `, ${column}`}`,
          `${shown(value)}${unit === '' ? '' : ` ${unit}`}`,
          spreadText(spread),
        ]),
      );
      return `${topic}\n${table.toString()}`;
    })
    .join('\n\n');
}

/** Status of a goal, in a word. */
export function verdict(isMet: boolean | null): string {
  return isMet === null ? 'not run' : isMet ? 'met' : 'MISSED';
}

/** Minimum, median and maximum. Empty for a single measurement. */
export function spreadText(spread: Spread | undefined): string {
  return spread === undefined ? '' : `${shown(spread.min)} – ${shown(spread.median)} – ${shown(spread.max)}`;
}

/** Three significant digits. */
export function shown(value: number): string {
  if (Number.isInteger(value)) return value.toLocaleString('en');
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

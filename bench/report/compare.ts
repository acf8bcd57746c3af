import { readFileSync } from 'node:fs';
import { figures } from '../goals.ts';
import type { Spread } from '../measure/spread.ts';
import type { JsonEntry } from './json-document.ts';
import { shown } from './tables.ts';

/** One number of a figure that moved between two runs by more than their noise. */
export type Move = { figure: string; before: number; after: number; better: boolean };

/** Reads what `--json` printed. @throws Error that names the file and says what it must be. */
export function readEarlier(file: string): JsonEntry[] {
  const what = `--compare ${file} must be a file that \`npm run bench -- --json\` printed`;
  let document: unknown;
  try {
    document = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new Error(`${what}. It can't be read as JSON.`, { cause });
  }
  if (
    !Array.isArray(document) ||
    !document.every((each) => typeof each === 'object' && each !== null && 'figure' in each)
  )
    throw new Error(`${what}. It is other JSON.`);
  return document as JsonEntry[];
}

/**
 * The numbers that moved. A repeated one has moved if its ranges over the rounds do not overlap. One without rounds has
 * moved if it is another one. Numbers of one run only are left out.
 */
export function moves(before: readonly JsonEntry[], after: readonly JsonEntry[]): Move[] {
  return figures.flatMap(({ id, figure, goals }) => {
    const [one, other] = [find(before, { id, figure }), find(after, { id, figure })];
    return goals.flatMap((goal): Move[] => {
      const [from, to] = [numberOf(one?.value, goal.name), numberOf(other?.value, goal.name)];
      if (from === undefined || to === undefined) return [];
      const [earlier, later] = [rangeOf(one?.repeated, goal.name, from), rangeOf(other?.repeated, goal.name, to)];
      if (later.min <= earlier.max && earlier.min <= later.max) return [];
      const name = goal.name === '' ? figure : `${figure}, ${goal.name}`;
      return [{ figure: name, before: from, after: to, better: 'atLeast' in goal ? to > from : to < from }];
    });
  });
}

/** The moves as lines of text. */
export function comparison(before: readonly JsonEntry[], after: readonly JsonEntry[]): string {
  const found = moves(before, after);
  if (found.length === 0) return 'Compared with the earlier run, no figure moved by more than its noise.';
  return [
    'Moved by more than the noise since the earlier run:',
    ...found.map(
      ({ figure, before: from, after: to, better }) =>
        `  ${better ? 'better' : 'WORSE '}  ${shown(from)} → ${shown(to)}  ${figure}`,
    ),
  ].join('\n');
}

/** A document of a version before has no ids. */
function find(entries: readonly JsonEntry[], { id, figure }: { id: string; figure: string }): JsonEntry | undefined {
  return entries.find((entry) => (entry.id ?? entry.figure) === id || entry.figure === figure);
}

function numberOf(value: JsonEntry['value'] | undefined, name: string): number | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'number') return name === '' ? value : undefined;
  return value[name];
}

function rangeOf(repeated: JsonEntry['repeated'], name: string, value: number): Pick<Spread, 'min' | 'max'> {
  const found =
    name === '' ? (repeated as Spread | undefined) : (repeated as Record<string, Spread> | undefined)?.[name];
  return found ?? { min: value, max: value };
}

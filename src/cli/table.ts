import Table from 'cli-table3';

const GAP = '  ';
const borders = [
  'top',
  'top-mid',
  'top-left',
  'top-right',
  'bottom',
  'bottom-mid',
  'bottom-left',
  'bottom-right',
  'left',
  'left-mid',
  'mid',
  'mid-mid',
  'right',
  'right-mid',
];
const CHARACTERS = { ...Object.fromEntries(borders.map((name) => [name, ''])), middle: GAP };

/**
 * Rows in columns under a head. When a terminal of `width` characters is too narrow, each row becomes a block: its first
 * cell, and below it the other cells with their names. Output into a pipe is always in columns.
 */
export function table(head: readonly string[], rows: readonly string[][], width = process.stdout.columns): string {
  const cells = rows.map((row) => row.map((cell) => cell.replaceAll(/\s+/g, ' ')));
  const made = new Table({
    head: [...head],
    chars: CHARACTERS,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  made.push(...cells);
  const text = made.toString().replaceAll(/ +$/gm, '');
  // A terminal of unknown width has 0.
  if (!width || text.split('\n').every((line) => line.length <= width)) return text;
  return cells.map((row) => block(head, row)).join('\n\n');
}

function block([, ...names]: readonly string[], [first = '', ...rest]: readonly string[]): string {
  const longest = Math.max(...names.map((name) => name.length));
  return [
    first,
    ...rest.flatMap((cell, index) =>
      cell === '' ? [] : [`${GAP}${(names[index] ?? '').padEnd(longest)}${GAP}${cell}`],
    ),
  ].join('\n');
}

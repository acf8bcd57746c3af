import Table from 'cli-table3';

const gap = '  ';
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
/** The characters of a cli-table3 table without lines. @param gap Between two columns. */
export function withoutBorders(gap: string): Record<string, string> {
  return { ...Object.fromEntries(borders.map((name) => [name, ''])), middle: gap };
}

/** A cell above this length makes blocks: cli-table3 takes seconds to lay out 10,000 characters. */
const longestCell = 1000;

/**
 * Rows in columns under a head. When a terminal of `width` characters is too narrow, each row becomes a block: its
 * first cell, and below it the other cells with their names. Output into a pipe is in columns, up to cells of 1,000
 * characters.
 */
export function table(head: readonly string[], rows: readonly string[][], width = process.stdout.columns): string {
  const cells = rows.map((row) => row.map(oneLine));
  const blocks = () => cells.map((row) => block(head, row)).join('\n\n');
  if (cells.some((row) => row.some((cell) => cell.length > longestCell))) return blocks();
  const made = new Table({
    head: [...head],
    chars: withoutBorders(gap),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  made.push(...cells);
  const text = made.toString().replaceAll(/ +$/gm, '');
  // A terminal of unknown width has 0.
  if (!width || text.split('\n').every((line) => line.length <= width)) return text;
  return blocks();
}

/** Line breaks and tabs become one space, together with the space around them. */
function oneLine(cell: string): string {
  const [first = '', ...rest] = cell.split(/[\n\r\t]+/);
  if (rest.length === 0) return cell;
  const last = rest.pop() ?? '';
  const middle = rest.map((part) => part.trim()).filter((part) => part !== '');
  return [first.trimEnd(), ...middle, last.trimStart()].join(' ');
}

function block([, ...names]: readonly string[], [first = '', ...rest]: readonly string[]): string {
  const longest = Math.max(...names.map((name) => name.length));
  return [
    first,
    ...rest.flatMap((cell, index) =>
      cell === '' ? [] : [`${gap}${(names[index] ?? '').padEnd(longest)}${gap}${cell}`],
    ),
  ].join('\n');
}

import { describe, expect, it } from 'vitest';
import { table } from '../../src/cli/table.ts';

const HEAD = ['id', 'name', 'note'];
const ROWS = [
  ['key_1', 'billing', 'made\nby ana'],
  ['key_2', 'ops', ''],
];
const COLUMNS = 'id     name     note\nkey_1  billing  made by ana\nkey_2  ops';
const BLOCKS = 'key_1\n  name  billing\n  note  made by ana\n\nkey_2\n  name  ops';

describe('a table on a terminal', () => {
  it.each([
    ['has columns where there is room', 27, COLUMNS],
    ['has a block for each row where there is none', 26, BLOCKS],
    ['has columns where it goes into a pipe, or the terminal does not tell its width', undefined, COLUMNS],
    ['has columns on a terminal of no width', 0, COLUMNS],
  ])('%s', (_what, width, text) => {
    expect(table(HEAD, ROWS, width)).toBe(text);
  });

  it.each([
    ['spaces', ' '.repeat(50_000) + 'x'],
    ['letters', 'x'.repeat(50_000)],
    ['joined emoji', '👩‍👩‍👧'.repeat(6000)],
  ])('a cell of 50,000 %s → blocks, even in a pipe', (_what, long) => {
    expect(table(HEAD, [['key_1', long, 'a']], undefined)).toBe(`key_1\n  name  ${long}\n  note  a`);
  });

  it('white space around line breaks and tabs → one space', () => {
    expect(table(['id', 'text'], [['1', ' a \n\t \n b\r\nc ']], 0)).toBe('id  text\n1    a b c');
  });
});

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { mutants } from './list.ts';
import { staleness } from './working-copy.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

describe('list of mutants', () => {
  it.each(mutants)('$name → its text stands once in the sources, and its test is there', ({ changes, test }) => {
    expect(staleness(root, changes)).toBeUndefined();
    expect(existsSync(join(root, test.file)), test.file).toBe(true);
    const source = readFileSync(join(root, test.file), 'utf8');
    // Of `it.each` the name has the row and the title, which stand apart.
    expect(test.name.split(' → ').filter((part) => !source.includes(part))).toEqual([]);
  });

  it('names → unique', () => {
    expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
  });
});

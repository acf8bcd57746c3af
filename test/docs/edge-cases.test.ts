import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { documentNamed, root } from './documents.ts';

const rows = documentNamed('docs/openai-edge-cases.md')
  .split('\n')
  .filter((line) => line.startsWith('| F'));
const files = (await readdir(join(root, 'test'), { recursive: true })).filter(
  (file) => file.endsWith('.test.ts') && !file.startsWith('docs/'),
);
const tests = new Map(
  await Promise.all(
    files.map(async (file) => [`test/${file}`, await readFile(join(root, 'test', file), 'utf8')] as const),
  ),
);

it('docs/openai-edge-cases.md: thirty-five cases → one row each', () => {
  expect(rows.map((row) => Number(/^\| F(\d+)/.exec(row)?.[1]))).toEqual(
    Array.from({ length: 35 }, (_, index) => index + 1),
  );
});

it.each(rows.map((row) => [/^\| F(\d+)/.exec(row)?.[1], row] as const))(
  'edge case F%s: existing test files for each API, or the reason for none',
  (number, row) => {
    for (const cell of row.split('|').slice(-3, -1)) {
      const named = [...cell.matchAll(/\]\(\.\.\/([^)]+)\)/g)].map(([, file]) => file as string);
      const excused = /^(does not arise|Agents API only)$/.test(cell.trim());
      expect(named.length > 0 || excused, cell).toBe(true);
      expect(named.filter((file) => !existsSync(join(root, file)))).toEqual([]);
    }
    // Names of tests begin with the numbers of their cases.
    const tagged = new RegExp(`['"\`](?:F\\.?\\d+,? )*F\\.?${number}\\b`);
    const showing = [...tests].filter(([, text]) => tagged.test(text)).map(([file]) => file);
    expect(showing.length === 0 || showing.some((file) => row.includes(`../${file})`)), row).toBe(true);
  },
);

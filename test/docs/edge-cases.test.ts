import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const page = await readFile(`${root}docs/openai-edge-cases.md`, 'utf8');
const rows = page.split('\n').filter((line) => line.startsWith('| F'));
const sources = (await readdir(`${root}test`, { recursive: true })).filter(
  (file) => file.endsWith('.test.ts') && !file.startsWith('docs/'),
);
const tests = (await Promise.all(sources.map((file) => readFile(`${root}test/${file}`, 'utf8')))).join('\n');

it('docs/openai-edge-cases.md: thirty-five cases → one row each', () => {
  expect(rows.map((row) => Number(/^\| F(\d+)/.exec(row)?.[1]))).toEqual(
    Array.from({ length: 35 }, (_, index) => index + 1),
  );
});

it.each(rows.map((row) => [/^\| (F\d+)/.exec(row)?.[1], row] as const))(
  'edge case %s: an existing test for each API, or the reason for none',
  (_case, row) => {
    const shown = row.split('|').slice(-3, -1);
    for (const cell of shown) {
      const named = [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name as string);
      const excused = /^(does not arise|Agents API only|with the next release)$/.test(cell.trim());
      expect(named.length > 0 || excused, cell).toBe(true);
      expect(
        named.filter((name) => (name.startsWith('test/') ? !existsSync(`${root}${name}`) : !tests.includes(name))),
      ).toEqual([]);
    }
  },
);

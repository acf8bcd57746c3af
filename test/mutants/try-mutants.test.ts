import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Mutant } from './mutant.ts';
import { tryMutants, type Row } from './try-mutants.ts';

const ours = fileURLToPath(new URL('../../node_modules', import.meta.url));
const source = `export const mayRun = (role: string): boolean => role === 'admin';
export const limit = (count: number): boolean => count < 10;
`;
const tests = `import { expect, it } from 'vitest';
import { limit, mayRun } from './roles.ts';

it('a reviewer → refused', () => expect(mayRun('reviewer')).toBe(false));
it('five → within the limit', () => expect(limit(5)).toBe(true));
it('always fails', () => expect(limit(5)).toBe(false));
`;
const mutant = (name: string, find: string, replace: string, test: string): Mutant => ({
  name,
  promise: `${name}.`,
  mechanism: name,
  changes: [{ file: 'roles.ts', find, replace }],
  test: { file: 'roles.test.ts', name: test },
});

let root: string;
let rows: Row[];
beforeAll(async () => {
  root = mkdtempSync(join(realpathSync(tmpdir()), 'holdpoint-mutants-test-'));
  mkdirSync(join(root, 'node_modules'));
  symlinkSync(join(ours, 'vitest'), join(root, 'node_modules/vitest'));
  symlinkSync(join(ours, 'vite'), join(root, 'node_modules/vite'));
  writeFileSync(join(root, '.gitignore'), 'node_modules\n');
  writeFileSync(join(root, 'package.json'), '{ "type": "module" }\n');
  writeFileSync(join(root, 'roles.ts'), source);
  writeFileSync(join(root, 'roles.test.ts'), tests);
  execFileSync('git', ['init', '--quiet'], { cwd: root });
  rows = await tryMutants({
    root,
    parallel: 2,
    mutants: [
      mutant('role', "role === 'admin'", "role !== ''", 'a reviewer → refused'),
      mutant('limit', 'count < 10', 'count < 9', 'five → within the limit'),
      mutant('gone', 'count <= 10', 'true', 'five → within the limit'),
      mutant('red', 'count < 10', 'count > 10', 'always fails'),
      mutant('nameless', 'count < 10', 'count > 10', 'six → within the limit'),
      mutant('syntax', 'count < 10;', 'count <', 'five → within the limit'),
      mutant('undeclared', 'count < 10', 'amount < 10', 'five → within the limit'),
    ],
  });
});
afterAll(() => rmSync(root, { recursive: true }));

it.each([
  ['role', 'killed', 'a reviewer → refused: AssertionError: expected true to be false'],
  ['limit', 'survived', 'no test failed'],
  ['gone', 'stale', 'roles.ts has 0 times the text "count <= 10", expected once'],
  ['red', 'failing', 'AssertionError: expected true to be false'],
  ['nameless', 'failing', 'no test of the file has this name'],
  ['syntax', 'broken', 'roles.test.ts: '],
  ['undeclared', 'broken', 'ReferenceError: amount is not defined'],
] as const)('tryMutants: mutant “%s” → %s', (name, result, reason) => {
  const row = rows.find((each) => each.name === name);
  expect(row?.result).toBe(result);
  expect(row?.killedBy ?? 'no test failed').toContain(reason);
});

it('tryMutants: the repository → unchanged', () => {
  expect(readFileSync(join(root, 'roles.ts'), 'utf8')).toBe(source);
});

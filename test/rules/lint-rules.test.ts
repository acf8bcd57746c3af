import { afterAll, beforeAll, expect, it } from 'vitest';
import { plantedCopy, type PlantedCopy } from './planted-copy.ts';

/** Rules for code that the compiler accepts, each with a file that violates it. */
const plants: Record<string, string> = {
  'typescript(no-floating-promises)': 'export function planted(): void {\n  Promise.resolve(1);\n}\n',
  'typescript(no-misused-promises)':
    "export function planted(work: () => Promise<boolean>): string {\n  return work() ? 'yes' : 'no';\n}\n",
  'typescript(switch-exhaustiveness-check)':
    "export function planted(word: 'one' | 'two'): number {\n  let number = 0;\n  switch (word) {\n    case 'one':\n      number = 1;\n  }\n  return number;\n}\n",
  'typescript(no-explicit-any)': 'export const planted: any = 1;\n',
  'typescript(consistent-type-imports)': "import { Stats } from 'node:fs';\nexport type Planted = Stats;\n",
  'eslint(max-lines)': 'export const planted = [\n' + '  1,\n'.repeat(350) + '];\n',
};
const fileOf = (rule: string) => `src/planted-${rule.replaceAll(/\W+/g, '-')}.ts`;

let copy: PlantedCopy;
let found: Array<{ code: string; filename: string; severity: string }>;
beforeAll(async () => {
  copy = plantedCopy(
    ['tsconfig.json', '.oxlintrc.json', 'package.json'],
    Object.fromEntries(Object.entries(plants).map(([rule, text]) => [fileOf(rule), text])),
  );
  const report = JSON.parse(await copy.run('oxlint/bin/oxlint', ['--type-aware', '--format', 'json', 'src'])) as {
    diagnostics: typeof found;
  };
  found = report.diagnostics;
});
afterAll(() => copy.remove());

it.each(Object.keys(plants))('lint rule %s: planted violation → error', (rule) => {
  expect(
    found.filter(({ severity }) => severity === 'error').map(({ code, filename }) => `${code} ${filename}`),
  ).toContain(`${rule} ${fileOf(rule)}`);
});

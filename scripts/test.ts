/**
 * `npm test`: every check and test, one after the other, each with its own command line printed so that it can be run
 * alone. All of them run, also after a failure.
 *
 *   npm test                        everything
 *   npm test -- test/gateway        all checks, and the tests whose path has this in it
 *   npm test -- --report FILE       also writes what came of it, as JSON (`TestReport`)
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { countTests, type Check, type TestReport, type VitestReport } from './test-report.ts';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { report: { type: 'string' } } });
const root = fileURLToPath(new URL('../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'holdpoint-test-'));
const vitestReport = join(folder, 'vitest.json');

const checks: ReadonlyArray<{ name: string; says: string; command: readonly string[] }> = [
  { name: 'types', says: 'types', command: ['tsc', '--noEmit'] },
  {
    name: 'lint',
    says: 'lint, with types',
    command: ['oxlint', '--type-aware', 'src', 'packages', 'test', 'examples', 'demo', 'scripts', 'bench'],
  },
  { name: 'rules', says: 'who may import whom', command: ['depcruise', 'src', 'packages'] },
];

const began = performance.now();
const run = (says: string, command: readonly string[]): Check['passed'] => {
  const [program = '', ...args] = command;
  process.stdout.write(`\n${says}: npx ${command.join(' ')}\n`);
  const { status, error } = spawnSync(join(root, 'node_modules', '.bin', program), args, {
    cwd: root,
    stdio: 'inherit',
  });
  if (error !== undefined) process.stdout.write(`${error.message}\n`);
  return status === 0;
};

const checked: Check[] = checks.map(({ name, says, command }) => ({ name, passed: run(says, command) }));
const testsPassed = run('tests', [
  'vitest',
  'run',
  ...positionals,
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${vitestReport}`,
]);
const tests = countTests(readReport(), testsPassed);
rmSync(folder, { recursive: true, force: true });
if (values.report !== undefined)
  writeFileSync(values.report, `${JSON.stringify({ checks: checked, tests } satisfies TestReport, undefined, 2)}\n`);

const failed = [...checked.filter(({ passed }) => !passed).map(({ name }) => name), ...(testsPassed ? [] : ['tests'])];
const took = `${((performance.now() - began) / 60_000).toFixed(1)} minutes`;
process.stdout.write(
  failed.length === 0
    ? `\nAll is well: types, lint, rules and ${tests.passed} tests, in ${took}.\n`
    : `\nFailed: ${failed.join(', ')} (${took}).\n`,
);
process.exitCode = failed.length === 0 ? 0 : 1;

function readReport(): VitestReport | undefined {
  try {
    return JSON.parse(readFileSync(vitestReport, 'utf8')) as VitestReport;
  } catch {
    // vitest did not come so far; it has said why.
    return undefined;
  }
}

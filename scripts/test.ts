/**
 * `npm test`: runs every check and test, also after a failure.
 *
 *   npm test                        everything
 *   npm test -- test/gateway        all checks, and the tests whose path contains test/gateway
 *   npm test -- --report FILE       also writes the result, as JSON (`TestReport`)
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { checks, countTests, type Check, type TestReport, type VitestReport } from './test-report.ts';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { report: { type: 'string' } } });
const root = fileURLToPath(new URL('../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'holdpoint-test-'));
const vitestReport = join(folder, 'vitest.json');

const began = performance.now();
const run = (command: string, ...args: string[]): boolean => {
  process.stdout.write(`\n${[command, ...args].join(' ')}\n`);
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (error !== undefined) process.stdout.write(`${error.message}\n`);
  return status === 0;
};

const checked: Check[] = checks.map((name) => ({ name, passed: run('npm', 'run', '--silent', name) }));
const testsPassed = run(
  'npx',
  'vitest',
  'run',
  ...positionals,
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${vitestReport}`,
);
const tests = countTests(readReport(), testsPassed);
rmSync(folder, { recursive: true, force: true });
if (values.report !== undefined)
  writeFileSync(values.report, `${JSON.stringify({ checks: checked, tests } satisfies TestReport, undefined, 2)}\n`);

const failed = [...checked.filter(({ passed }) => !passed).map(({ name }) => name), ...(testsPassed ? [] : ['tests'])];
const took = `${((performance.now() - began) / 60_000).toFixed(1)} minutes`;
process.stdout.write(
  failed.length === 0
    ? `\nPassed: ${checks.join(', ')} and ${tests.passed} tests, in ${took}.\n`
    : `\nFailed: ${failed.join(', ')} (${took}).\n`,
);
process.exitCode = failed.length === 0 ? 0 : 1;

function readReport(): VitestReport | undefined {
  try {
    return JSON.parse(readFileSync(vitestReport, 'utf8')) as VitestReport;
  } catch {
    // vitest ended without a report and printed the reason.
    return undefined;
  }
}

/**
 * Last step of `.ci/run`. Reads the output of `npm run demo -- --json` and of `npm run test:all -- --report`, prints problems, then
 * `N passed, N failed, N skipped`. Exit code 0 only without failures and with permitted skips only.
 *
 *   node scripts/ci-verdict.ts DEMO-OUTPUT TEST-REPORT
 */
import { readFileSync } from 'node:fs';
import type { DemoOutcome } from '../demo/outcome.ts';
import { verdict, type TestReport } from './test-report.ts';

const [demoOutput = '', testReport = ''] = process.argv.slice(2);
const permitted = readFileSync(new URL('../.ci/permitted-skips', import.meta.url), 'utf8')
  .split('\n')
  .map((line) => line.trim())
  .filter((line) => line !== '' && !line.startsWith('#'));

const report = (read(testReport, (text) => text) as TestReport | undefined) ?? {
  checks: [{ name: 'npm run test:all left no report', passed: false }],
  tests: { passed: 0, failed: 0, failures: [], skipped: [], notRun: 0 },
};
// npm prints lines before the document.
const demo = read(demoOutput, (text) => text.split('\n').find((line) => line.startsWith('{')) ?? '') as
  DemoOutcome | undefined;
const demoPassed =
  demo !== undefined && demo.ok && demo.lost === 0 && demo.doubled === 0 && demo.kills >= 2 && demo.approvals >= 3;

const { line, problems } = verdict(
  { ...report, checks: [{ name: 'demo', passed: demoPassed }, ...report.checks] },
  permitted,
);
for (const problem of problems) process.stdout.write(`${problem}\n`);
process.stdout.write(`${line}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;

function read(file: string, document: (text: string) => string): unknown {
  try {
    return JSON.parse(document(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}

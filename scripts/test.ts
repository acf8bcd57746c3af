/**
 * `npm test`: runs every check and all tests except the long ones (`long-tests.ts`), also after a failure. The last line has
 * the counts.
 *
 *   npm test                        all checks, all tests but the long ones
 *   npm run test:all                all checks, all tests
 *   npm test -- test/gateway        all checks, and the tests whose path contains test/gateway
 *   npm test -- --report FILE       also writes the result, as JSON (`TestReport`)
 *   npm run test:all -- --record    also writes how long each file took, for the order of the next run
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { longTests } from './long-tests.ts';
import {
  checks,
  countTests,
  failedFiles,
  fileSeconds,
  verdict,
  withSecondChance,
  type Check,
  type TestReport,
  type VitestReport,
} from './test-report.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { report: { type: 'string' }, all: { type: 'boolean' }, record: { type: 'boolean' } },
});
const root = fileURLToPath(new URL('../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'holdpoint-test-'));
/** More failed files than this are not for want of time. */
const mostSecondChances = 12;
const leftOut = values.all === true || positionals.length > 0 ? [] : longTests;

const began = performance.now();
// Each check keeps one core busy.
const checked: Check[] = [];
const waiting = checks.map((name, index) => ({ name, index }));
await Promise.all(
  Array.from({ length: availableParallelism() }, async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
      checked[next.index] = { name: next.name, passed: await check(next.name) };
  }),
);

const first = runTests([...positionals, ...leftOut.map((file) => `--exclude=${file}`)]);
const again = failedFiles(first.report);
// Real servers and processes share two cores. In CI, files with a failure get a second chance, one after the other. At the
// desk they get none.
const second =
  process.env['CI'] !== undefined && again.length > 0 && again.length <= mostSecondChances
    ? runTests([...again, '--maxWorkers=1'])
    : undefined;
const report = second === undefined ? first.report : withSecondChance(first.report, second.report);
const testsPassed = second === undefined ? first.passed : second.passed && second.report !== undefined;
const tests = countTests(report, testsPassed);
rmSync(folder, { recursive: true, force: true });
if (values.report !== undefined)
  writeFileSync(values.report, `${JSON.stringify({ checks: checked, tests } satisfies TestReport, undefined, 2)}\n`);
if (values.record === true && report !== undefined)
  writeFileSync(
    new URL('../test/support/file-seconds.json', import.meta.url),
    `${JSON.stringify(fileSeconds(report, root), undefined, 2)}\n`,
  );

const failed = [...checked.filter(({ passed }) => !passed).map(({ name }) => name), ...(testsPassed ? [] : ['tests'])];
const took = `${((performance.now() - began) / 60_000).toFixed(1)} minutes`;
process.stdout.write(
  failed.length === 0
    ? `\nPassed: ${checks.join(', ')} and ${tests.passed} tests, in ${took}.\n`
    : `\nFailed: ${failed.join(', ')} (${took}).\n`,
);
if (second !== undefined) process.stdout.write(`Had a second chance: ${again.map(fromRoot).join(', ')}.\n`);
if (leftOut.length > 0) process.stdout.write(`Left out, run by \`npm run test:all\`: ${leftOut.join(', ')}.\n`);
process.stdout.write(`${verdict({ checks: checked, tests }, tests.skipped).line}\n`);
process.exitCode = failed.length === 0 ? 0 : 1;

/** Runs a package script. Prints its output when it has ended, so that checks side by side don't mix. */
async function check(name: string): Promise<boolean> {
  const started = spawn('npm', ['run', '--silent', name], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...(process.stdout.isTTY && { FORCE_COLOR: '1' }) },
  });
  const ended = new Promise<boolean>((resolve) => {
    started.once('error', () => resolve(false));
    started.once('close', (code) => resolve(code === 0));
  });
  const [passed, output, errors] = await Promise.all([ended, text(started.stdout), text(started.stderr)]);
  process.stdout.write(`\nnpm run --silent ${name}\n${output}${errors}`);
  return passed;
}

function runTests(options: readonly string[]): { passed: boolean; report: VitestReport | undefined } {
  const reportFile = join(folder, 'vitest.json');
  rmSync(reportFile, { force: true });
  const vitest = [
    'vitest',
    'run',
    ...options,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${reportFile}`,
  ];
  process.stdout.write(`\nnpx ${vitest.join(' ')}\n`);
  const { status, error } = spawnSync('npx', vitest, { cwd: root, stdio: 'inherit' });
  if (error !== undefined) process.stdout.write(`${error.message}\n`);
  return { passed: status === 0, report: readReport(reportFile) };
}

function readReport(file: string): VitestReport | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as VitestReport;
  } catch {
    // vitest ended without a report and printed the reason.
    return undefined;
  }
}

function fromRoot(file: string): string {
  return relative(root, file);
}

import { relative } from 'node:path';

/** The package scripts that `npm test` runs before the tests; package.json says what each does. */
export const checks = ['format:check', 'types', 'lint', 'rules', 'unused'] as const;

/** One check that is not a vitest test. */
export type Check = { name: string; passed: boolean };

/** The report that `npm test -- --report FILE` writes. */
export type TestReport = { checks: Check[]; tests: TestCount };

/** Counts of vitest's tests. A file that could not run counts as one failure. */
export type TestCount = {
  passed: number;
  failed: number;
  /** Each failed test, and each file that could not run, with the begin of its error. */
  failures: string[];
  skipped: string[];
  /** Tests that a failed hook or file kept from running. */
  notRun: number;
};

/** The parts of vitest's JSON report that are read. */
export type VitestReport = {
  testResults: ReadonlyArray<{
    name: string;
    status: string;
    /** The error of a file that could not run. */
    message?: string;
    /** Milliseconds since 1970. */
    startTime: number;
    endTime: number;
    assertionResults: ReadonlyArray<{ fullName: string; status: string; failureMessages?: readonly string[] }>;
  }>;
};

/**
 * Counts tests. A test that neither passed nor failed was skipped, or not run where its file could not run. `vitestPassed` is
 * vitest's exit status, which also covers errors outside of tests.
 */
export function countTests(report: VitestReport | undefined, vitestPassed: boolean): TestCount {
  const files = report?.testResults ?? [];
  const brokenFiles = files.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.every((test) => test.status !== 'failed'),
  );
  const failures = [
    ...files.flatMap(({ name, assertionResults }) =>
      assertionResults
        .filter(({ status }) => status === 'failed')
        .map(
          ({ fullName, failureMessages = [] }) =>
            `${fromHere(name)} > ${fullName}: ${beginOf(failureMessages.join(' '))}`,
        ),
    ),
    ...brokenFiles.map(({ name, message = '' }) => `${fromHere(name)} could not run: ${beginOf(message)}`),
  ];
  if (failures.length === 0 && !vitestPassed) failures.push('vitest failed outside of tests, or left no report');
  const tests = files.flatMap(({ assertionResults }) => assertionResults);
  const notRun = new Set(brokenFiles.flatMap(({ assertionResults }) => assertionResults).filter(isSkipped));
  return {
    passed: tests.filter(({ status }) => status === 'passed').length,
    failed: failures.length,
    failures,
    skipped: tests.filter((test) => isSkipped(test) && !notRun.has(test)).map(({ fullName }) => fullName),
    notRun: notRun.size,
  };
}

function isSkipped({ status }: { status: string }): boolean {
  return status !== 'passed' && status !== 'failed';
}

/** The path as this folder sees it. */
function fromHere(path: string): string {
  return relative('', path);
}

/** One line of at most 300 characters. */
function beginOf(message: string): string {
  return message.replaceAll(/\s+/g, ' ').trim().slice(0, 300);
}

/** Files with a failed test, and files that could not run. */
export function failedFiles(report: VitestReport | undefined): string[] {
  return (report?.testResults ?? []).filter(({ status }) => status === 'failed').map(({ name }) => name);
}

/** The first report, in which the files that ran again have the result of `second`. */
export function withSecondChance(
  first: VitestReport | undefined,
  second: VitestReport | undefined,
): VitestReport | undefined {
  if (first === undefined || second === undefined) return first;
  return {
    testResults: first.testResults.map((file) => second.testResults.find(({ name }) => name === file.name) ?? file),
  };
}

/** Files that took at least this long are recorded. */
const leastSeconds = 8;

/** Seconds of the longer files, the longest first, by their paths below `root`. */
export function fileSeconds(report: Pick<VitestReport, 'testResults'>, root: string): Record<string, number> {
  return Object.fromEntries(
    report.testResults
      .map(({ name, startTime, endTime }) => [relative(root, name), Math.round((endTime - startTime) / 1000)] as const)
      .filter(([, seconds]) => seconds >= leastSeconds)
      .toSorted(([, one], [, other]) => other - one),
  );
}

/** The last line of `.ci/run` and `npm test`, and the reasons if it fails. */
export function verdict(
  { checks, tests }: TestReport,
  permittedSkips: readonly string[],
): { line: string; problems: string[] } {
  const failed = checks.filter(({ passed }) => !passed);
  const surprising = tests.skipped.filter((name) => !permittedSkips.includes(name));
  return {
    line: `${tests.passed + checks.length - failed.length} passed, ${tests.failed + failed.length} failed, ${tests.skipped.length + tests.notRun} skipped`,
    problems: [
      ...surprising.map((name) => `Skipped, but not in .ci/permitted-skips: ${name}`),
      ...failed.map(({ name }) => `Failed: ${name}.`),
      ...tests.failures.map((failure) => `Failed: ${failure}`),
      ...(tests.notRun === 0 ? [] : [`${tests.notRun} tests did not run, because their files could not.`]),
      ...(tests.passed === 0 ? ['No test ran.'] : []),
    ],
  };
}

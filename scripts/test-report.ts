import { relative } from 'node:path';

/** The package scripts that `npm test` runs before the tests; package.json says what each does. */
export const checks = ['format:check', 'types', 'lint', 'rules', 'unused'] as const;

/** One check that is not a vitest test. */
export type Check = { name: string; passed: boolean };

/** The report that `npm test -- --report FILE` writes. */
export type TestReport = { checks: Check[]; tests: TestCount };

/** Counts of vitest's tests. A file that could not run counts as one failure. */
export type TestCount = { passed: number; failed: number; skipped: string[] };

/** The parts of vitest's JSON report that are read. */
export type VitestReport = {
  testResults: ReadonlyArray<{
    name: string;
    status: string;
    /** Milliseconds since 1970. */
    startTime: number;
    endTime: number;
    assertionResults: ReadonlyArray<{ fullName: string; status: string }>;
  }>;
};

/**
 * Counts tests. A test that neither passed nor failed was skipped. `vitestPassed` is vitest's exit status, which also
 * covers errors outside of tests.
 */
export function countTests(report: VitestReport | undefined, vitestPassed: boolean): TestCount {
  const files = report?.testResults ?? [];
  const tests = files.flatMap(({ assertionResults }) => assertionResults);
  const filesThatBroke = files.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.every((test) => test.status !== 'failed'),
  );
  const failed = tests.filter(({ status }) => status === 'failed').length + filesThatBroke.length;
  return {
    passed: tests.filter(({ status }) => status === 'passed').length,
    failed: failed === 0 && !vitestPassed ? 1 : failed,
    skipped: tests.filter(({ status }) => status !== 'passed' && status !== 'failed').map(({ fullName }) => fullName),
  };
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
    line: `${tests.passed + checks.length - failed.length} passed, ${tests.failed + failed.length} failed, ${tests.skipped.length} skipped`,
    problems: [
      ...failed.map(({ name }) => `Failed: ${name}.`),
      ...(tests.failed === 0 ? [] : [`${tests.failed} tests failed.`]),
      ...(tests.passed === 0 ? ['No test ran.'] : []),
      ...surprising.map((name) => `Skipped, but not in .ci/permitted-skips: ${name}`),
    ],
  };
}

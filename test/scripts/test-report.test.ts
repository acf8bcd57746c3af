import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { longTests } from '../../scripts/long-tests.ts';
import {
  countTests,
  failedFiles,
  fileSeconds,
  verdict,
  withSecondChance,
  type TestCount,
  type VitestReport,
} from '../../scripts/test-report.ts';
import recorded from '../support/file-seconds.json' with { type: 'json' };

const file = (status: string, tests: Record<string, string>): VitestReport['testResults'][number] => ({
  name: 'some.test.ts',
  status,
  startTime: 0,
  endTime: 0,
  assertionResults: Object.entries(tests).map(([fullName, each]) => ({ fullName, status: each })),
});
const counts = (some: Partial<TestCount>): TestCount => ({
  passed: 0,
  failed: 0,
  failures: [],
  skipped: [],
  notRun: 0,
  ...some,
});
const checks = [
  { name: 'types', passed: true },
  { name: 'lint', passed: true },
];

it('countTests: each test counts once, by its result', () => {
  const report = {
    testResults: [
      file('passed', { one: 'passed', two: 'skipped' }),
      file('failed', { three: 'failed', four: 'passed', five: 'todo', six: 'pending' }),
    ],
  };
  expect(countTests(report, false)).toMatchObject({ passed: 2, failed: 1, skipped: ['two', 'five', 'six'], notRun: 0 });
});

it('countTests: a file that could not run → one failure, and its tests did not run', () => {
  expect(countTests({ testResults: [file('failed', {})] }, false).failed).toBe(1);
  const hookFailed = {
    ...file('failed', { one: 'skipped', two: 'skipped' }),
    message: 'Error: no server\n    at start',
  };
  expect(countTests({ testResults: [hookFailed] }, false)).toEqual(
    counts({ failed: 1, failures: ['some.test.ts could not run: Error: no server at start'], notRun: 2 }),
  );
});

it('countTests: a failed test → named with its file and the begin of its error', () => {
  const report = file('failed', {});
  const test = { fullName: 'one', status: 'failed', failureMessages: [`Error: 1 is not 2\n${'x'.repeat(1000)}`] };
  const [failure = ''] = countTests({ testResults: [{ ...report, assertionResults: [test] }] }, false).failures;
  expect(failure).toMatch(/^some\.test\.ts > one: Error: 1 is not 2 x+$/);
  expect(failure.length).toBeLessThan(350);
});

it('countTests: failure outside a test, missing report → one failure', () => {
  expect(countTests({ testResults: [file('passed', { one: 'passed' })] }, false).failed).toBe(1);
  expect(countTests(undefined, false)).toMatchObject({ passed: 0, failed: 1, skipped: [] });
});

it('second chance → the files that ran again have their later result', () => {
  const named = (name: string, status: string, tests: Record<string, string>) => ({ ...file(status, tests), name });
  const first = {
    testResults: [
      named('a', 'passed', { one: 'passed' }),
      named('b', 'failed', { two: 'failed', three: 'passed' }),
      named('c', 'failed', {}),
    ],
  };
  expect(failedFiles(first)).toEqual(['b', 'c']);
  const second = {
    testResults: [named('b', 'passed', { two: 'passed', three: 'passed' }), named('c', 'failed', { four: 'failed' })],
  };
  expect(countTests(withSecondChance(first, second), false)).toMatchObject({ passed: 3, failed: 1, skipped: [] });
  expect(countTests(withSecondChance(first, undefined), false).failed).toBe(2);
});

it('fileSeconds: files of a few seconds and more, the longest first', () => {
  const files = [
    { ...file('passed', {}), name: '/clone/test/short.test.ts', startTime: 1000, endTime: 3000 },
    { ...file('passed', {}), name: '/clone/test/long.test.ts', startTime: 1000, endTime: 21_400 },
    { ...file('passed', {}), name: '/clone/packages/longer.test.ts', startTime: 0, endTime: 90_000 },
  ];
  expect(Object.entries(fileSeconds({ testResults: files }, '/clone/'))).toEqual([
    ['packages/longer.test.ts', 90],
    ['test/long.test.ts', 20],
  ]);
});

it('long tests and recorded files exist; `.ci/run` runs the long ones, too', () => {
  const files = globSync(['test/**/*.test.ts', 'packages/*/test/**/*.test.ts']);
  expect(longTests.filter((pattern) => globSync(pattern).length === 0)).toEqual([]);
  expect(Object.keys(recorded).filter((path) => !files.includes(path))).toEqual([]);
  expect(readFileSync('.ci/run', 'utf8')).toContain('\nnpm run test:all -- --report ');
});

it('verdict: last line → sums of tests and checks', () => {
  expect(verdict({ checks, tests: counts({ passed: 10 }) }, [])).toEqual({
    line: '12 passed, 0 failed, 0 skipped',
    problems: [],
  });
  const failed = counts({
    passed: 10,
    failed: 2,
    failures: ['a.test.ts > a: no', 'b.test.ts > b: no'],
    skipped: ['x'],
    notRun: 3,
  });
  expect(verdict({ checks: [...checks, { name: 'demo', passed: false }], tests: failed }, ['x'])).toEqual({
    line: '12 passed, 3 failed, 4 skipped',
    problems: [
      'Failed: demo.',
      'Failed: a.test.ts > a: no',
      'Failed: b.test.ts > b: no',
      '3 tests did not run, because their files could not.',
    ],
  });
});

it('verdict: forbidden skip, no tests → fails', () => {
  expect(verdict({ checks, tests: counts({ passed: 1, skipped: ['x'] }) }, ['y']).problems).toEqual([
    expect.stringContaining('x'),
  ]);
  expect(verdict({ checks, tests: counts({}) }, []).problems).toEqual(['No test ran.']);
});

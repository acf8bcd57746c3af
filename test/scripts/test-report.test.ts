import { expect, it } from 'vitest';
import { countTests, verdict, type VitestReport } from '../../scripts/test-report.ts';

const file = (status: string, tests: Record<string, string>): VitestReport['testResults'][number] => ({
  name: 'some.test.ts',
  status,
  assertionResults: Object.entries(tests).map(([fullName, each]) => ({ fullName, status: each })),
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
  expect(countTests(report, false)).toEqual({ passed: 2, failed: 1, skipped: ['two', 'five', 'six'] });
});

it('countTests: a file that could not run → one failure', () => {
  expect(countTests({ testResults: [file('failed', {})] }, false).failed).toBe(1);
  expect(countTests({ testResults: [file('failed', { one: 'skipped' })] }, false).failed).toBe(1);
});

it('countTests: failure outside a test, missing report → one failure', () => {
  expect(countTests({ testResults: [file('passed', { one: 'passed' })] }, false).failed).toBe(1);
  expect(countTests(undefined, false)).toEqual({ passed: 0, failed: 1, skipped: [] });
});

it('verdict: last line → sums of tests and checks', () => {
  expect(verdict({ checks, tests: { passed: 10, failed: 0, skipped: [] } }, [])).toEqual({
    line: '12 passed, 0 failed, 0 skipped',
    problems: [],
  });
  expect(
    verdict(
      { checks: [...checks, { name: 'demo', passed: false }], tests: { passed: 10, failed: 2, skipped: ['x'] } },
      ['x'],
    ),
  ).toEqual({ line: '12 passed, 3 failed, 1 skipped', problems: ['Failed: demo.', '2 tests failed.'] });
});

it('verdict: forbidden skip, no tests → fails', () => {
  expect(verdict({ checks, tests: { passed: 1, failed: 0, skipped: ['x'] } }, ['y']).problems).toEqual([
    expect.stringContaining('x'),
  ]);
  expect(verdict({ checks, tests: { passed: 0, failed: 0, skipped: [] } }, []).problems).toEqual(['No test ran.']);
});

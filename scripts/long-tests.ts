/**
 * Test files that `npm test` leaves out, as patterns: they install, build, measure or drive a browser for minutes. `npm run
 * test:all` and `.ci/run` run them, and so does `npm test -- PATH`.
 */
export const longTests: readonly string[] = [
  // Packs the tarball, installs it with npm and starts the stack from it.
  'test/e2e/packed.test.ts',
  'packages/client/test/packed.test.ts',
  // Creates four projects, installs them and runs their tests, in three test runners.
  'test/e2e/created-project.test.ts',
  // Use the inbox in Chromium, which keeps the cores busy for a third of all tests' time.
  'packages/review-server/test/inbox/*.test.ts',
  'test/gateway/inbox-screens.test.ts',
  // Install Python's packages.
  'packages/review-server/test/python-sdk/*.test.ts',
  // Plays every figure of the benchmark once.
  'test/bench/bench.test.ts',
  // Starts the programs of the guide, each as a process of its own.
  'test/cheqpoint/guide-programs.test.ts',
];

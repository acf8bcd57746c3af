import { defineConfig } from 'vitest/config';
import LongFilesFirst from './test/support/long-files-first.ts';

export default defineConfig({
  ssr: { resolve: { conditions: ['holdpoint-source', 'module', 'node', 'development|production'] } },
  test: {
    include: ['test/**/*.test.ts', 'packages/*/test/**/*.test.ts'],
    globalSetup: ['test/support/built-inbox.ts'],
    pool: 'forks',
    // Test files share a few processes, each with its Temporal server: starting both for every file took a third of the time.
    isolate: false,
    // Most tests wait most of the time, so this many keep two cores busy. The sequencer spreads those that don't.
    maxWorkers: 6,
    sequence: { sequencer: LongFilesFirst },
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Real servers and processes on two shared cores: in CI a test that waited in vain gets a second chance, at the desk none.
    retry: process.env['CI'] === undefined ? 0 : 1,
  },
});

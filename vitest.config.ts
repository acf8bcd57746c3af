import { availableParallelism, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import LongFilesFirst from './test/support/long-files-first.ts';

export default defineConfig({
  // Without Vite's `module`, as Node resolves: OpenTelemetry's builds for it need a bundler.
  ssr: { resolve: { conditions: ['holdpoint-source', 'node', 'development|production'] } },
  test: {
    include: ['test/**/*.test.ts', 'packages/*/test/**/*.test.ts'],
    globalSetup: ['test/support/built-inbox.ts'],
    // Programs that tests start compile their sources once. Their start needs a third less CPU.
    env: { NODE_COMPILE_CACHE: fileURLToPath(new URL('node_modules/.cache/holdpoint/compiled', import.meta.url)) },
    pool: 'forks',
    // Test files share a few processes, each with its Temporal server: starting both for every file took a third of the time.
    isolate: false,
    // Many tests wait most of the time, so two keep one core busy. The sequencer spreads those that don't. Each worker has a
    // Temporal server, a PostgreSQL and a Chromium, 2 GB at most.
    maxWorkers: Math.max(2, Math.min(2 * availableParallelism(), Math.floor(totalmem() / 2e9))),
    sequence: { sequencer: LongFilesFirst },
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});

import { describe, expect, it } from 'vitest';
import { defineAssistant, defineConfig } from '../../src/index.ts';
import { createWorker, type WorkerOptions } from '../../src/worker/create-worker.ts';

const options: WorkerOptions = {
  config: defineConfig({ assistants: [defineAssistant({ name: 'comms', model: 'none' })] }),
  databaseUrl: 'sqlite::memory:',
  secrets: ['s'.repeat(32)],
  openai: { apiKey: 'key' },
  cheqpoint: { connectionKey: 'key' },
  // Nothing listens on port 1.
  connection: { address: '127.0.0.1:1' },
};

describe('createWorker', () => {
  it.each([
    [
      { ...options, databaseURL: 'x' },
      'createWorker: the options has no option "databaseURL"; did you mean "databaseUrl"?',
    ],
    [{ ...options, openai: { apiKey: 'k', baseUrl: 'x' } }, 'openai has no option "baseUrl"; did you mean "baseURL"?'],
    [{ ...options, cheqpoint: { base_url: 'x' } }, 'cheqpoint has no option "base_url"; did you mean "baseUrl"?'],
  ])('unknown option %# → refused', async (given, says) => {
    await expect(createWorker(given as WorkerOptions)).rejects.toThrow(says);
  });

  it('Temporal unreachable → names address, variable and cause', async () => {
    await expect(createWorker(options)).rejects.toThrow(
      /^Temporal at 127\.0\.0\.1:1 \(TEMPORAL_ADDRESS\) can't be reached: Connection refused\. Start Temporal there, or correct TEMPORAL_ADDRESS/,
    );
  }, 30_000);
});

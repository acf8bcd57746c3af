import type { StartedRun } from '../client.ts';

/** The run, whose result no test gets past a problem. */
export function verifiedRun(run: StartedRun, verify: () => void): StartedRun {
  return {
    ...run,
    async result(...options) {
      try {
        return await run.result(...options);
      } finally {
        verify();
      }
    },
  };
}

import type { RunEvent } from '@holdpoint/client';

/** Event names of `GET /v1/runs/{id}/events`. The data of `run` and `end` is a Run, the data of `error` an error body. */
export const runEvents = { changed: 'run', ended: 'end', failed: 'error' } as const satisfies Record<
  string,
  RunEvent['type'] | 'error'
>;

/** Events of `GET /v1/runs/{id}/events`. The data of the first two is a Run, that of the last an error body. */
export const runEvents = { changed: 'run', ended: 'end', failed: 'error' } as const;

import { createHash } from 'node:crypto';
import type { Run } from '../schemas/rest.ts';
import type { RunsPort } from './ports.ts';

/** One thing to tell a watcher. `digest` names the state of the run, so that a watcher who comes back is told no state twice. */
export type RunChange = { type: 'run' | 'end'; run: Run; digest: string } | { type: 'idle' };

/**
 * The run now, unless `seen` is its digest, then at each change, until it is closed (`end`). Says `idle` after every
 * `idleMs` without news; ends early, without `end`, when the signal aborts.
 * @throws RunsFailure when Temporal goes away meanwhile.
 */
export async function* runChanges(
  runs: RunsPort,
  first: Run,
  { signal, idleMs, seen }: { signal: AbortSignal; idleMs: number; seen?: string | undefined },
): AsyncGenerator<RunChange> {
  let told = seen;
  const tell = function* (run: Run): Generator<RunChange> {
    const digest = createHash('sha256').update(JSON.stringify(run)).digest('base64url').slice(0, 22);
    if (run.closedAt !== null) yield { type: 'end', run, digest };
    else if (digest !== told) yield { type: 'run', run, digest };
    told = digest;
  };
  yield* tell(first);
  if (first.closedAt !== null) return;

  const stop = new AbortController();
  const changes = runs.changes(first.id, AbortSignal.any([signal, stop.signal]))[Symbol.asyncIterator]();
  let next = changes.next();
  let latest: Run | undefined = first;
  try {
    while (!signal.aborted) {
      const happened = await orIdle(next, idleMs);
      if (signal.aborted) return;
      if (happened === 'idle') yield { type: 'idle' };
      // Without a worker a run has no detail; one that starts adds nothing to a waiting run's history.
      if (happened === 'idle' && latest.detail !== null) continue;
      latest = await runs.get(first.id);
      if (latest === undefined) return;
      yield* tell(latest);
      if (latest.closedAt !== null || (happened !== 'idle' && happened.done)) return;
      if (happened !== 'idle') next = changes.next();
    }
  } finally {
    stop.abort();
    await next.catch(() => undefined);
    await changes.return?.();
  }
}

async function orIdle<T>(next: Promise<T>, idleMs: number): Promise<T | 'idle'> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await Promise.race([next, new Promise<'idle'>((resolve) => (timer = setTimeout(resolve, idleMs, 'idle')))]);
  } finally {
    clearTimeout(timer);
  }
}

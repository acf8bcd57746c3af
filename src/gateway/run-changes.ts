import { sha256Bytes } from '@holdpoint/json/digest';
import type { Run } from '../schemas/rest.ts';
import type { CallerRuns } from './caller-runs.ts';

/**
 * A change for a watcher. `digest` identifies the state of the run, so that a watcher who reconnects gets no state
 * twice.
 */
export type RunChange = { type: 'run' | 'end'; run: Run; digest: string } | { type: 'idle' };

/**
 * Yields the run now (unless `seen` is its digest), at each change, and at its end. Yields `idle` after each `idleMs`
 * without a change. Ends early, without `end`, when the signal aborts.
 * @throws RunsFailure when Temporal stops answering.
 */
export async function* runChanges(
  runs: Pick<CallerRuns, 'get' | 'changes'>,
  first: Run,
  { signal, idleMs, seen }: { signal: AbortSignal; idleMs: number; seen?: string | undefined },
): AsyncGenerator<RunChange> {
  let sent = seen;
  const unlessSent = function* (run: Run): Generator<RunChange> {
    const digest = sha256Bytes(JSON.stringify(run)).toString('base64url').slice(0, 22);
    if (run.closedAt !== null) yield { type: 'end', run, digest };
    else if (digest !== sent) yield { type: 'run', run, digest };
    sent = digest;
  };
  yield* unlessSent(first);
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
      // A worker that starts, and an attempt that fails, add nothing to the history, so look again.
      if (happened === 'idle' && latest.detail !== null && latest.state !== 'running') continue;
      latest = await runs.get(first.id);
      if (latest === undefined) return;
      yield* unlessSent(latest);
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

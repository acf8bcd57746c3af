import type { RunInput } from '../domain/run.ts';
import { runTraceIn, type RunTrace } from '../domain/run-trace.ts';

/** The request that started the run, for an Activity's input. Absent where none is known, as in histories of versions before. */
export function traceOf({ trace }: RunInput): { trace?: RunTrace } {
  const known = runTraceIn(trace);
  return Object.keys(known).length === 0 ? {} : { trace: known };
}

import { outputs } from '../domain/outputs.ts';
import { inline, type Payload } from '../domain/payload.ts';
import type { RunProgress } from '../domain/run.ts';
import type { PlannedCall } from '../domain/tool-call.ts';

/** The first repeat of a rejected call is reviewed; from this many rejections on nobody is asked again. */
const rejectionsThatStand = 2;

/** The answer to a call that was rejected before, and again when it was repeated; undefined for any other call. */
export function refuseRepeat(call: PlannedCall, progress: RunProgress): Payload | undefined {
  const rejections = progress.rejections[call.fingerprint] ?? 0;
  return call.plan.type === 'review' && rejections >= rejectionsThatStand ? inline(outputs.deniedBefore) : undefined;
}

/** Counts a rejection of this very tool with these very arguments. */
export function countRejection(call: PlannedCall, progress: RunProgress): void {
  progress.rejections[call.fingerprint] = (progress.rejections[call.fingerprint] ?? 0) + 1;
}

import type { ReviewAnswer } from '@holdpoint/cheqpoint';
import { parseCallKey } from '../domain/call-key.ts';
import type { Envelopes } from '../signing/envelope.ts';

/** Whether a request at the review service was sealed for a call of the run with this first run id. */
export function isSealedForRun(envelopes: Envelopes, { details }: ReviewAnswer, firstRunId: string): boolean {
  const callKey = details && envelopes.open(details)?.envelope.callKey;
  return parseCallKey(callKey ?? '')?.firstRunId === firstRunId;
}

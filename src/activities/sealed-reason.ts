import { log } from '@temporalio/activity';
import type { RequestApprovalInput, SettleResult } from '../domain/activities.ts';
import type { CallKey } from '../domain/call-key.ts';
import type { Payload } from '../domain/payload.ts';
import type { Envelopes, SealedNote } from '../signing/envelope.ts';

const notSealed = 'This is asked again. The reason came without a seal of a worker, so it is not shown.';

/**
 * Seals why a person is asked, or asked again. The reason travels to `requestApproval` through the Workflow, where
 * others could write one to persuade the reviewer. The seal binds it to the arguments that it speaks of.
 */
export function sealReason(envelopes: Envelopes, callKey: CallKey, result: SettleResult): SettleResult {
  switch (result.type) {
    case 'review':
      return result.because === undefined
        ? result
        : { ...result, seal: envelopes.sealNote(reviewNote(callKey, result.arguments, result.because, result.draft)) };
    case 'unknown':
      return { ...result, seal: envelopes.sealNote(outcomeNote(callKey, result.message)) };
    default:
      return result;
  }
}

/** The reason to show. One without its seal is replaced: another program, or an older worker, wrote it. */
export function openReason(
  envelopes: Envelopes,
  { call: { key }, kind, arguments: args, because, draft, seal }: RequestApprovalInput,
): string | undefined {
  if (because === undefined) return undefined;
  const note = kind === 'outcome' ? outcomeNote(key, because) : reviewNote(key, args, because, draft);
  if (envelopes.isSealedNote(note, seal)) return because;
  log.warn('The reason of a request has no valid seal, so reviewers do not see it.', { callKey: key, kind });
  return kind === 'outcome' ? undefined : notSealed;
}

function reviewNote(callKey: CallKey, args: Payload, because: string, draft?: Payload): SealedNote {
  return { purpose: 'reason', owner: callKey, value: ['call', args, because, ...(draft ? [draft] : [])] };
}

function outcomeNote(callKey: CallKey, because: string): SealedNote {
  return { purpose: 'reason', owner: callKey, value: ['outcome', because] };
}

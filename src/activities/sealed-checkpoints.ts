import { isJsonObject, type JsonObject } from '@holdpoint/json';
import { log } from '@temporalio/activity';
import type { Envelopes } from '../signing/envelope.ts';

/** A checkpoint in the heartbeat details of a turn. */
export type SealedCheckpoint = { resume: JsonObject; seal: string };

/**
 * Checkpoints of one turn, for its next attempt. They name a response or a thread at OpenAI and stand in Temporal,
 * where others could write one of another run. A checkpoint without a seal of this turn is dropped: the attempt begins
 * anew.
 */
export function sealedCheckpoints(
  envelopes: Envelopes,
  turn: string,
): { seal(resume: JsonObject): SealedCheckpoint; open(details: unknown): JsonObject | null } {
  const noteOf = (resume: JsonObject) => ({ purpose: 'checkpoint', owner: turn, value: resume }) as const;
  return {
    seal: (resume) => ({ resume, seal: envelopes.sealNote(noteOf(resume)) }),
    open(details) {
      if (!isJsonObject(details) || !isJsonObject(details['resume'])) return null;
      const { resume, seal } = details;
      if (envelopes.isSealedNote(noteOf(resume), seal)) return resume;
      log.warn('The checkpoint of an earlier attempt has no valid seal, so this attempt does not use it.');
      return null;
    },
  };
}

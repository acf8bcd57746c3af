import type { TranscriptEntry, Transcripts } from './ports.ts';

/** Transcripts for one attempt, which keeps each entry that it has read. A stored entry never changes. */
export function keepEntries(transcripts: Transcripts): Transcripts {
  const entries = new Map<string, Promise<TranscriptEntry | undefined>>();
  return {
    ...transcripts,
    get(id) {
      const known = entries.get(id) ?? transcripts.get(id);
      entries.set(id, known);
      return known;
    },
  };
}

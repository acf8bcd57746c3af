import { sha256 } from '@holdpoint/json/digest';
import type { Kysely } from 'kysely';
import type { TranscriptEntry, Transcripts } from '../../activities/ports.ts';
import type { Tables } from './tables.ts';

/**
 * Transcript entries, insert-only. Appending the same entry again writes nothing. Another entry under a stored id is an
 * error: the run would continue from a transcript that was never stored.
 */
export function createTranscripts(database: Kysely<Tables>): Transcripts {
  const select = database.selectFrom('holdpoint_transcripts');
  const get = async (id: string): Promise<TranscriptEntry | undefined> => {
    const row = await select.select('entry').where('id', '=', id).executeTakeFirst();
    return row && (JSON.parse(row.entry) as TranscriptEntry);
  };

  return {
    get,

    async newestOf(runId, firstRunId) {
      const own = select.where('run_id', '=', runId).where('first_run_id', '=', firstRunId);
      const newest = await own.select((column) => column.fn.max('turn').as('turn')).executeTakeFirst();
      if (newest?.turn == null) return [];
      const rows = await own.select('entry').where('turn', '=', newest.turn).orderBy('id').execute();
      return rows.map(({ entry }) => JSON.parse(entry) as TranscriptEntry);
    },

    async append({ id, parent, runId, firstRunId, turn, assistant, surface, state, sent, received, words }) {
      const entry = JSON.stringify({
        id,
        parent,
        runId,
        firstRunId,
        turn,
        assistant,
        surface,
        state,
        sent,
        received,
        words,
      } satisfies TranscriptEntry);
      const digest = sha256(entry);
      const inserted = await database
        .insertInto('holdpoint_transcripts')
        .values({ id, parent, run_id: runId, first_run_id: firstRunId, turn, digest, entry })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      if (inserted.numInsertedOrUpdatedRows !== 1n) {
        const kept = await select.select('digest').where('id', '=', id).executeTakeFirst();
        if (kept?.digest !== digest)
          throw new Error(
            `The transcript entry ${id} exists with other content. Entries never change: append under a new id.`,
          );
      }
      return { entry: id, digest, bytes: Buffer.byteLength(entry) };
    },

    async read(id) {
      // Ids first: `union` drops duplicates, so the recursion ends even if parents form a ring.
      const rows = await database
        .withRecursive('chain(id, parent)', (chain) =>
          chain
            .selectFrom('holdpoint_transcripts')
            .select(['id', 'parent'])
            .where('id', '=', id)
            .union((next) =>
              next
                .selectFrom('holdpoint_transcripts as earlier')
                .innerJoin('chain', 'chain.parent', 'earlier.id')
                .select(['earlier.id', 'earlier.parent']),
            ),
        )
        .selectFrom('chain')
        .innerJoin('holdpoint_transcripts as kept', 'kept.id', 'chain.id')
        .select(['kept.id', 'kept.parent', 'kept.entry'])
        .execute();
      const byId = new Map(rows.map((row) => [row.id, row]));
      const entries: TranscriptEntry[] = [];
      for (let next: string | null = id; next !== null;) {
        const row = byId.get(next);
        if (!row) return undefined;
        byId.delete(next);
        entries.push(JSON.parse(row.entry) as TranscriptEntry);
        next = row.parent;
      }
      return entries.toReversed();
    },
  };
}

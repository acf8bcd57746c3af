import { sha256 } from '@holdpoint/json/digest';
import type { Kysely } from 'kysely';
import type { StoredValues } from '../../activities/ports.ts';
import type { Tables } from './tables.ts';

/**
 * Values by the digest of their JSON text, with the runs that stored each. Putting a stored value adds an owner only.
 */
export function createStoredValues(database: Kysely<Tables>): StoredValues {
  const isOwner = async (digest: string, runId: string, firstRunId: string): Promise<boolean> => {
    const row = await database
      .selectFrom('holdpoint_value_owners')
      .select('digest')
      .where('digest', '=', digest)
      .where('run_id', '=', runId)
      .where('first_run_id', '=', firstRunId)
      .executeTakeFirst();
    return row !== undefined;
  };
  /** Gives a value that was stored before its run started to the first run of that id that uses it. */
  const claim = async (digest: string, runId: string, firstRunId: string): Promise<void> => {
    await database
      .updateTable('holdpoint_value_owners')
      .set({ first_run_id: firstRunId })
      .where('digest', '=', digest)
      .where('run_id', '=', runId)
      .where('first_run_id', '=', '')
      .execute();
  };

  return {
    async put(json, { runId, firstRunId }) {
      const digest = sha256(json);
      await database
        .insertInto('holdpoint_values')
        .values({ digest, json, unowned: 0 })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      await database
        .insertInto('holdpoint_value_owners')
        .values({ digest, run_id: runId, first_run_id: firstRunId ?? '' })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      return { digest, bytes: Buffer.byteLength(json) };
    },

    async get(digest, { runId, firstRunId }) {
      const row = await database
        .selectFrom('holdpoint_values')
        .select(['json', 'unowned'])
        .where('digest', '=', digest)
        .executeTakeFirst();
      if (!row || row.unowned === 1 || (await isOwner(digest, runId, firstRunId))) return row?.json;
      await claim(digest, runId, firstRunId);
      return (await isOwner(digest, runId, firstRunId)) ? row.json : undefined;
    },
  };
}

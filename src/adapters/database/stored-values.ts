import { sha256 } from '@holdpoint/json/digest';
import type { Kysely } from 'kysely';
import type { StoredValues } from '../../activities/ports.ts';
import type { Tables } from './tables.ts';

/** Values by the digest of their JSON text. Putting a stored value writes nothing. */
export function createStoredValues(database: Kysely<Tables>): StoredValues {
  return {
    async put(json) {
      const digest = sha256(json);
      await database
        .insertInto('holdpoint_values')
        .values({ digest, json })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      return { digest, bytes: Buffer.byteLength(json) };
    },

    async get(digest) {
      const row = await database
        .selectFrom('holdpoint_values')
        .select('json')
        .where('digest', '=', digest)
        .executeTakeFirst();
      return row?.json;
    },
  };
}

import type { JsonObject } from '@holdpoint/json';
import type { Kysely, Selectable } from 'kysely';
import type { ApprovalRequests, RequestRow } from '../../activities/ports.ts';
import type { ReviewAnswer } from '@holdpoint/cheqpoint';
import type { Tables } from './tables.ts';

/** The review requests of calls. The first reply to a request is kept, and an answered request is never deleted. */
export function createApprovalRequests(database: Kysely<Tables>): ApprovalRequests {
  return {
    async list(callKey) {
      const rows = await database
        .selectFrom('holdpoint_requests')
        .selectAll()
        .where('call_key', '=', callKey)
        .orderBy('number')
        .execute();
      return rows.map(toRequestRow);
    },

    async open({ callKey, number, kind, request, openedAt }) {
      const inserted = await database
        .insertInto('holdpoint_requests')
        .values({ call_key: callKey, number, kind, request: JSON.stringify(request), opened_at: openedAt })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      return inserted.numInsertedOrUpdatedRows === 1n ? 'opened' : 'exists';
    },

    async answered(callKey, number, { id, reviewUrl, atOnce }) {
      const updated = await database
        .updateTable('holdpoint_requests')
        .set({ answered: 1, request_id: id, review_url: reviewUrl, at_once: atOnce && JSON.stringify(atOnce) })
        .where('call_key', '=', callKey)
        .where('number', '=', number)
        .where('answered', '=', 0)
        .executeTakeFirst();
      if (updated.numUpdatedRows === 1n) return;
      const kept = await database
        .selectFrom('holdpoint_requests')
        .select('number')
        .where('call_key', '=', callKey)
        .where('number', '=', number)
        .executeTakeFirst();
      if (!kept)
        throw new Error(
          `Request ${number} of call ${callKey} was answered, but there is no row of it. Open the row before the POST.`,
        );
    },

    async abandon(callKey, number) {
      await database
        .deleteFrom('holdpoint_requests')
        .where('call_key', '=', callKey)
        .where('number', '=', number)
        .where('answered', '=', 0)
        .execute();
    },
  };
}

function toRequestRow(row: Selectable<Tables['holdpoint_requests']>): RequestRow {
  return {
    callKey: row.call_key,
    number: row.number,
    kind: row.kind,
    request: JSON.parse(row.request) as RequestRow['request'],
    openedAt: Number(row.opened_at),
    answered: row.answered === 1,
    id: row.request_id,
    reviewUrl: row.review_url,
    atOnce: row.at_once === null ? null : (JSON.parse(row.at_once) as ReviewAnswer),
  };
}

/** SQLite and PostgreSQL take many more parameters in a statement. */
const idsAtOnce = 500;

/** The details of the requests with these ids, as they were sent. Reads the whole table: the column has no index. */
export async function readRequestDetails(database: Kysely<Tables>, ids: readonly string[]): Promise<JsonObject[]> {
  const details: JsonObject[] = [];
  for (let from = 0; from < ids.length; from += idsAtOnce) {
    const rows = await database
      .selectFrom('holdpoint_requests')
      .select('request')
      .where('request_id', 'in', ids.slice(from, from + idsAtOnce))
      .execute();
    details.push(...rows.map(({ request }) => (JSON.parse(request) as RequestRow['request']).details));
  }
  return details;
}

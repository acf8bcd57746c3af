import type { Insertable, Kysely, Selectable } from 'kysely';
import type { EffectLedger, EffectOutput, EffectRefusal, EffectRow } from '../../activities/ports.ts';
import type { CallKey } from '../../domain/call-key.ts';
import type { Tables } from './tables.ts';

/**
 * The effect ledger. Every change is one conditional statement, so the database picks one of several attempts. No change
 * depends on an earlier read.
 */
export function createEffectLedger(database: Kysely<Tables>): EffectLedger {
  const change = (callKey: CallKey, start: number) =>
    database
      .updateTable('holdpoint_effects')
      .where('call_key', '=', callKey)
      .where('start_number', '=', start)
      .where('state', '=', 'open');

  /** False, and nothing is written, if the start has a row. */
  const insert = async (row: Insertable<Tables['holdpoint_effects']>): Promise<boolean> => {
    const inserted = await database
      .insertInto('holdpoint_effects')
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    return inserted.numInsertedOrUpdatedRows === 1n;
  };

  return {
    async newest(callKey) {
      const row = await database
        .selectFrom('holdpoint_effects')
        .selectAll()
        .where('call_key', '=', callKey)
        .orderBy('start_number', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row && toEffectRow(row);
    },

    async start({ effect, argumentsDigest, requestsBefore, request, ...begun }) {
      const row = {
        effect: effect === 'idempotent' ? effect : ('once' as const),
        arguments_digest: argumentsDigest,
        requests_before: requestsBefore,
        request_number: request && request.number,
        request_id: request && request.id,
      };
      return (await insert({ ...begunBy(begun), ...row })) ? 'started' : 'exists';
    },

    async refuse(refusal, output) {
      // These columns show that nothing was started.
      const row = { effect: 'once' as const, arguments_digest: '', requests_before: 0, attempts: 0 };
      return (await insert({
        ...begunBy(refusal),
        ...row,
        state: 'superseded',
        output: JSON.stringify(output),
        closed_at: refusal.at,
      }))
        ? 'refused'
        : 'exists';
    },

    async takeOver(callKey, start, from, { attemptId, worker, at }) {
      const updated = await change(callKey, start)
        .where('attempt_id', '=', from)
        .set((row) => ({ attempt_id: attemptId, worker, attempt_at: at, attempts: row('attempts', '+', 1) }))
        .executeTakeFirst();
      return updated.numUpdatedRows === 1n;
    },

    async close(callKey, start, { state, output, at }) {
      const closed = await change(callKey, start)
        .set({ state, output: output && JSON.stringify(output), closed_at: at })
        .returningAll()
        .executeTakeFirst();
      if (closed) return toEffectRow(closed);
      const kept = await database
        .selectFrom('holdpoint_effects')
        .selectAll()
        .where('call_key', '=', callKey)
        .where('start_number', '=', start)
        .executeTakeFirst();
      // An open row here began after the statement above found none, so it is a later start.
      if (!kept || kept.state === 'open')
        throw new Error(
          `The effect of call ${callKey} was to be closed as ${state}, but there is no row of its start ${start}. It was released, or never started.`,
        );
      return toEffectRow(kept);
    },

    async release(callKey, start, attemptId) {
      const deleted = await database
        .deleteFrom('holdpoint_effects')
        .where('call_key', '=', callKey)
        .where('start_number', '=', start)
        .where('state', '=', 'open')
        .where('doubted', '=', 0)
        .where('attempt_id', '=', attemptId)
        .executeTakeFirst();
      return deleted.numDeletedRows === 1n;
    },

    async notHappened(callKey, start, attemptId, at) {
      const closed = await change(callKey, start)
        .where('doubted', '=', 0)
        .where('attempt_id', '=', attemptId)
        .set({ state: 'not-happened', closed_at: at })
        .executeTakeFirst();
      return closed.numUpdatedRows === 1n;
    },

    async doubt(callKey, start) {
      await change(callKey, start).set({ doubted: 1 }).execute();
    },
  };
}

/** The columns that identify a start and its attempt. */
function begunBy({ callKey, start, runId, tool, attemptId, worker, at }: EffectRefusal) {
  return { call_key: callKey, start_number: start, run_id: runId, tool, attempt_id: attemptId, worker, attempt_at: at };
}

function toEffectRow(row: Selectable<Tables['holdpoint_effects']>): EffectRow {
  return {
    callKey: row.call_key,
    start: row.start_number,
    runId: row.run_id,
    tool: row.tool,
    effect: row.effect === 'idempotent' ? row.effect : 'at-most-once',
    argumentsDigest: row.arguments_digest,
    requestsBefore: row.requests_before,
    request: row.request_number === null ? null : { number: row.request_number, id: row.request_id },
    attemptId: row.attempt_id,
    worker: row.worker,
    at: Number(row.attempt_at),
    attempts: row.attempts,
    state: row.state,
    doubted: row.doubted === 1,
    output: row.output === null ? null : (JSON.parse(row.output) as EffectOutput),
    closedAt: row.closed_at === null ? null : Number(row.closed_at),
  };
}

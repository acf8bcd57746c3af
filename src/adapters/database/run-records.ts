import type { Kysely } from 'kysely';
import type { RunRecords } from '../../activities/ports.ts';
import { contextFields } from '../../domain/context-fields.ts';
import type { Tables } from './tables.ts';

/** Inserts what runs did. */
export function createRunRecords(database: Kysely<Tables>): RunRecords {
  return {
    async begin({ runId, firstRunId, assistant, caller, summary, startedAt, context }) {
      const fields = contextFields(context).map((field) => ({ first_run_id: firstRunId, ...field }));
      await database.transaction().execute(async (transaction) => {
        await transaction
          .insertInto('holdpoint_runs')
          .values({
            first_run_id: firstRunId,
            run_id: runId,
            assistant,
            caller,
            summary: storable(summary),
            started_at: startedAt,
          })
          .onConflict((conflict) => conflict.doNothing())
          .execute();
        if (fields.length === 0) return;
        await transaction
          .insertInto('holdpoint_run_fields')
          .values(fields)
          .onConflict((conflict) => conflict.doNothing())
          .execute();
      });
    },

    async addTurn(record) {
      const { id, runId, firstRunId, turn, attempt, assistant, api, model, startedAt, endedAt, usage, cost, outcome } =
        record;
      await database
        .insertInto('holdpoint_run_turns')
        .values({
          id,
          run_id: runId,
          first_run_id: firstRunId,
          turn,
          attempt,
          assistant,
          api,
          model: model === null ? null : storable(model),
          started_at: startedAt,
          ended_at: endedAt,
          input_tokens: usage?.input,
          cached_input_tokens: usage?.cachedInput,
          output_tokens: usage?.output,
          reasoning_tokens: usage?.reasoning,
          cost_pico: cost?.pico,
          currency: cost?.currency ?? null,
          outcome: JSON.stringify(outcome),
        })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },

    async addCall({ id, runId, firstRunId, callKey, at, event }) {
      await database
        .insertInto('holdpoint_run_calls')
        .values({ id, run_id: runId, first_run_id: firstRunId, call_key: callKey, at, event: JSON.stringify(event) })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },
  };
}

/** PostgreSQL stores no NUL. */
function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD');
}

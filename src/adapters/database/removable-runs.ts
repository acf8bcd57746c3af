import type { Kysely, Transaction } from 'kysely';
import type { RecordedRun, RemovableRuns, RemovedRows } from '../../gateway/ports.ts';
import type { Tables } from './tables.ts';

/** Finds recorded runs that are old or about a subject, and removes all that this database has of them. */
export function createRemovableRuns(database: Kysely<Tables>): RemovableRuns {
  const runs = database
    .selectFrom('holdpoint_runs as run')
    .select(['run.run_id', 'run.first_run_id', 'run.started_at'])
    .orderBy('run.started_at')
    .orderBy('run.first_run_id');
  const toRun = (row: { run_id: string; first_run_id: string; started_at: number | string }): RecordedRun => ({
    runId: row.run_id,
    firstRunId: row.first_run_id,
    startedAt: Number(row.started_at),
  });
  const after = (query: typeof runs, last: RecordedRun | undefined) =>
    last === undefined
      ? query
      : query.where((row) =>
          row.or([
            row('run.started_at', '>', last.startedAt),
            row.and([row('run.started_at', '=', last.startedAt), row('run.first_run_id', '>', last.firstRunId)]),
          ]),
        );

  return {
    async quietSince(before, { last, limit }) {
      const rows = await after(runs, last)
        .where('run.started_at', '<', before)
        .where((row) =>
          row.and([
            row.not(
              row.exists(
                row
                  .selectFrom('holdpoint_run_turns as turn')
                  .select('turn.id')
                  .whereRef('turn.first_run_id', '=', 'run.first_run_id')
                  .where('turn.ended_at', '>=', before),
              ),
            ),
            row.not(
              row.exists(
                row
                  .selectFrom('holdpoint_run_calls as call')
                  .select('call.id')
                  .whereRef('call.first_run_id', '=', 'run.first_run_id')
                  .where('call.at', '>=', before),
              ),
            ),
          ]),
        )
        .limit(limit)
        .execute();
      return rows.map(toRun);
    },

    async about({ name, value }, { last, limit }) {
      const rows = await after(runs, last)
        .where((row) =>
          row.exists(
            row
              .selectFrom('holdpoint_run_fields as field')
              .select('field.name')
              .whereRef('field.first_run_id', '=', 'run.first_run_id')
              .where('field.name', '=', name)
              .where('field.value', '=', value),
          ),
        )
        .limit(limit)
        .execute();
      return rows.map(toRun);
    },

    async continuing({ firstRunId }) {
      // `union` drops duplicates, so the recursion ends.
      const rows = await database
        .withRecursive('family(first_run_id)', (family) =>
          family
            .selectFrom('holdpoint_runs')
            .select('first_run_id')
            .where('first_run_id', '=', firstRunId)
            .union((next) =>
              next
                .selectFrom('holdpoint_transcripts as later')
                .innerJoin('holdpoint_transcripts as earlier', 'earlier.id', 'later.parent')
                .innerJoin('family', 'family.first_run_id', 'earlier.first_run_id')
                .select('later.first_run_id'),
            ),
        )
        .selectFrom('family')
        .innerJoin('holdpoint_runs as run', 'run.first_run_id', 'family.first_run_id')
        .select(['run.run_id', 'run.first_run_id', 'run.started_at'])
        .where('run.first_run_id', '!=', firstRunId)
        .execute();
      return rows.map(toRun);
    },

    remove: (firstRunIds) => database.transaction().execute((transaction) => removeRows(transaction, firstRunIds)),
  };
}

/** Tables with a column of the first run id, in the order in which their rows go. */
const runTables = [
  'holdpoint_transcripts',
  'holdpoint_run_calls',
  'holdpoint_run_turns',
  'holdpoint_run_fields',
  'holdpoint_runs',
] as const;

async function removeRows(transaction: Transaction<Tables>, firstRunIds: readonly string[]): Promise<RemovedRows> {
  if (firstRunIds.length === 0) return {};
  const rows: RemovedRows = {};
  const owned = await transaction
    .deleteFrom('holdpoint_value_owners')
    .where('first_run_id', 'in', firstRunIds)
    .returning('digest')
    .execute();
  rows['holdpoint_value_owners'] = owned.length;
  if (owned.length > 0) {
    const { numDeletedRows } = await transaction
      .deleteFrom('holdpoint_values')
      .where(
        'digest',
        'in',
        owned.map(({ digest }) => digest),
      )
      .where('unowned', '=', 0)
      .where((is) =>
        is.not(
          is.exists(
            is
              .selectFrom('holdpoint_value_owners as owner')
              .select('owner.digest')
              .whereRef('owner.digest', '=', 'holdpoint_values.digest'),
          ),
        ),
      )
      .executeTakeFirst();
    rows['holdpoint_values'] = Number(numDeletedRows);
  }
  for (const table of ['holdpoint_requests', 'holdpoint_effects'] as const)
    for (const firstRunId of firstRunIds) {
      // A call key is the first run id, a slash and the rest. "0" follows "/".
      const { numDeletedRows } = await transaction
        .deleteFrom(table)
        .where('call_key', '>=', `${firstRunId}/`)
        .where('call_key', '<', `${firstRunId}0`)
        .executeTakeFirst();
      rows[table] = (rows[table] ?? 0) + Number(numDeletedRows);
    }
  for (const table of runTables) {
    const { numDeletedRows } = await transaction
      .deleteFrom(table)
      .where('first_run_id', 'in', firstRunIds)
      .executeTakeFirst();
    rows[table] = Number(numDeletedRows);
  }
  return rows;
}

import { sql, type Kysely } from 'kysely';
import type { RunPosition, RunSearch } from '../../gateway/ports.ts';
import type { Tables } from './tables.ts';

/** Finds recorded runs, those that started last first. */
export async function findRuns(
  database: Kysely<Tables>,
  { context, text, assistant, caller, since, until, after, limit }: RunSearch,
): Promise<RunPosition[]> {
  let query = database.selectFrom('holdpoint_runs as run').select(['run_id', 'first_run_id', 'started_at']);
  if (assistant !== undefined) query = query.where('assistant', '=', assistant);
  if (caller !== undefined) query = query.where('caller', '=', caller);
  if (since !== undefined) query = query.where('started_at', '>=', since);
  if (until !== undefined) query = query.where('started_at', '<', until);
  if (after !== null)
    query = query.where((row) =>
      row.or([
        row('started_at', '<', after.startedAt),
        row.and([row('started_at', '=', after.startedAt), row('run.first_run_id', '<', after.firstRunId)]),
      ]),
    );
  for (const { name, value } of context)
    query = query.where((row) =>
      row.exists(
        row
          .selectFrom('holdpoint_run_fields as field')
          .select('field.name')
          .whereRef('field.first_run_id', '=', 'run.first_run_id')
          .where('field.name', '=', name)
          .where('field.value', '=', value),
      ),
    );
  if (text !== undefined) {
    const inside = `%${escaped(text)}%`;
    query = query.where((row) =>
      row.or([
        sql<boolean>`lower(run.run_id) like ${`${escaped(text)}%`} escape '!'`,
        sql<boolean>`lower(run.summary) like ${inside} escape '!'`,
        row.exists(
          row
            .selectFrom('holdpoint_run_fields as field')
            .select('field.name')
            .whereRef('field.first_run_id', '=', 'run.first_run_id')
            .where(sql<boolean>`lower(field.value) like ${inside} escape '!'`),
        ),
      ]),
    );
  }
  const rows = await query.orderBy('started_at', 'desc').orderBy('run.first_run_id', 'desc').limit(limit).execute();
  return rows.map(({ run_id, first_run_id, started_at }) => ({
    runId: run_id,
    firstRunId: first_run_id,
    startedAt: Number(started_at),
  }));
}

/** For `like`, in lower case. PostgreSQL stores no NUL. */
function escaped(text: string): string {
  return text
    .toWellFormed()
    .toLowerCase()
    .replaceAll('\0', '\uFFFD')
    .replaceAll(/[!%_]/g, (found) => `!${found}`);
}

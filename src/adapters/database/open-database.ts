import { databasePlaceText, isDatabaseAway, openDatabase as openAndMigrate } from '@holdpoint/database';
import type { JsonObject } from '@holdpoint/json';
import { oneAttempt, whenReachable, type StartWait } from '@holdpoint/process';
import { sql } from 'kysely';
import type { ApprovalRequests, EffectLedger, RunRecords, StoredValues, Transcripts } from '../../activities/ports.ts';
import type { ApiKeys, RecordedRuns, RemovableRuns } from '../../gateway/ports.ts';
import { createApiKeys } from './api-keys.ts';
import { createApprovalRequests, readRequestDetails } from './approval-requests.ts';
import { createAssistantRegistry, type AssistantRegistry } from './assistant-registry.ts';
import { createEffectLedger } from './effect-ledger.ts';
import { migrations } from './migrations.ts';
import { createRecordedRuns } from './recorded-runs.ts';
import { createRemovableRuns } from './removable-runs.ts';
import { createRunRecords } from './run-records.ts';
import { createStoredValues } from './stored-values.ts';
import type { Tables } from './tables.ts';
import { createTranscripts } from './transcripts.ts';
import { createWebhookHints, type WebhookHints } from './webhook-hints.ts';

/** Holdpoint's open database. What a method has resolved is committed and survives kill -9 of any process. */
export type HoldpointDatabase = {
  values: StoredValues;
  transcripts: Transcripts;
  requests: ApprovalRequests;
  effects: EffectLedger;
  webhookHints: WebhookHints;
  assistantRegistry: AssistantRegistry;
  /** What runs did: workers write it, the gateway reads it. */
  runRecords: RunRecords;
  recordedRuns: RecordedRuns;
  /** For retention and erasure. */
  removableRuns: RemovableRuns;
  /** Callers of the gateway and their API keys. */
  apiKeys: ApiKeys;
  /** The details of the review requests with these ids, as they were sent. */
  requestDetails(ids: readonly string[]): Promise<JsonObject[]>;
  /** Resolves when the database answers. */
  health(): Promise<void>;
  /** Ends all connections. Call nothing else after it. */
  close(): Promise<void>;
};

/**
 * Opens Holdpoint's database and migrates its tables. Any number of processes may do so at once. The names of all
 * tables begin with `holdpoint_`, so a PostgreSQL database can be shared. A SQLite file is for the processes of one
 * machine.
 *
 * @param url `sqlite:///absolute/path`, `sqlite::memory:` or `postgres://…`.
 * @param wait How long it waits for a database that is away. Default: one attempt.
 * @throws Error when the URL has another form, the database can't be reached, or a newer Holdpoint has changed its
 * tables.
 */
export async function openDatabase(url: string, wait: StartWait = oneAttempt): Promise<HoldpointDatabase> {
  const { kysely, kind } = await whenReachable({
    what: `${databasePlaceText(url)} (HOLDPOINT_DATABASE_URL)`,
    attempt: () =>
      openAndMigrate<Tables>({
        url,
        owner: "Holdpoint's",
        migrations: () => migrations,
        migrationTables: { migrations: 'holdpoint_migrations', lock: 'holdpoint_migration_lock' },
      }),
    isAway: isDatabaseAway,
    wait,
  });
  return {
    values: createStoredValues(kysely),
    transcripts: createTranscripts(kysely),
    requests: createApprovalRequests(kysely),
    effects: createEffectLedger(kysely),
    webhookHints: createWebhookHints(kysely),
    assistantRegistry: createAssistantRegistry(kysely),
    runRecords: createRunRecords(kysely),
    recordedRuns: createRecordedRuns(kysely),
    removableRuns: createRemovableRuns(kysely),
    apiKeys: createApiKeys(kysely, kind),
    requestDetails: (ids) => readRequestDetails(kysely, ids),
    health: async () => void (await sql`select 1`.execute(kysely)),
    close: () => kysely.destroy(),
  };
}

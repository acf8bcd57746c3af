import type { Pause } from '@holdpoint/cheqpoint';
import { sql, type Selectable, type Transaction } from 'kysely';
import type { AssistantLimits, AssistantSettings, ChangeAssistant } from '../contract/review-admin.ts';
import { announceChange } from './approval-changes.ts';
import { appendAudit } from './audit.ts';
import { dropHoldsOfAssistant } from './drop-holds.ts';
import type { ReviewStore } from './review-store.ts';
import type { AssistantsTable, ReviewTables } from './tables.ts';

/** Limits of assistants without their own. Null: no limit. */
export type DefaultLimits = Readonly<AssistantLimits>;

type StoredAssistant = Selectable<AssistantsTable>;
const hourMs = 3_600_000;

/** All assistants, by name. */
export async function listAssistants(store: ReviewStore, defaults: DefaultLimits): Promise<AssistantSettings[]> {
  const rows = await store.database.reads.selectFrom('assistants').selectAll().orderBy('name').execute();
  return Promise.all(rows.map((row) => describe(store, row, defaults)));
}

/** One assistant. Undefined if the name is unknown. */
export async function readAssistant(
  store: ReviewStore,
  name: string,
  defaults: DefaultLimits,
): Promise<AssistantSettings | undefined> {
  const row = await store.database.reads
    .selectFrom('assistants')
    .selectAll()
    .where('name', '=', name)
    .executeTakeFirst();
  return row && describe(store, row, defaults);
}

/** Pauses, resumes, sets limits. A pause drops held approvals. Omitted fields stay. False if the name is unknown. */
export async function changeAssistant(
  store: ReviewStore,
  name: string,
  change: ChangeAssistant,
  person: string,
): Promise<boolean> {
  const dropped: string[] = [];
  const found = await store.database.kysely.transaction().execute(async (transaction) => {
    const before = await transaction
      .selectFrom('assistants')
      .selectAll()
      .where('name', '=', name)
      .$if(store.database.kind === 'postgres', (query) => query.forUpdate())
      .executeTakeFirst();
    if (before === undefined) return false;
    const at = store.clock().toISOString();
    const write = async (
      event: 'assistant-paused' | 'assistant-resumed' | 'limits-changed',
      set: Partial<StoredAssistant>,
      facts: Record<string, string | number | null>,
    ) => {
      await transaction.updateTable('assistants').set(set).where('id', '=', before.id).execute();
      await appendAudit(transaction, { at, actor: `reviewer:${person}`, event, subject: name, facts });
    };
    if (change.paused === true && before.paused_at === null) {
      dropped.push(...(await dropHoldsOfAssistant(transaction, before.id, at)));
      for (const id of dropped) await announceChange(transaction, store.database.kind, { id, change: 'changed' });
      await write(
        'assistant-paused',
        { paused_at: at, paused_by: person, pause_reason: change.reason ?? null },
        { reason: change.reason ?? null },
      );
    }
    if (change.paused === false && before.paused_at !== null)
      await write('assistant-resumed', { paused_at: null, paused_by: null, pause_reason: null }, {});
    const old = limitsOf(before);
    const {
      requestsPerHour = old.requestsPerHour,
      requestsPerDay = old.requestsPerDay,
      loopProtection = old.loopProtection,
    } = change.limits ?? {};
    const limits: AssistantLimits = { requestsPerHour, requestsPerDay, loopProtection };
    if (JSON.stringify(limits) !== JSON.stringify(old)) {
      const columns = {
        requests_per_hour: limits.requestsPerHour,
        requests_per_day: limits.requestsPerDay,
        loop_identical_requests: limits.loopProtection?.identicalRequests ?? null,
        loop_within_seconds: limits.loopProtection?.withinSeconds ?? null,
      };
      await write('limits-changed', columns, columns);
    }
    return true;
  });
  for (const id of dropped) store.onChange({ id, change: 'changed' });
  return found;
}

/**
 * The settings for one more request, which stay until the transaction ends. Requests of an assistant with a limit wait for
 * one another here, so that each counts the ones before it.
 */
export async function settingsForRequest(
  { database: { kind } }: ReviewStore,
  transaction: Transaction<ReviewTables>,
  defaults: DefaultLimits,
  assistantId: string,
): Promise<{ assistant: StoredAssistant; limits: AssistantLimits }> {
  const assistant = await transaction
    .selectFrom('assistants')
    .selectAll()
    .where('id', '=', assistantId)
    .$if(kind === 'postgres', (query) => query.forShare())
    .executeTakeFirst();
  if (assistant === undefined) throw new Error('The assistant of a Connection Key is missing.');
  const limits = effectiveLimits(assistant, defaults);
  // A lock on the row instead would end in a deadlock of two requests that share it.
  if (kind === 'postgres' && Object.values(limits).some((limit) => limit !== null))
    await sql`select pg_advisory_xact_lock(hashtextextended(${`holdpoint assistant ${assistantId}`}, 0))`.execute(
      transaction,
    );
  return { assistant, limits };
}

/** The assistant's own limits, completed by the defaults. */
function effectiveLimits(row: StoredAssistant, defaults: DefaultLimits): AssistantLimits {
  const own = limitsOf(row);
  return {
    requestsPerHour: own.requestsPerHour ?? defaults.requestsPerHour,
    requestsPerDay: own.requestsPerDay ?? defaults.requestsPerDay,
    loopProtection: own.loopProtection ?? defaults.loopProtection,
  };
}

function limitsOf({
  requests_per_hour,
  requests_per_day,
  loop_identical_requests,
  loop_within_seconds,
}: StoredAssistant): AssistantLimits {
  const loopProtection =
    loop_identical_requests === null || loop_within_seconds === null
      ? null
      : { identicalRequests: loop_identical_requests, withinSeconds: loop_within_seconds };
  return { requestsPerHour: requests_per_hour, requestsPerDay: requests_per_day, loopProtection };
}

/** The kill switch of an assistant: who turned it on. Null if it is off. */
export function pauseOf({
  paused_at,
  paused_by,
  pause_reason,
}: Pick<StoredAssistant, 'paused_at' | 'paused_by' | 'pause_reason'>): Pause | null {
  return paused_at === null ? null : { by: paused_by ?? '', at: paused_at, reason: pause_reason };
}

async function describe(
  { database: { reads }, clock }: ReviewStore,
  row: StoredAssistant,
  defaults: DefaultLimits,
): Promise<AssistantSettings> {
  const now = clock().getTime();
  const at = (agoMs: number) => new Date(now - agoMs).toISOString();
  const approvals = reads
    .selectFrom('approvals')
    .select(({ fn }) => fn.countAll().as('count'))
    .where('assistant_id', '=', row.id);
  const [lastHour, lastDay, waiting, activeKeys] = await Promise.all([
    approvals.where('created_at', '>', at(hourMs)).executeTakeFirstOrThrow(),
    approvals.where('created_at', '>', at(24 * hourMs)).executeTakeFirstOrThrow(),
    approvals.where('status', '=', 'PENDING').executeTakeFirstOrThrow(),
    reads
      .selectFrom('connection_keys')
      .select(({ fn }) => fn.countAll().as('count'))
      .where('assistant_id', '=', row.id)
      .where('revoked_at', 'is', null)
      .where((builder) => builder.or([builder('expires_at', 'is', null), builder('expires_at', '>', at(0))]))
      .executeTakeFirstOrThrow(),
  ]);
  return {
    name: row.name,
    paused: pauseOf(row),
    limits: limitsOf(row),
    effectiveLimits: effectiveLimits(row, defaults),
    requests: { lastHour: Number(lastHour.count), lastDay: Number(lastDay.count), waiting: Number(waiting.count) },
    activeKeys: Number(activeKeys.count),
  };
}

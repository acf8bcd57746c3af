import { randomBytes } from 'node:crypto';
import type { Transaction } from 'kysely';
import type { CreateApproval } from '@holdpoint/cheqpoint/wire';
import { sha256 } from '@holdpoint/json/digest';
import { stableJson } from '@holdpoint/json';
import { previewDigest } from '../contract/shown-digest.ts';
import { riskLevelOf } from '../risk-level.ts';
import { withoutReserved } from '@holdpoint/cheqpoint/wire-names';
import { nameKey } from '../policy/person-names.ts';
import { namesActedFor } from './acts-for.ts';
import { asksForOutcome, type StoredApproval } from './approval.ts';
import { announceChange } from './approval-changes.ts';
import { digestFact, newAuditKey } from './audit-digest.ts';
import { appendAudit } from './audit.ts';
import type { DefaultLimits } from './assistant-settings.ts';
import { type AutomaticDecision, decideAutomatically } from './automatic-decision.ts';
import { closeOpen } from './close-approval.ts';
import type { Assistant } from './connection-keys.ts';
import { findApproval } from './find-approval.ts';
import { reread } from './open-approval.ts';
import { addDelivery } from './outbox.ts';
import { planTimes } from './plan-times.ts';
import { type AskedStage, insertStages, resolveStages } from './requirement.ts';
import type { ReviewStore } from './review-store.ts';
import { ruleFacts } from './rule-match.ts';
import { addToSearch } from './search.ts';
import { selectApprovals } from './select-approvals.ts';
import { neverDue, type ReviewTables } from './tables.ts';

/** Priority of a request that names none (cheqpoint.vercel.app/docs/inbound). */
const defaultPriority = 'normal';
/** The way of a request. A larger difference of two instants is one of their clocks. */
const sameInstantMs = 1000;

/** A create call. */
export type NewRequest = {
  request: CreateApproval;
  /** The body without its transport fields: equal for repeats of one call. */
  body: Record<string, unknown>;
  idempotencyKey?: string | undefined;
  /** Also sends an automatic decision to the callback address. */
  deliverAtOnce: boolean;
};

/** `conflict`: the idempotency key belongs to another request. */
export type CreateResult = { outcome: 'created' | 'repeated'; approval: StoredApproval } | { outcome: 'conflict' };

/**
 * Stores a request, and decides it at once if the kill switch, a limit or a rule applies. The same idempotency key and
 * body return the existing approval.
 */
export async function createApproval(
  store: ReviewStore,
  defaults: DefaultLimits,
  assistant: Assistant,
  input: NewRequest,
): Promise<CreateResult> {
  const digest = sha256(stableJson(input.body));
  const stored = await store.database.kysely
    .transaction()
    .execute(
      async (transaction) =>
        (await findRepeat(transaction, assistant.id, input.idempotencyKey)) ??
        (await insert(store, transaction, defaults, assistant, input, digest)) ??
        (await findRepeat(transaction, assistant.id, input.idempotencyKey)),
    );
  if (stored === undefined) throw new Error('An approval that was just stored is missing.');
  if (stored.fresh) {
    const { id, status } = stored.approval;
    store.onChange({ id, change: 'created' });
    if (status !== 'PENDING') store.onChange({ id, change: 'closed' });
    return { outcome: 'created', approval: stored.approval };
  }
  if (stored.approval.request_digest !== digest) return { outcome: 'conflict' };
  return { outcome: 'repeated', approval: (await findApproval(store, stored.approval.id)) ?? stored.approval };
}

/** Characters of a name in the audit. */
const longestClaim = 200;

type Stored = { fresh: boolean; approval: StoredApproval };

async function findRepeat(
  transaction: Transaction<ReviewTables>,
  assistantId: string,
  idempotencyKey: string | undefined,
): Promise<Stored | undefined> {
  if (idempotencyKey === undefined) return undefined;
  const approval = await selectApprovals(transaction)
    .where('assistant_id', '=', assistantId)
    .where('idempotency_key', '=', idempotencyKey)
    .executeTakeFirst();
  return approval && { fresh: false, approval };
}

async function insert(
  store: ReviewStore,
  transaction: Transaction<ReviewTables>,
  defaults: DefaultLimits,
  assistant: Assistant,
  { request, idempotencyKey, deliverAtOnce }: NewRequest,
  digest: string,
): Promise<Stored | undefined> {
  const now = store.clock();
  const id = `req_${randomBytes(16).toString('hex')}`;
  const auditKey = newAuditKey();
  const expiresAt = expiryOf(request, now);
  const riskLevel = riskLevelOf(request.riskLevel, request.riskScore);
  const priority = request.priority ?? defaultPriority;
  const requestFacts = {
    assistantId: assistant.id,
    samenessDigest: sha256(stableJson([request.action, withoutReserved(request.details)])),
    asksForOutcome: asksForOutcome(request.details),
    facts: ruleFacts({
      action: request.action,
      assistant: assistant.name,
      agentName: request.agentName ?? null,
      riskLevel,
      riskScore: request.riskScore ?? null,
      priority,
      details: request.details,
      metadata: request.metadata,
    }),
  };
  const automatic = await decideAutomatically(store, transaction, defaults, requestFacts);
  const actsFor = namesActedFor({
    on_behalf_of: request.onBehalfOf ?? null,
    details: JSON.stringify(request.details),
  });
  const allowSelf = request.allowSelf === true;
  const asked = addressedTo(request.by ?? [], automatic);
  const stages =
    automatic.decision === undefined
      ? await resolveStages(transaction, asked, {
          asksForOutcome: requestFacts.asksForOutcome,
          actsFor,
          allowSelf,
        })
      : undefined;
  const byRule =
    automatic.decision === undefined && automatic.reviewRule !== undefined
      ? `The rule "${automatic.reviewRule}" requires a person's decision.`
      : null;
  const inserted = await transaction
    .insertInto('approvals')
    .values({
      id,
      assistant_id: assistant.id,
      idempotency_key: idempotencyKey ?? null,
      request_digest: digest,
      audit_key: auditKey,
      action: request.action,
      summary: request.summary,
      details: JSON.stringify(request.details),
      sameness_digest: requestFacts.samenessDigest,
      justification: request.justification ?? null,
      risk_level: riskLevel,
      risk_score: request.riskScore ?? null,
      priority,
      agent_name: request.agentName ?? null,
      metadata: toJson(request.metadata),
      trace: toJson(request.trace),
      arguments_schema: toJson(request.argumentsSchema),
      run_url: request.runUrl ?? null,
      workflow_url: request.workflowUrl ?? null,
      conversation: toJson(request.conversation),
      risk_reason: [request.riskReason, byRule].filter((reason) => reason != null).join(' ') || null,
      on_behalf_of: request.onBehalfOf ?? null,
      subject: request.subject || null,
      presets: toJson(request.presets),
      preview_digest: request.preview ? previewDigest(request.preview) : null,
      callback_urls: JSON.stringify([
        ...new Set([request.callbackUrl, request.webhookUrl].filter((url) => url != null)),
      ]),
      status: 'PENDING',
      expires_at: expiresAt,
      due_at: expiresAt ?? neverDue,
      question_rank: requestFacts.asksForOutcome ? 0 : 1,
      created_at: now.toISOString(),
      version: 1,
      stage: 1,
      addressed: stages === undefined ? 0 : 1,
      allow_self: allowSelf ? 1 : 0,
      proposed_details: null,
      proposed_by: null,
    })
    .onConflict((conflict) => conflict.columns(['assistant_id', 'idempotency_key']).doNothing())
    .returning('id')
    .executeTakeFirst();
  // A concurrent repeat stored it first.
  if (inserted === undefined) return undefined;
  if (stages !== undefined) await insertStages(transaction, id, stages, now.toISOString());
  if (request.preview)
    await transaction
      .insertInto('approval_previews')
      .values({ approval_id: id, preview: JSON.stringify(request.preview) })
      .execute();
  await addToSearch(
    transaction,
    id,
    request.details,
    request.action,
    request.summary,
    assistant.name,
    request.agentName,
    request.onBehalfOf,
    request.justification,
  );
  await announceChange(transaction, store.database.kind, { id, change: 'created' });
  await appendAudit(transaction, {
    at: now.toISOString(),
    actor: `assistant:${assistant.name}`,
    event: 'approval-requested',
    subject: id,
    facts: {
      action: request.action,
      riskLevel,
      ...digestFact('details', JSON.stringify(request.details), auditKey),
      // Beside the actor, which is the assistant of the Connection Key.
      ...(request.agentName == null ? {} : { saysItIs: request.agentName.slice(0, longestClaim) }),
      ...(stages === undefined ? {} : { by: asText(asked) }),
      ...(allowSelf ? { allowSelf } : {}),
    },
  });
  const approval = await reread(transaction, id);
  if (automatic.decision !== undefined) {
    const closed = await closeOpen(transaction, {
      kind: store.database.kind,
      approval,
      decision: automatic.decision,
      deliver: deliverAtOnce,
      now,
    });
    return { fresh: true, approval: closed.approval };
  }
  await planTimes(transaction, approval, now);
  if (store.notification !== undefined)
    await addDelivery(transaction, {
      kind: 'notification',
      approvalId: id,
      body: store.notification(approval, { kind: 'new' }),
      at: now.toISOString(),
    });
  return { fresh: true, approval };
}

/**
 * The expiry on this server's clock. A span from now is exact where the clock of the sender differs. An instant that
 * agrees with it is kept, so that it is the same on every page.
 */
function expiryOf({ expiresAt, expiresIn }: CreateApproval, now: Date): string | null {
  if (expiresIn == null) return expiresAt ?? null;
  const expiry = now.getTime() + expiresIn;
  const agrees = expiresAt != null && Math.abs(Date.parse(expiresAt) - expiry) <= sameInstantMs;
  return agrees ? expiresAt : new Date(expiry).toISOString();
}

/** The groups of the request, and then those of the rule. A rule adds to a request and takes nothing away. */
function addressedTo(named: readonly AskedStage[], automatic: AutomaticDecision): AskedStage[] {
  const more = automatic.decision === undefined ? (automatic.by ?? []) : [];
  const isNamed = (stage: AskedStage) =>
    named.some(({ group, approvals }) => nameKey(group) === nameKey(stage.group) && approvals >= stage.approvals);
  return [...named, ...more.filter((stage) => !isNamed(stage))];
}

/** A requirement for the audit, such as `2 of finance, 1 of legal`. */
function asText(asked: readonly AskedStage[]): string {
  return asked.map(({ group, approvals }) => `${approvals} of ${group}`).join(', ');
}

function toJson(value: object | null | undefined): string | null {
  return value == null ? null : JSON.stringify(value);
}

import type { Transaction } from 'kysely';
import type { AssistantLimits, Rule } from '../contract/review-admin.ts';
import { settingsForRequest, type DefaultLimits } from './assistant-settings.ts';
import type { Decision } from './close-approval.ts';
import type { ReviewStore } from './review-store.ts';
import { ruleApplies, type RuleFacts } from './rule-match.ts';
import { listRules } from './rules.ts';
import type { ReviewTables } from './tables.ts';

/** The facts of a request for limits and rules. */
export type RequestFacts = {
  assistantId: string;
  samenessDigest: string;
  asksForOutcome: boolean;
  facts: RuleFacts;
};

/** The decision of rules and limits on a new request. `reviewRule`: the rule that asks for a person. `by`: its groups. */
export type AutomaticDecision =
  { decision: Decision } | { decision: undefined; reviewRule: string | undefined; by: Rule['by'] };

const hourMs = 3_600_000;

/**
 * The decision that the kill switch, a limit, the loop protection or a rule makes at once, in this order. Call it
 * before the request is stored.
 */
export async function decideAutomatically(
  store: ReviewStore,
  transaction: Transaction<ReviewTables>,
  defaults: DefaultLimits,
  request: RequestFacts,
): Promise<AutomaticDecision> {
  const { assistant, limits } = await settingsForRequest(store, transaction, defaults, request.assistantId);
  if (assistant.paused_at !== null)
    return {
      decision: rejection(
        'paused',
        `Automatically rejected: this assistant is paused${assistant.pause_reason === null ? '' : ` (${assistant.pause_reason})`}.`,
      ),
    };
  const limited =
    (await byLimit(store, transaction, limits, request.assistantId)) ??
    (await byLoopProtection(store, transaction, limits.loopProtection, request));
  return limited === undefined ? byRule(transaction, request) : { decision: limited };
}

async function byLimit(
  store: ReviewStore,
  transaction: Transaction<ReviewTables>,
  { requestsPerHour, requestsPerDay }: AssistantLimits,
  assistantId: string,
): Promise<Decision | undefined> {
  for (const { most, hours, word } of [
    { most: requestsPerHour, hours: 1, word: 'an hour' },
    { most: requestsPerDay, hours: 24, word: 'a day' },
  ]) {
    if (most === null) continue;
    const { count } = await transaction
      .selectFrom('approvals')
      .select(({ fn }) => fn.countAll().as('count'))
      .where('assistant_id', '=', assistantId)
      .where('created_at', '>', new Date(store.clock().getTime() - hours * hourMs).toISOString())
      .where((builder) =>
        builder.or([builder('reason_code', 'is', null), builder('reason_code', 'not in', ['limit', 'loop', 'paused'])]),
      )
      .executeTakeFirstOrThrow();
    if (Number(count) >= most)
      return rejection(
        'limit',
        `Automatically rejected: this assistant may ask ${most === 1 ? 'once' : `${most} times`} in ${word}.`,
      );
  }
  return undefined;
}

async function byLoopProtection(
  store: ReviewStore,
  transaction: Transaction<ReviewTables>,
  protection: AssistantLimits['loopProtection'],
  request: RequestFacts,
): Promise<Decision | undefined> {
  if (protection === null) return undefined;
  const { count } = await transaction
    .selectFrom('approvals')
    .select(({ fn }) => fn.countAll().as('count'))
    .where('assistant_id', '=', request.assistantId)
    .where('created_at', '>', new Date(store.clock().getTime() - protection.withinSeconds * 1000).toISOString())
    .where('sameness_digest', '=', request.samenessDigest)
    .executeTakeFirstOrThrow();
  if (Number(count) < protection.identicalRequests) return undefined;
  return rejection(
    'loop',
    `Automatically rejected: ${protection.identicalRequests} identical ${protection.identicalRequests === 1 ? 'request' : 'requests'} came within ${protection.withinSeconds} seconds.`,
  );
}

async function byRule(
  transaction: Transaction<ReviewTables>,
  { asksForOutcome, facts }: RequestFacts,
): Promise<AutomaticDecision> {
  const rule = (await listRules(transaction)).find(
    (each) => each.enabled && ruleApplies(each.conditions, facts, asksForOutcome),
  );
  if (rule === undefined || rule.decision === 'review')
    return { decision: undefined, reviewRule: rule?.name, by: rule?.by ?? null };
  const approves = rule.decision === 'approve';
  return {
    decision: {
      status: approves ? 'APPROVED' : 'REJECTED',
      reasonCode: 'rule',
      actor: `rule:${rule.name}`,
      ruleName: rule.name,
      note: `Automatically ${approves ? 'approved' : 'rejected'} by rule: ${rule.name}`,
    },
  };
}

function rejection(reasonCode: 'limit' | 'loop' | 'paused', note: string): Decision {
  return { status: 'REJECTED', reasonCode, actor: 'system', note };
}

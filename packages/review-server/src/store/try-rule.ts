import { setImmediate as breathe } from 'node:timers/promises';
import { sql } from 'kysely';
import { trialDays, type Rule, type RuleCondition, type RuleTrial, type TryRule } from '../contract/review-admin.ts';
import { parseExactJson } from '@holdpoint/json';
import type { WireObject } from '@holdpoint/cheqpoint/wire';
import { asksForOutcome, type StoredApproval } from './approval.ts';
import type { ReviewStore } from './review-store.ts';
import { ruleApplies, ruleFacts, type RuleFacts } from './rule-match.ts';
import { listRules } from './rules.ts';
import { selectApprovals } from './select-approvals.ts';

/** A trial examines so many requests, newest first: a few seconds of one process at most. */
const mostExamined = 50_000;
const mostShown = 100;
const pageSize = 500;
const dayMs = 24 * 3_600_000;

/**
 * Shows what a rule would have decided for the requests of the last 30 days. Changes nothing. Undefined without
 * conditions, from the call or from a stored rule.
 */
export async function tryRule(store: ReviewStore, asked: TryRule): Promise<RuleTrial | undefined> {
  const to = store.clock();
  const from = new Date(to.getTime() - trialDays * dayMs).toISOString();
  const rules = await listRules(store.database.reads);
  const conditions = asked.conditions ?? rules.find(({ id }) => id === asked.id)?.conditions;
  if (conditions === undefined) return undefined;
  const trial = { ...asked, conditions };
  const before = rulesBefore(rules, trial);
  const result: RuleTrial = {
    from,
    to: to.toISOString(),
    looked: 0,
    truncated: false,
    matched: 0,
    decides: 0,
    people: { approved: 0, approvedWithEdit: 0, rejected: 0 },
    matches: [],
  };
  const candidates = narrowed(store, trial.conditions)
    .where('approvals.created_at', '>', from)
    .where('approvals.created_at', '<=', result.to);
  let last: StoredApproval | undefined;
  while (result.looked < mostExamined) {
    const rows = await candidates
      .$if(last !== undefined, (query) =>
        query.where(sql<boolean>`(approvals.created_at, approvals.id) < (${last!.created_at}, ${last!.id})`),
      )
      .orderBy('approvals.created_at', 'desc')
      .orderBy('approvals.id', 'desc')
      .limit(pageSize)
      .execute();
    for (const row of rows) weigh(row, trial, before, result);
    last = rows.at(-1);
    if (rows.length < pageSize) return result;
    // Lets other requests of this process run between pages.
    await breathe();
  }
  return { ...result, truncated: true };
}

function weigh(
  row: StoredApproval,
  { conditions, decision }: Pick<Rule, 'conditions' | 'decision'>,
  before: readonly Rule[],
  result: RuleTrial,
): void {
  result.looked += 1;
  const details = parseExactJson(row.details) as WireObject;
  const facts = factsOf(row, details);
  const applies = (each: readonly RuleCondition[]) => ruleApplies(each, facts, asksForOutcome(details));
  if (!applies(conditions)) return;
  result.matched += 1;
  if (before.some((rule) => applies(rule.conditions))) return;
  result.decides += 1;
  const edited = row.modified_details !== null;
  const byPerson = row.reason_code === 'person';
  if (byPerson) result.people[row.status === 'REJECTED' ? 'rejected' : edited ? 'approvedWithEdit' : 'approved'] += 1;
  if (result.matches.length >= mostShown) return;
  const same =
    decision === 'review' ||
    (decision === 'approve' ? row.status === 'APPROVED' && !edited : row.status === 'REJECTED');
  result.matches.push({
    id: row.id,
    assistant: row.assistant,
    action: row.action,
    summary: row.summary,
    riskLevel: row.risk_level,
    createdAt: row.created_at,
    status: row.status,
    decidedBy: row.decided_by,
    decisionReasonCode: row.reason_code,
    edited,
    differs: byPerson && !same,
  });
}

function rulesBefore(rules: readonly Rule[], { id, position }: TryRule): Rule[] {
  const place = position ?? rules.find((rule) => rule.id === id)?.position ?? Number.POSITIVE_INFINITY;
  return rules.filter((rule) => rule.enabled && rule.id !== id && rule.position < place);
}

/** Narrows the query by conditions that the database can check. */
function narrowed({ database: { reads } }: ReviewStore, conditions: readonly RuleCondition[]) {
  let query = selectApprovals(reads);
  for (const condition of conditions) {
    if (condition.operator !== 'is' || typeof condition.value !== 'string') continue;
    if (condition.field === 'action') query = query.where('approvals.action', '=', condition.value);
    if (condition.field === 'assistant') query = query.where('assistants.name', '=', condition.value);
  }
  return query;
}

function factsOf(row: StoredApproval, details: WireObject): RuleFacts {
  return ruleFacts({
    action: row.action,
    assistant: row.assistant,
    agentName: row.agent_name,
    riskLevel: row.risk_level,
    riskScore: row.risk_score,
    priority: row.priority,
    details,
    metadata: row.metadata === null ? null : (JSON.parse(row.metadata) as WireObject),
  });
}

import type { Transaction } from 'kysely';
import type { Limits, LoopProtection, Rule } from '../options.ts';
import type { Closing } from './close-approval.ts';
import type { ReviewStore } from './review-store.ts';
import type { ReviewTables } from './tables.ts';

/** What decides without a person. */
export interface AutomaticPolicy {
  rules: readonly Rule[];
  limits: Limits;
  loopProtection?: LoopProtection | undefined;
}

/** A request as the policy sees it. */
export interface JudgedRequest {
  assistantId: string;
  action: string;
  riskLevel: string;
  samenessDigest: string;
  asksForOutcome: boolean;
}

type AutomaticClosing = Omit<Closing, 'deliver'>;
const HOUR_MS = 3_600_000;

/** The decision that a limit, the loop protection or a rule makes at once, in this order; nothing where a person decides. Call it before the request is stored. */
export async function decideAutomatically(store: ReviewStore, transaction: Transaction<ReviewTables>, policy: AutomaticPolicy, request: JudgedRequest): Promise<AutomaticClosing | undefined> {
  const limited = policy.limits.requestsPerHour !== undefined || policy.limits.requestsPerDay !== undefined;
  if (store.database.kind === 'postgres' && (limited || policy.loopProtection !== undefined)) {
    // One request of an assistant at a time, or concurrent ones would not count each other.
    await transaction.selectFrom('assistants').select('id').where('id', '=', request.assistantId).forUpdate().execute();
  }
  return (await byLimit(store, transaction, policy.limits, request.assistantId))
    ?? (await byLoopProtection(store, transaction, policy.loopProtection, request))
    ?? byRule(policy.rules, request);
}

async function byLimit(store: ReviewStore, transaction: Transaction<ReviewTables>, { requestsPerHour, requestsPerDay }: Limits, assistantId: string): Promise<AutomaticClosing | undefined> {
  for (const { most, hours, word } of [{ most: requestsPerHour, hours: 1, word: 'an hour' }, { most: requestsPerDay, hours: 24, word: 'a day' }]) {
    if (most === undefined) continue;
    const { count } = await transaction.selectFrom('approvals').select(({ fn }) => fn.countAll().as('count'))
      .where('assistant_id', '=', assistantId).where('created_at', '>', new Date(store.clock().getTime() - hours * HOUR_MS).toISOString())
      .where((builder) => builder.or([builder('reason_code', 'is', null), builder('reason_code', 'not in', ['limit', 'loop'])]))
      .executeTakeFirstOrThrow();
    if (Number(count) >= most) return rejection('limit', `Automatically rejected: this assistant may ask ${most} times in ${word}.`);
  }
  return undefined;
}

async function byLoopProtection(store: ReviewStore, transaction: Transaction<ReviewTables>, protection: LoopProtection | undefined, request: JudgedRequest): Promise<AutomaticClosing | undefined> {
  if (protection === undefined) return undefined;
  const { count } = await transaction.selectFrom('approvals').select(({ fn }) => fn.countAll().as('count'))
    .where('assistant_id', '=', request.assistantId).where('created_at', '>', new Date(store.clock().getTime() - protection.withinSeconds * 1000).toISOString())
    .where('sameness_digest', '=', request.samenessDigest).executeTakeFirstOrThrow();
  if (Number(count) < protection.identicalRequests) return undefined;
  return rejection('loop', `Automatically rejected: ${protection.identicalRequests} identical requests came within ${protection.withinSeconds} seconds.`);
}

function byRule(rules: readonly Rule[], request: JudgedRequest): AutomaticClosing | undefined {
  const rule = rules.find(({ action, riskLevel }) => (action === undefined ? !request.asksForOutcome : action === request.action) && (riskLevel === undefined || riskLevel === request.riskLevel));
  if (rule === undefined || rule.decision === 'review') return undefined;
  const approves = rule.decision === 'approve';
  return { status: approves ? 'APPROVED' : 'REJECTED', reasonCode: 'rule', actor: `rule:${rule.name}`, ruleName: rule.name, note: `Automatically ${approves ? 'approved' : 'rejected'} by rule: ${rule.name}` };
}

function rejection(reasonCode: 'limit' | 'loop', note: string): AutomaticClosing {
  return { status: 'REJECTED', reasonCode, actor: 'system', note };
}

import type { DecisionReasonCode } from '@holdpoint/cheqpoint/wire';
import type { Delivery } from '../contract/review-admin.ts';
import type { TimelineEntry } from '../contract/reviewer-api.ts';
import { asksForOutcome, toAnswer, type StoredApproval } from './approval.ts';
import type { ReviewStore } from './review-store.ts';

const SYSTEM = 'the system';
const MOST_CLAIMS = 100;

/** What happened with an approval, oldest first. */
export async function readTimeline(
  { database }: ReviewStore,
  approval: StoredApproval,
  deliveries: readonly Delivery[],
): Promise<TimelineEntry[]> {
  const claims = await database.kysely
    .selectFrom('audit')
    .select(['at', 'actor', 'event', 'facts'])
    .where('subject', '=', approval.id)
    .where('event', 'in', ['approval-claimed', 'approval-released'])
    .orderBy('sequence', 'desc')
    .limit(MOST_CLAIMS)
    .execute();
  const entries: TimelineEntry[] = [
    { at: approval.created_at, actor: approval.assistant, event: 'requested', text: 'asked for a decision' },
    ...claims.toReversed().map(({ at, actor, event, facts }): TimelineEntry => {
      const name = actor.slice(actor.indexOf(':') + 1);
      if (event === 'approval-released') return { at, actor: name, event: 'released', text: 'left it to the others' };
      const { takenOverFrom } = JSON.parse(facts) as { takenOverFrom: string | null };
      return {
        at,
        actor: name,
        event: 'claimed',
        text: takenOverFrom === null ? 'is on it' : `took it over from ${takenOverFrom}`,
      };
    }),
    ...(approval.decided_at === null || approval.reason_code === null
      ? []
      : [decided(approval, approval.decided_at, approval.reason_code)]),
    ...deliveries.flatMap(delivered),
  ];
  // Stable: what happened in one moment stays in the order above.
  return entries.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

function decided(approval: StoredApproval, at: string, reason: DecisionReasonCode): TimelineEntry {
  const texts: Record<DecisionReasonCode, [actor: string, text: string]> = {
    person: [approval.decided_by ?? SYSTEM, personText(approval)],
    expired: [SYSTEM, 'closed it as expired, since nobody decided in time'],
    withdrawn: [approval.assistant, 'withdrew it'],
    superseded: [approval.assistant, 'replaced it by a newer request'],
    limit: [SYSTEM, 'rejected it, since the assistant asked too often'],
    loop: [SYSTEM, 'rejected it, since the same was asked again and again'],
    paused: [SYSTEM, 'rejected it, since the assistant is paused'],
    rule: [
      SYSTEM,
      `${approval.status === 'APPROVED' ? 'approved' : 'rejected'} it by the rule "${approval.rule_name}"`,
    ],
  };
  const [actor, text] = texts[reason];
  return { at, actor, event: 'decided', text };
}

function personText(approval: StoredApproval): string {
  const approved = approval.status === 'APPROVED';
  const edited = approval.modified_details !== null;
  if (!asksForOutcome(toAnswer(approval).details))
    return approved ? `approved it${edited ? ' with edits' : ''}` : 'rejected it';
  if (!approved) return 'gave up on it';
  return edited ? 'said that it did not happen' : 'said that it happened';
}

function delivered({ to, attempts, givenUpAt }: Delivery): TimelineEntry[] {
  return [
    ...attempts.map(({ at, number, problem }): TimelineEntry =>
      problem === null
        ? { at, actor: SYSTEM, event: 'delivered', text: `told ${to}${number > 1 ? ` at attempt ${number}` : ''}` }
        : { at, actor: SYSTEM, event: 'delivery-failed', text: `could not tell ${to}: ${problem}` },
    ),
    ...(givenUpAt === null
      ? []
      : [{ at: givenUpAt, actor: SYSTEM, event: 'delivery-abandoned' as const, text: `gave up telling ${to}` }]),
  ];
}

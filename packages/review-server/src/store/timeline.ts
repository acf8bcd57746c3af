import { sql, type Kysely } from 'kysely';
import type { DecisionReasonCode } from '@holdpoint/cheqpoint/wire';
import type { Delivery } from '../contract/deliveries.ts';
import type { TimelineEntry } from '../contract/reviewer-api.ts';
import { asksForOutcome, toAnswer, type StoredApproval } from './approval.ts';
import { heldEntry, holdEvents, isHoldEvent } from './hold-timeline.ts';
import type { ReviewStore } from './review-store.ts';
import { timeEntry, timeEvents } from './read-times.ts';
import { readVoting } from './show-votes.ts';
import type { ReviewTables } from './tables.ts';

const systemActor = 'the system';
const mostClaims = 100;

/** The events of an approval, oldest first. */
export async function readTimeline(
  { database }: ReviewStore,
  approval: StoredApproval,
  deliveries: readonly Delivery[],
): Promise<TimelineEntry[]> {
  const claims = await readClaims(database.reads, approval.id);
  const entries: TimelineEntry[] = [
    { at: approval.created_at, actor: approval.assistant, event: 'requested', text: 'requested a decision' },
    ...claims.map(({ at, actor, event, facts }): TimelineEntry => {
      const name = actor.slice(actor.indexOf(':') + 1);
      if (event === 'approval-released') return { at, actor: name, event: 'released', text: 'released the claim' };
      if (isHoldEvent(event)) return heldEntry(at, event, name, facts);
      if (timeEvents.includes(event)) return timeEntry(at, event, facts);
      if (event === 'approval-assigned') return assignedEntry(at, name, facts);
      const { takenOverFrom } = JSON.parse(facts) as { takenOverFrom: string | null };
      return {
        at,
        actor: name,
        event: 'claimed',
        text: takenOverFrom === null ? 'claimed it' : `took the claim over from ${takenOverFrom}`,
      };
    }),
    ...(await readVotes(database.reads, approval)),
    ...(approval.decided_at === null || approval.reason_code === null
      ? []
      : [decided(approval, approval.decided_at, approval.reason_code)]),
    ...deliveries.flatMap(delivered),
  ];
  // Stable sort: events of the same moment keep the order above.
  return entries.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

function assignedEntry(at: string, actor: string, facts: string): TimelineEntry {
  const { to, isGroup } = JSON.parse(facts) as { to: string; isGroup: boolean };
  return { at, actor, event: 'assigned', text: `handed it over to ${isGroup ? `the group ${to}` : to}` };
}

/** Of the newest claims, releases, held decisions, reminders and escalations, oldest first. */
async function readClaims(reads: Kysely<ReviewTables>, id: string) {
  const columns = ['at', 'actor', 'event', 'facts'] as const;
  const events = ['approval-claimed', 'approval-released', 'approval-assigned', ...holdEvents, ...timeEvents];
  const linked = reads
    .selectFrom('audit')
    .select([...columns, 'sequence', sql<number>`0`.as('unlinked')])
    .where('subject', '=', id)
    .where('event', 'in', events)
    .orderBy('sequence', 'desc')
    .limit(mostClaims);
  const unlinked = reads
    .selectFrom('audit_pending')
    .select([...columns, 'entry as sequence', sql<number>`1`.as('unlinked')])
    .where('subject', '=', id)
    .where('event', 'in', events);
  const found = await reads
    .selectFrom(linked.as('linked'))
    .selectAll()
    .unionAll(unlinked)
    .orderBy('unlinked')
    .orderBy('sequence')
    .execute();
  return found.slice(-mostClaims);
}

/** The votes and edits of an approval that takes several. Its last vote is the decision. */
async function readVotes(reads: Kysely<ReviewTables>, approval: StoredApproval): Promise<TimelineEntry[]> {
  const voting = await readVoting(reads, approval);
  if (voting === null) return [];
  const isLast = ({ at }: { at: string }) => at === approval.decided_at;
  return [
    ...voting.votes
      .filter((vote) => !isLast(vote))
      .map(({ at, by, onBehalfOf, vote, stage, counts }): TimelineEntry => {
        const forWhom = onBehalfOf === null ? '' : ` for ${onBehalfOf}`;
        const before = counts ? '' : ', before the edit';
        const verb = vote === 'approve' ? 'approved' : 'rejected';
        return { at, actor: by, event: 'voted', text: `${verb} it${forWhom} in stage ${stage}${before}` };
      }),
    ...voting.edits.map(({ at, by }): TimelineEntry => ({
      at,
      actor: by,
      event: 'edited',
      text: 'edited it, so the votes begin again',
    })),
  ];
}

function decided(approval: StoredApproval, at: string, reason: DecisionReasonCode): TimelineEntry {
  const texts: Record<DecisionReasonCode, [actor: string, text: string]> = {
    person: [approval.decided_by ?? systemActor, personText(approval)],
    expired: [systemActor, 'closed it as expired, without a decision in time'],
    withdrawn: [approval.assistant, 'withdrew it'],
    superseded: [approval.assistant, 'replaced it by a newer request'],
    limit: [systemActor, 'rejected it: the assistant is over its limit'],
    loop: [systemActor, 'rejected it: too many identical requests'],
    paused: [systemActor, 'rejected it: the assistant is paused'],
    rule: [
      systemActor,
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
        ? {
            at,
            actor: systemActor,
            event: 'delivered',
            text: `called ${to} back${number > 1 ? ` at attempt ${number}` : ''}`,
          }
        : { at, actor: systemActor, event: 'delivery-failed', text: `could not call ${to} back: ${problem}` },
    ),
    ...(givenUpAt === null
      ? []
      : [
          {
            at: givenUpAt,
            actor: systemActor,
            event: 'delivery-abandoned' as const,
            text: `gave up calling ${to} back`,
          },
        ]),
  ];
}

import type { Transaction } from 'kysely';
import type { WireObject } from '@holdpoint/cheqpoint/wire';
import { stableJson } from '@holdpoint/json';
import type { ReviewerDecision } from '../contract/reviewer-api.ts';
import { currentStage, maySee, type Person, rightToVote, type Standing, votesNeeded } from '../policy/may-decide.ts';
import { isNamed } from '../policy/person-names.ts';
import { toObject, toReviewerApproval, type StoredApproval } from './approval.ts';
import { announceChange } from './approval-changes.ts';
import { digestFact } from './audit-digest.ts';
import { appendAudit } from './audit.ts';
import { closeOpen } from './close-approval.ts';
import { completeEdit, removedKeys } from './complete-edit.ts';
import { dropHolds } from './drop-holds.ts';
import { openGroupsFor } from './groups.ts';
import { holdDecision, type HoldOptions } from './hold-decision.ts';
import { closeIfLapsed, lockApproval, reread } from './open-approval.ts';
import type { DueDelivery } from './due-delivery.ts';
import { readPerson } from './people.ts';
import { plainAnswer } from './plain-answer.ts';
import { readPauseAndSteps } from './pause-and-steps.ts';
import { replanTimes } from './plan-times.ts';
import { addressUnfillable, readStanding } from './requirement.ts';
import type { ReviewStore } from './review-store.ts';
import { checkStepUp, isCriticalApproval, type StepUp } from './step-up.ts';
import type { ReviewTables } from './tables.ts';
import type { Write } from './together.ts';

/** A person's answer to an approval. */
export type DecideOptions = {
  /** Id of the approval. */
  id: string;
  answer: ReviewerDecision;
  /** Id of the user who answers. */
  voter: string;
  /** Id of the user whose vote it is. @default the voter, or a person whose deputy the voter is now */
  onBehalfOf?: string | undefined;
  /** Holds the answer for these seconds after all checks. At their end it is given again. @default gives it now */
  hold?: HoldOptions | undefined;
  /** The voter's passkey, for the approval of a critical request. */
  stepUp?: StepUp | undefined;
  /** Leases the callbacks to this process, which sends them after the commit. @default false */
  lease?: boolean | undefined;
};

/** Result of a person's answer. `already-closed` carries the final decision. */
export type DecideResult =
  | { outcome: 'decided'; approval: StoredApproval; /** Callbacks to send after the commit. */ leased: DueDelivery[] }
  /** The vote counts. The approval stays open for further votes. */
  | { outcome: 'voted'; approval: StoredApproval }
  /** All checks passed. The vote is cast at the end of the hold, after the same checks. */
  | { outcome: 'held'; approval: StoredApproval }
  /** The edit is the next version of the request. Its votes begin again, without the editor. */
  | { outcome: 'edited'; approval: StoredApproval }
  | { outcome: 'already-closed'; approval: StoredApproval }
  | { outcome: 'invalid-edit'; problem: string }
  /** A plain answer to an outcome question, or an outcome answer to a call. */
  | { outcome: 'wrong-answer'; problem: string }
  /** The reviewer decided on something else than the approval as it is stored. */
  | { outcome: 'changed'; approval: StoredApproval }
  /** The policy refuses this person's vote. */
  | { outcome: 'not-allowed'; problem: string; approval: StoredApproval }
  /** The kill switch is on: requests of this assistant can't be approved. */
  | { outcome: 'paused'; problem: string }
  | { outcome: 'not-found' };

/**
 * Records a person's answer in the caller's transaction: the approval's lock, what the person saw, who may decide, the
 * vote, the count. A rejection ends the approval at any stage. The last approval of the last stage approves it. Every
 * answer of a person goes through here. Publish `changeOf` the result after the commit.
 */
export async function castVote(
  store: ReviewStore,
  transaction: Transaction<ReviewTables>,
  { id, answer: { shown, note, ...answer }, voter, onBehalfOf, hold, stepUp, lease = false }: DecideOptions,
): Promise<DecideResult> {
  const current = await lockApproval(store, transaction, id, [voter, onBehalfOf ?? voter]);
  const person = await readPerson(transaction, voter, store.clock());
  if (current === undefined || person === undefined) return { outcome: 'not-found' };
  const standing = await readStanding(transaction, current);
  const addressees = standing.stages.flatMap((stage) => stage.addressees);
  const openGroups = await openGroupsFor(transaction, addressees);
  if (!maySee(person, addressees, openGroups)) return { outcome: 'not-found' };
  if (current.status !== 'PENDING' || (await closeIfLapsed(store, transaction, current)))
    return { outcome: 'already-closed', approval: await reread(transaction, id) };
  const approval = toReviewerApproval(current);
  if (shown !== undefined && shown !== approval.shown) return { outcome: 'changed', approval: current };
  const plain = plainAnswer(approval, answer);
  if ('problem' in plain) return { outcome: 'wrong-answer', problem: plain.problem };
  const { decision, modifiedDetails } = plain;
  const several = votesNeeded(standing) > 1;
  if (several && decision === 'approve' && shown === undefined)
    return { outcome: 'wrong-answer', problem: shownIsNeeded };
  const right = rightToVote(standing, person, decision, onBehalfOf);
  if ('refusal' in right) return { outcome: 'not-allowed', problem: right.refusal.says, approval: current };
  const represented = right.representing;
  const { paused, openSteps } = await readPauseAndSteps(transaction, current);
  if (decision === 'approve' && paused !== undefined) return { outcome: 'paused', problem: paused };
  const proposed = current.proposed_details === null ? null : toObject(current.proposed_details);
  const edit = completeEdit(
    approval,
    modifiedDetails,
    removedKeys(approval.details, proposed, modifiedDetails, answer),
  );
  if ('problem' in edit) return { outcome: 'invalid-edit', problem: edit.problem };
  const stepped = isCriticalApproval(current, answer.decision)
    ? await checkStepUp(store, transaction, {
        act: { ...answer, approval: current, shown: approval.shown },
        user: person,
        stepUp,
      })
    : undefined;
  if (stepped !== undefined && 'problem' in stepped)
    return { outcome: 'not-allowed', problem: stepped.problem, approval: current };
  if (hold !== undefined && hold.seconds > 0) {
    const held = {
      by: voter,
      name: person.name,
      onBehalfOf: represented.id,
      answer: { ...answer, note, shown: approval.shown },
    };
    await holdDecision(store, transaction, { approval: current, hold, held });
    return { outcome: 'held', approval: current };
  }
  if (openSteps > 0)
    await dropHolds(transaction, { approvalId: id, at: store.clock().toISOString(), reason: 'replaced', by: voter });

  const ballot: Ballot = {
    store,
    transaction,
    current,
    standing,
    person,
    represented,
    vote: decision,
    shown: approval.shown,
    note: note?.trim() ? note : null,
    passkey: stepped?.passkey,
  };
  const isEdit = modifiedDetails !== null && !isSame(edit.modifiedDetails, proposed);
  if (several && isEdit) return addVersion(ballot, edit.modifiedDetails);
  // Without stages one vote decides, so it is written with the decision.
  const decides = current.addressed === 0;
  if (!decides) await insertVote(ballot).execute();
  if (several) await noteVote(ballot);
  if (!decides && decision === 'approve' && !(await isComplete(ballot)))
    return { outcome: 'voted', approval: await changed(ballot) };
  const { approval: closed, leased } = await closeOpen(transaction, {
    kind: store.database.kind,
    approval: current,
    decision: {
      status: decision === 'approve' ? 'APPROVED' : 'REJECTED',
      reasonCode: 'person',
      actor: `reviewer:${person.name}`,
      decidedBy: person.name,
      modifiedDetails: decision === 'reject' ? null : several ? proposed : edit.modifiedDetails,
      note: ballot.note,
      facts: { ...(several && { voters: await readVoters(ballot) }), ...aboutVoter(ballot) },
    },
    deliver: lease ? 'leased' : true,
    now: store.clock(),
    mayHaveSteps: openSteps > 0,
    ...(decides && { writes: [insertVote(ballot)] }),
  });
  return { outcome: 'decided', approval: closed, leased };
}

type Ballot = {
  store: ReviewStore;
  transaction: Transaction<ReviewTables>;
  /** The approval under its lock. */
  current: StoredApproval;
  standing: Standing;
  person: Person;
  represented: Person;
  vote: 'approve' | 'reject';
  shown: string;
  note: string | null;
  /** Id of the passkey that confirmed it. */
  passkey: string | undefined;
};

function insertVote({ store, transaction, current, person, represented, vote, shown, note }: Ballot): Write {
  return (
    transaction
      .insertInto('votes')
      .values({
        approval_id: current.id,
        version: current.version,
        stage: current.stage,
        voter: person.id,
        on_behalf_of: represented.id,
        vote,
        shown,
        note,
        at: store.clock().toISOString(),
      })
      // The policy lets a person who approved reject afterwards, and nothing else twice.
      .onConflict((conflict) =>
        conflict
          .columns(['approval_id', 'version', 'voter'])
          .doUpdateSet({ vote: 'reject', stage: current.stage, note }),
      )
  );
}

/** True if this was the last vote of the last stage. Opens the next stage otherwise, if this one is complete. */
async function isComplete({ store, transaction, current, standing }: Ballot): Promise<boolean> {
  const { id, version, stage } = current;
  const { count } = await transaction
    .selectFrom('votes')
    .select(({ fn }) => fn.countAll().as('count'))
    .where('approval_id', '=', id)
    .where('version', '=', version)
    .where('stage', '=', stage)
    .where('vote', '=', 'approve')
    .executeTakeFirstOrThrow();
  if (Number(count) < currentStage(standing).needed) return false;
  const at = store.clock().toISOString();
  const setStage = (number: number, set: { opened_at: string } | { closed_at: string }) =>
    transaction.updateTable('stages').set(set).where('approval_id', '=', id).where('number', '=', number).execute();
  await setStage(stage, { closed_at: at });
  if (standing.stages.every(({ number }) => number <= stage)) return true;
  await setStage(stage + 1, { opened_at: at });
  await transaction
    .updateTable('approvals')
    .set({ stage: stage + 1 })
    .where('id', '=', id)
    .execute();
  await replanTimes(transaction, await reread(transaction, id), store.clock());
  return false;
}

/** Makes the edit the next version: the votes start again at the first stage. The old votes stay, and never count. */
async function addVersion(ballot: Ballot, details: WireObject | null): Promise<DecideResult> {
  const { store, transaction, current, person, note } = ballot;
  const at = store.clock().toISOString();
  const version = current.version + 1;
  const text = details === null ? current.details : JSON.stringify(details);
  await transaction
    .updateTable('approvals')
    .set({ version, stage: 1, proposed_details: details === null ? null : text, proposed_by: person.id })
    .where('id', '=', current.id)
    .execute();
  await transaction
    .insertInto('versions')
    .values({ approval_id: current.id, version, details: text, edited_by: person.id, note, at })
    .execute();
  await transaction
    .updateTable('stages')
    .set(({ eb }) => ({
      opened_at: eb.case().when('number', '=', 1).then(at).else(null).end(),
      closed_at: null,
    }))
    .where('approval_id', '=', current.id)
    .execute();
  const edited = await reread(transaction, current.id);
  await addressUnfillable(transaction, edited, at);
  await replanTimes(transaction, edited, store.clock());
  await appendAudit(transaction, {
    at,
    actor: `reviewer:${person.name}`,
    event: 'approval-edited',
    subject: current.id,
    facts: {
      version,
      ...digestFact('details', text, current.audit_key),
      ...digestFact('note', note, current.audit_key),
      ...(ballot.passkey !== undefined && { passkey: ballot.passkey }),
    },
  });
  return { outcome: 'edited', approval: await changed(ballot) };
}

async function noteVote(ballot: Ballot): Promise<void> {
  const { store, transaction, current, person, vote, shown, note } = ballot;
  await appendAudit(transaction, {
    at: store.clock().toISOString(),
    actor: `reviewer:${person.name}`,
    event: 'vote-cast',
    subject: current.id,
    facts: {
      vote,
      version: current.version,
      stage: current.stage,
      ...digestFact('shown', shown, current.audit_key),
      ...digestFact('note', note, current.audit_key),
      ...aboutVoter(ballot),
    },
  });
}

/** Facts of a vote that the audit has to show: whose it is, and that a person approved an own request. */
function aboutVoter({ standing, person, represented, vote, passkey }: Ballot): Record<string, string | boolean> {
  const isOwn = [person, represented].some((each) => isNamed(each, standing.actsFor));
  return {
    ...(represented.id === person.id ? {} : { onBehalfOf: represented.name }),
    ...(vote === 'approve' && isOwn ? { ownRequest: true } : {}),
    ...(passkey !== undefined && { passkey }),
  };
}

/** The names of those whose votes made the decision, in their order. */
async function readVoters({ transaction, current }: Ballot): Promise<string> {
  const rows = await transaction
    .selectFrom('votes')
    .innerJoin('users', 'users.id', 'votes.voter')
    .select('users.name')
    .where('approval_id', '=', current.id)
    .where('version', '=', current.version)
    .orderBy('stage')
    .orderBy('at')
    .execute();
  return rows.map(({ name }) => name).join(', ');
}

/** The open approval after a vote or an edit. Others may work on it now, so the person's claim ends. */
async function changed({ store, transaction, current, person }: Ballot): Promise<StoredApproval> {
  await transaction
    .deleteFrom('claims')
    .where('approval_id', '=', current.id)
    .where('claimed_by', '=', person.name)
    .execute();
  await announceChange(transaction, store.database.kind, { id: current.id, change: 'changed' });
  return reread(transaction, current.id);
}

function isSame(left: WireObject | null, right: WireObject | null): boolean {
  return stableJson(left) === stableJson(right);
}

const shownIsNeeded =
  'This request takes several approvals, and an edit may change it between them. Send `shown` of the request that you read.';

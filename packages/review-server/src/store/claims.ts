import type { Transaction } from 'kysely';
import type { Claim } from '../contract/desk.ts';
import { type Person, rightToVote } from '../policy/may-decide.ts';
import { announceChange } from './approval-changes.ts';
import type { StoredApproval } from './approval.ts';
import { appendAudit, type NewAuditEntry } from './audit.ts';
import { findApproval } from './find-approval.ts';
import { readStanding } from './requirement.ts';
import type { ReviewStore } from './review-store.ts';
import { selectApprovals } from './select-approvals.ts';
import type { ReviewTables } from './tables.ts';

/** A claim lapses after this time, in milliseconds. */
const claimLastsMs = 15 * 60_000;

/** Claims in force, by approval id. `people`: the names of those who have the claim, such as the members of a group. */
export type Claims = ReadonlyMap<string, Claim & { people: readonly string[] }>;

/** Result of a claim or its release. */
export type ClaimResult =
  | { outcome: 'changed' | 'unchanged' | 'already-closed'; approval: StoredApproval }
  | { outcome: 'not-found' }
  /** `problem`: why the person may not decide it, as a sentence. */
  | { outcome: 'not-allowed'; problem: string };

/** All claims in force, or with `id` the claim on that approval. */
export async function readClaims({ database, clock }: ReviewStore, id?: string): Promise<Claims> {
  const rows = await database.reads
    .selectFrom('claims')
    .innerJoin('approvals', 'approvals.id', 'claims.approval_id')
    .leftJoin('groups', 'groups.id', 'claims.group_id')
    .where('approvals.status', '=', 'PENDING')
    .where((eb) => eb.or([eb('assigned_by', 'is not', null), eb('claimed_at', '>', lapsedBefore(clock()))]))
    .$if(id !== undefined, (query) => query.where('approval_id', '=', id!))
    .select(['approval_id', 'claimed_by', 'claimed_at', 'assigned_by', 'group_id', 'groups.name as group'])
    .execute();
  const groups = [...new Set(rows.flatMap(({ group_id }) => group_id ?? []))];
  const members =
    groups.length === 0
      ? []
      : await database.reads
          .selectFrom('group_members')
          .innerJoin('users', 'users.id', 'group_members.user_id')
          .select(['group_id', 'users.name'])
          .where('group_id', 'in', groups)
          .where('users.removed_at', 'is', null)
          .execute();
  return new Map(
    rows.map(({ approval_id, claimed_by, claimed_at: at, assigned_by: assignedBy, group_id, group }) => [
      approval_id,
      group_id === null
        ? { by: claimed_by, isGroup: false, assignedBy, at, people: [claimed_by] }
        : {
            by: group ?? claimed_by,
            isGroup: true,
            assignedBy,
            at,
            people: members.flatMap((each) => (each.group_id === group_id ? [each.name] : [])),
          },
    ]),
  );
}

/**
 * Claims an approval for the person for 15 minutes, and replaces another reviewer's claim. The person must be able to
 * approve or reject it.
 */
export async function claim(store: ReviewStore, id: string, person: Person): Promise<ClaimResult> {
  const reviewer = person.name;
  return change(store, id, reviewer, async (transaction, now, { approval, claimedBy: current }) => {
    const right = rightToVote(await readStanding(transaction, approval), person, 'reject');
    if ('refusal' in right) return { problem: right.refusal.says };
    const at = now.toISOString();
    const row = { claimed_by: reviewer, claimed_at: at, assigned_by: null, group_id: null };
    await transaction
      .insertInto('claims')
      .values({ approval_id: id, ...row })
      .onConflict((conflict) => conflict.column('approval_id').doUpdateSet(row))
      .execute();
    // Renewing one's own claim is not audited.
    return {
      changed: true,
      audit:
        current === reviewer
          ? undefined
          : {
              at,
              actor: `reviewer:${reviewer}`,
              event: 'approval-claimed',
              subject: id,
              facts: { takenOverFrom: current ?? null },
            },
    };
  });
}

/** Releases the reviewer's own claim, or that of a group of the reviewer. Another reviewer's claim stays. */
export async function release(store: ReviewStore, id: string, reviewer: string): Promise<ClaimResult> {
  return change(store, id, reviewer, async (transaction, now, { claimedBy: current, isMember }) => {
    if (current !== reviewer && !isMember) return { changed: false };
    await transaction.deleteFrom('claims').where('approval_id', '=', id).execute();
    return {
      changed: true,
      audit: {
        at: now.toISOString(),
        actor: `reviewer:${reviewer}`,
        event: 'approval-released',
        subject: id,
        facts: {},
      },
    };
  });
}

/** Claims from before this moment have lapsed. */
function lapsedBefore(now: Date): string {
  return new Date(now.getTime() - claimLastsMs).toISOString();
}

type Change = (
  transaction: Transaction<ReviewTables>,
  now: Date,
  found: {
    approval: StoredApproval;
    claimedBy: string | undefined;
    /** The reviewer is a member of the group that has the claim. */
    isMember: boolean;
  },
) => Promise<{ changed: boolean; audit?: NewAuditEntry | undefined } | { problem: string }>;

async function isMemberOf(
  transaction: Transaction<ReviewTables>,
  groupId: string | null,
  reviewer: string,
): Promise<boolean> {
  if (groupId === null) return false;
  const member = await transaction
    .selectFrom('group_members')
    .innerJoin('users', 'users.id', 'group_members.user_id')
    .select('users.id')
    .where('group_id', '=', groupId)
    .where('users.name', '=', reviewer)
    .executeTakeFirst();
  return member !== undefined;
}

async function change(store: ReviewStore, id: string, reviewer: string, work: Change): Promise<ClaimResult> {
  // findApproval closes an expired approval first.
  if ((await findApproval(store, id)) === undefined) return { outcome: 'not-found' };
  const { database } = store;
  const result = await database.kysely.transaction().execute(async (transaction): Promise<ClaimResult> => {
    const approval = await selectApprovals(transaction)
      .where('approvals.id', '=', id)
      .$if(database.kind === 'postgres', (query) => query.forUpdate('approvals'))
      .executeTakeFirstOrThrow();
    if (approval.status !== 'PENDING') return { outcome: 'already-closed', approval };
    const now = store.clock();
    const current = await transaction
      .selectFrom('claims')
      .select(['claimed_by', 'group_id'])
      .where('approval_id', '=', id)
      .where((eb) => eb.or([eb('assigned_by', 'is not', null), eb('claimed_at', '>', lapsedBefore(now))]))
      .executeTakeFirst();
    const done = await work(transaction, now, {
      approval,
      claimedBy: current?.claimed_by,
      isMember: current != null && (await isMemberOf(transaction, current.group_id, reviewer)),
    });
    if ('problem' in done) return { outcome: 'not-allowed', problem: done.problem };
    const { changed, audit } = done;
    if (changed) await announceChange(transaction, database.kind, { id, change: 'claimed' });
    if (audit !== undefined) await appendAudit(transaction, audit);
    return { outcome: changed ? 'changed' : 'unchanged', approval };
  });
  if (result.outcome === 'changed') store.onChange({ id, change: 'claimed' });
  return result;
}

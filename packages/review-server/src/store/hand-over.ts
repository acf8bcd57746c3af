import type { Assign, AssignedList, Assignees, Claim } from '../contract/desk.ts';
import { type Person, rightToVote, type Standing } from '../policy/may-decide.ts';
import { announceChange } from './approval-changes.ts';
import type { StoredApproval } from './approval.ts';
import { appendAudit } from './audit.ts';
import { readClaims } from './claims.ts';
import { insertComment } from './comments.ts';
import { closeIfLapsed, lockApproval, reread } from './open-approval.ts';
import { readPeopleAt } from './people.ts';
import { readStanding } from './requirement.ts';
import type { ReviewStore } from './review-store.ts';
import { hiddenFrom, isVisible } from './visible.ts';

export type HandOverResult =
  | { outcome: 'assigned'; claim: Claim }
  | { outcome: 'already-closed'; approval: StoredApproval }
  /** No person and no group of this name may decide it. */
  | { outcome: 'unknown' | 'may-not-decide' | 'too-many-comments' | 'not-found' };

/**
 * Hands an open approval over to a person or group, with a comment. It changes who works on it, and not who may decide:
 * the addressee must be able to decide it already, also as a deputy.
 */
export async function handOver(
  store: ReviewStore,
  approvalId: string,
  person: Person,
  { to, comment }: Assign,
): Promise<HandOverResult> {
  const { database } = store;
  const result = await database.kysely.transaction().execute(async (transaction): Promise<HandOverResult> => {
    const approval = await lockApproval(store, transaction, approvalId);
    if (approval === undefined || !(await isVisible(transaction, approval, person))) return { outcome: 'not-found' };
    if (approval.status !== 'PENDING' || (await closeIfLapsed(store, transaction, approval)))
      return { outcome: 'already-closed', approval: await reread(transaction, approvalId) };
    const name = 'user' in to ? to.user : to.group;
    const people = await readPeopleAt(transaction, store.clock());
    const group =
      'user' in to
        ? undefined
        : await transaction
            .selectFrom('groups')
            .select(['id', 'name'])
            .where('name', '=', name)
            .where('removed_at', 'is', null)
            .executeTakeFirst();
    const addressed =
      'user' in to
        ? people.filter((each) => each.name === name)
        : people.filter(({ groups }) => group !== undefined && groups.includes(group.id));
    if ('user' in to ? addressed.length === 0 : group === undefined) return { outcome: 'unknown' };
    const standing = await readStanding(transaction, approval);
    if (!addressed.some((each) => mayDecide(standing, each))) return { outcome: 'may-not-decide' };
    const at = store.clock().toISOString();
    if (comment != null && (await insertComment(transaction, { approval, person, text: comment, at })) === undefined)
      return { outcome: 'too-many-comments' };
    const row = { claimed_by: name, claimed_at: at, assigned_by: person.name, group_id: group?.id ?? null };
    await transaction
      .insertInto('claims')
      .values({ approval_id: approvalId, ...row })
      .onConflict((conflict) => conflict.column('approval_id').doUpdateSet(row))
      .execute();
    await announceChange(transaction, database.kind, { id: approvalId, change: 'claimed' });
    await appendAudit(transaction, {
      at,
      actor: `reviewer:${person.name}`,
      event: 'approval-assigned',
      subject: approvalId,
      facts: { to: name, isGroup: group !== undefined },
    });
    return { outcome: 'assigned', claim: { by: name, isGroup: group !== undefined, assignedBy: person.name, at } };
  });
  if (result.outcome === 'assigned') store.onChange({ id: approvalId, change: 'claimed' });
  if (result.outcome === 'already-closed') store.onChange({ id: approvalId, change: 'closed' });
  return result;
}

/** Those to whom the approval can be handed over. */
export async function readAssignees(
  { database: { reads }, clock }: ReviewStore,
  approval: StoredApproval,
): Promise<Assignees> {
  const standing = await readStanding(reads, approval);
  const able = (await readPeopleAt(reads, clock())).filter((each) => mayDecide(standing, each));
  const groups = await reads
    .selectFrom('groups')
    .select(['id', 'name'])
    .where('removed_at', 'is', null)
    .orderBy('name_key')
    .execute();
  return {
    users: able.map(({ name }) => name).toSorted(),
    groups: groups.filter(({ id }) => able.some((each) => each.groups.includes(id))).map(({ name }) => name),
  };
}

/** The open approvals that others handed over to this person or a group of this person. */
export async function readAssigned(
  store: ReviewStore,
  { id: userId, name }: Pick<Person, 'id' | 'name'>,
): Promise<AssignedList> {
  const mine = [...(await readClaims(store))].filter(
    ([, { assignedBy, people }]) => assignedBy !== null && assignedBy !== name && people.includes(name),
  );
  if (mine.length === 0) return { assigned: [] };
  const ids = mine.map(([id]) => id);
  // Not every member of a group sees what one of them may decide.
  const hidden = await hiddenFrom(store, userId, ids);
  const rows = await store.database.reads
    .selectFrom('approvals')
    .select(['id', 'action', 'summary'])
    .where('id', 'in', ids)
    .execute();
  const texts = new Map(rows.map((row) => [row.id, row]));
  return {
    assigned: mine
      .flatMap(([id, { people: _people, ...claim }]) => {
        const row = texts.get(id);
        return row === undefined || hidden.has(id) ? [] : [{ ...claim, ...row }];
      })
      .toSorted((a, b) => (a.at < b.at ? 1 : -1)),
  };
}

function mayDecide(standing: Standing, person: Person): boolean {
  return 'representing' in rightToVote(standing, person, 'approve');
}

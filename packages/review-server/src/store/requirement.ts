import type { Kysely, Transaction } from 'kysely';
import {
  type Addressee,
  type CastVote,
  type Stage,
  type Standing,
  unfillableStages,
  votesNeeded,
} from '../policy/may-decide.ts';
import { nameKey } from '../policy/person-names.ts';
import { namesActedFor } from './acts-for.ts';
import type { StoredApproval } from './approval.ts';
import { readPeople } from './people.ts';
import type { ReviewTables } from './tables.ts';

/** A request of so many approvals by the members of a group, by its name. */
export type AskedStage = { group: string; approvals: number };

/** A stage of a request that is not stored yet. */
export type NewStage = Omit<Stage, 'names'> & { reason: string | null };

/** The requirement of an approval without groups: one decision of any reviewer. */
const anyReviewer: Stage = { number: 1, needed: 1, addressees: ['everyone'], names: ['a reviewer'] };

type Addressed = Pick<StoredApproval, 'id' | 'addressed' | 'version'>;

/** The stages of these approvals, by id. */
export async function readStages(
  kysely: Kysely<ReviewTables>,
  approvals: readonly Addressed[],
): Promise<Map<string, (Stage & { reason: string | null })[]>> {
  const ids = approvals.filter(({ addressed }) => addressed === 1).map(({ id }) => id);
  const found = new Map<string, (Stage & { reason: string | null })[]>(
    approvals.map(({ id, addressed }) => [id, addressed === 1 ? [] : [{ ...anyReviewer, reason: null }]]),
  );
  if (ids.length === 0) return found;
  const stages = await kysely
    .selectFrom('stages')
    .selectAll()
    .where('approval_id', 'in', ids)
    .orderBy('number')
    .execute();
  const addressees = await kysely.selectFrom('addressees').selectAll().where('approval_id', 'in', ids).execute();
  const names = await readNames(kysely, addressees);
  for (const { approval_id, number, needed, reason } of stages) {
    const to = addressees.filter((each) => each.approval_id === approval_id && each.stage === number);
    found.get(approval_id)!.push({
      number,
      needed,
      reason,
      addressees: to.map(({ addressee }) => addressee),
      names: to.map(({ addressee }) => names.get(addressee) ?? addressee).toSorted(),
    });
  }
  return found;
}

/** The addressees as people name them. */
async function readNames(
  kysely: Kysely<ReviewTables>,
  addressees: readonly { addressee: Addressee }[],
): Promise<Map<Addressee, string>> {
  const idsOf = (kind: 'group:' | 'user:') =>
    addressees.flatMap(({ addressee }) => (addressee.startsWith(kind) ? [addressee.slice(kind.length)] : []));
  const [groups, users] = [idsOf('group:'), idsOf('user:')];
  const named = async (table: 'groups' | 'users', ids: readonly string[]) =>
    ids.length === 0 ? [] : await kysely.selectFrom(table).select(['id', 'name']).where('id', 'in', ids).execute();
  return new Map<Addressee, string>([
    ['everyone', 'a reviewer'],
    ['admins', 'an administrator'],
    ...(await named('groups', groups)).map(({ id, name }): [Addressee, string] => [`group:${id}`, name]),
    ...(await named('users', users)).map(({ id, name }): [Addressee, string] => [`user:${id}`, name]),
  ]);
}

/** The votes on the present versions of these approvals, by id. */
async function readVotes(
  kysely: Kysely<ReviewTables>,
  approvals: readonly Addressed[],
): Promise<Map<string, CastVote[]>> {
  const asked = approvals.filter(({ addressed }) => addressed === 1);
  const found = new Map<string, CastVote[]>(approvals.map(({ id }) => [id, []]));
  if (asked.length === 0) return found;
  const rows = await kysely
    .selectFrom('votes')
    .innerJoin('approvals', (join) =>
      join.onRef('approvals.id', '=', 'votes.approval_id').onRef('approvals.version', '=', 'votes.version'),
    )
    .select(['votes.approval_id', 'votes.stage', 'votes.voter', 'votes.on_behalf_of', 'votes.vote'])
    .where(
      'votes.approval_id',
      'in',
      asked.map(({ id }) => id),
    )
    .execute();
  for (const { approval_id, stage, voter, on_behalf_of, vote } of rows)
    found.get(approval_id)!.push({ stage, voter, onBehalfOf: on_behalf_of, vote });
  return found;
}

/** The facts of these approvals for the policy, by id. In a transaction, call it under the lock. */
export async function readStandings(
  kysely: Kysely<ReviewTables>,
  approvals: readonly StoredApproval[],
): Promise<Map<string, Standing & { stages: (Stage & { reason: string | null })[] }>> {
  const [stages, votes] = [await readStages(kysely, approvals), await readVotes(kysely, approvals)];
  return new Map(
    approvals.map((approval) => [
      approval.id,
      {
        stages: stages.get(approval.id)!,
        stage: approval.stage,
        actsFor: namesActedFor(approval),
        allowSelf: approval.allow_self === 1,
        editedBy: approval.proposed_by,
        votes: votes.get(approval.id)!,
      },
    ]),
  );
}

/** The facts of one approval for the policy. */
export async function readStanding(kysely: Kysely<ReviewTables>, approval: StoredApproval): Promise<Standing> {
  return (await readStandings(kysely, [approval])).get(approval.id)!;
}

/**
 * The stages of a new request, with its groups by id. An unknown group, and a stage that its people can't fill, are
 * addressed to the administrators with the reason. Undefined if the request names no group.
 */
export async function resolveStages(
  transaction: Transaction<ReviewTables>,
  asked: readonly AskedStage[],
  request: { asksForOutcome: boolean; actsFor: string[]; allowSelf: boolean },
): Promise<NewStage[] | undefined> {
  if (asked.length === 0) return undefined;
  const known = await transaction
    .selectFrom('groups')
    .select(['id', 'name', 'name_key'])
    .where('removed_at', 'is', null)
    .execute();
  const resolved = asked.map(({ group, approvals }, index): NewStage => {
    const found = known.find(({ name_key }) => name_key === nameKey(group));
    return {
      number: index + 1,
      needed: approvals,
      addressees: [found === undefined ? 'admins' : `group:${found.id}`],
      reason:
        found === undefined ? `There is no group “${group}” on this server, so the administrators were asked.` : null,
    };
  });
  // An outcome question has one answer, from one of these people.
  const stages = request.asksForOutcome
    ? [
        {
          number: 1,
          needed: 1,
          addressees: [...new Set(resolved.flatMap(({ addressees }) => addressees))],
          reason: resolved.map(({ reason }) => reason).find((reason) => reason !== null) ?? null,
        },
      ]
    : resolved;
  const standing: Standing = {
    stages: stages.map((stage) => ({ ...stage, names: [] })),
    stage: 1,
    actsFor: request.actsFor,
    allowSelf: request.allowSelf,
    editedBy: null,
    votes: [],
  };
  const unfillable = unfillableStages(standing, await readPeople(transaction)).map(({ number }) => number);
  return stages.map((stage) => (unfillable.includes(stage.number) ? { ...stage, ...toAdministrators(stage) } : stage));
}

/** Adds the administrators to the stages of an open approval that the people can't fill any more. */
export async function addressUnfillable(
  transaction: Transaction<ReviewTables>,
  approval: StoredApproval,
  at: string,
): Promise<void> {
  const standing = await readStanding(transaction, approval);
  if (votesNeeded(standing) === 1) return;
  for (const stage of unfillableStages(standing, await readPeople(transaction))) {
    await transaction
      .insertInto('addressees')
      .values({ approval_id: approval.id, stage: stage.number, addressee: 'admins', added_at: at })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    await transaction
      .updateTable('stages')
      .set({ reason: unfillableText(stage.needed) })
      .where('approval_id', '=', approval.id)
      .where('number', '=', stage.number)
      .execute();
  }
}

/** Stores the requirement of an approval that was just made. */
export async function insertStages(
  transaction: Transaction<ReviewTables>,
  approvalId: string,
  stages: readonly NewStage[],
  at: string,
): Promise<void> {
  await transaction
    .insertInto('stages')
    .values(
      stages.map(({ number, needed, reason }) => ({
        approval_id: approvalId,
        number,
        needed,
        reason,
        opened_at: number === 1 ? at : null,
        closed_at: null,
      })),
    )
    .execute();
  await transaction
    .insertInto('addressees')
    .values(
      stages.flatMap(({ number, addressees }) =>
        addressees.map((addressee) => ({ approval_id: approvalId, stage: number, addressee, added_at: null })),
      ),
    )
    .execute();
}

function toAdministrators({ needed, addressees, reason }: NewStage): Pick<NewStage, 'addressees' | 'reason'> {
  return {
    addressees: [...new Set<Addressee>([...addressees, 'admins'])],
    reason: reason ?? unfillableText(needed),
  };
}

function unfillableText(needed: number): string {
  return `Fewer than ${needed} ${needed === 1 ? 'person' : 'people'} of the group can approve this, so the administrators were asked too.`;
}

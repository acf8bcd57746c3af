import type { ApprovalRecord } from '@holdpoint/cheqpoint/wire';
import type { Kysely } from 'kysely';
import type { CanDecide, Turn, Voting } from '../contract/votes.ts';
import { currentStage, type Person, rightToVote, type Standing, votesGiven } from '../policy/may-decide.ts';
import type { StoredApproval } from './approval.ts';
import { readStages, readStandings } from './requirement.ts';
import type { ReviewTables } from './tables.ts';

/** Whose turn it is in each of these approvals, by id. Closed ones, and those for any reviewer, have none. */
export async function readTurns(
  kysely: Kysely<ReviewTables>,
  approvals: readonly StoredApproval[],
): Promise<Map<string, Turn>> {
  const asked = approvals.filter(({ status, addressed }) => status === 'PENDING' && addressed === 1);
  return new Map(
    [...(await readStandings(kysely, asked))].map(([id, standing]) => {
      const { number, names, needed } = currentStage(standing);
      const turn = {
        stage: number,
        stages: standing.stages.length,
        of: [...names],
        needed,
        given: votesGiven(standing),
      };
      return [id, turn];
    }),
  );
}

/** Whether this person may decide now, for whom, and the reason if not. */
export function canDecide(standing: Standing, person: Person): CanDecide {
  const [approve, reject] = [rightToVote(standing, person, 'approve'), rightToVote(standing, person, 'reject')];
  const right = 'representing' in approve ? approve : reject;
  return {
    approve: 'representing' in approve,
    reject: 'representing' in reject,
    reason: 'refusal' in approve ? approve.refusal.says : null,
    insteadOf: 'representing' in right && right.representing.id !== person.id ? right.representing.name : null,
  };
}

/** Who has to approve, for the program that asked: reads nothing if any reviewer may decide. */
export async function stagesOf(
  kysely: Kysely<ReviewTables>,
  approval: Pick<StoredApproval, 'id' | 'addressed' | 'version'>,
): Promise<Array<{ of: string[]; needed: number }>> {
  const stages = (await readStages(kysely, [approval])).get(approval.id)!;
  return stages.map(({ names, needed }) => ({ of: [...names], needed }));
}

/** The same, with the votes that count if the approval is decided. */
export async function stagesAndVotes(
  kysely: Kysely<ReviewTables>,
  approval: StoredApproval,
): Promise<Pick<ApprovalRecord, 'stages' | 'votes'>> {
  const stages = await stagesOf(kysely, approval);
  if (approval.status === 'PENDING' || approval.addressed === 0) return { stages };
  const voting = await readVoting(kysely, approval);
  const votes = voting?.votes.filter(({ counts }) => counts) ?? [];
  return { stages, votes: votes.map(({ by, onBehalfOf, vote, at }) => ({ by, onBehalfOf, vote, at })) };
}

/** The requirement of an approval with the votes and edits of all versions. Null if any reviewer decides alone. */
export async function readVoting(kysely: Kysely<ReviewTables>, approval: StoredApproval): Promise<Voting | null> {
  if (approval.addressed === 0) return null;
  const { id, version, status, stage: current } = approval;
  const stages = (await readStages(kysely, [approval])).get(id)!;
  const votes = await kysely
    .selectFrom('votes')
    .innerJoin('users as voters', 'voters.id', 'votes.voter')
    .innerJoin('users as represented', 'represented.id', 'votes.on_behalf_of')
    .selectAll('votes')
    .select(['voters.name as by', 'represented.name as for'])
    .where('approval_id', '=', id)
    .orderBy('votes.at')
    .execute();
  const edits = await kysely
    .selectFrom('versions')
    .innerJoin('users', 'users.id', 'versions.edited_by')
    .select(['version', 'users.name as by', 'versions.note', 'versions.at'])
    .where('approval_id', '=', id)
    .orderBy('version')
    .execute();
  const stateOf = (number: number) => {
    if (number < current || (number === current && status === 'APPROVED')) return 'passed' as const;
    if (status !== 'PENDING') return 'ended' as const;
    return number === current ? ('open' as const) : ('to-come' as const);
  };
  return {
    stages: stages.map(({ number, names, needed, reason }) => ({
      number,
      of: [...names],
      needed,
      given: votes.filter((each) => each.version === version && each.stage === number && each.vote === 'approve')
        .length,
      state: stateOf(number),
      reason,
    })),
    votes: votes.map((each) => ({
      by: each.by,
      onBehalfOf: each.voter === each.on_behalf_of ? null : each.for,
      vote: each.vote,
      version: each.version,
      stage: each.stage,
      counts: each.version === version,
      note: each.note,
      at: each.at,
    })),
    edits,
  };
}

import { randomUUID } from 'node:crypto';
import type { ReviewerDecision } from '../src/contract/reviewer-api.ts';
import type { Role } from '../src/contract/session.ts';
import type { Requirement } from '@holdpoint/cheqpoint/wire';
import { openReviewDatabase, type ReviewDatabase } from '../src/store/database.ts';
import { createApproval } from '../src/store/create-approval.ts';
import { decide } from '../src/store/decisions.ts';
import type { DecideResult } from '../src/store/cast-vote.ts';
import { changeGroup, createGroup, listGroups } from '../src/store/groups.ts';
import { toReviewerApproval } from '../src/store/approval.ts';
import { selectApprovals } from '../src/store/select-approvals.ts';
import type { ReviewStore } from '../src/store/review-store.ts';
import { EMAIL_BLAST } from './test-server.ts';

const noLimits = { requestsPerHour: null, requestsPerDay: null, loopProtection: null };

/** A store on a database: one of several server processes. */
export type Team = {
  store: ReviewStore;
  database: ReviewDatabase;
  addUsers(names: readonly string[], more?: { roles?: Role[]; aliases?: string[] }): Promise<void>;
  setGroup(name: string, members: readonly string[], visibleTo?: 'members' | 'everyone'): Promise<string>;
  /** Makes an approval and returns its id. */
  ask(by: Requirement | null, more?: object): Promise<string>;
  /** Decides with the digest of what is stored, unless the answer has one. */
  vote(id: string, name: string, answer?: Partial<ReviewerDecision>, onBehalfOf?: string): Promise<DecideResult>;
  read(id: string): Promise<ReturnType<typeof toReviewerApproval>>;
  votes(id: string): Promise<{ version: number; stage: number; voter: string; vote: string }[]>;
  close(): Promise<void>;
};

export async function openTeam(databaseUrl: string, clock: () => Date = () => new Date()): Promise<Team> {
  const database = await openReviewDatabase(databaseUrl, () => undefined);
  const { kysely } = database;
  const store: ReviewStore = { database, clock, passwordCost: { ln: 8, r: 8, p: 1 }, onChange: () => undefined };
  const idOf = async (name: string) =>
    (await kysely.selectFrom('users').select('id').where('name', '=', name).executeTakeFirstOrThrow()).id;
  const read = async (id: string) =>
    toReviewerApproval(await selectApprovals(kysely).where('approvals.id', '=', id).executeTakeFirstOrThrow());
  return {
    store,
    database,
    read,
    async addUsers(names, { roles = ['reviewer'], aliases = [] } = {}) {
      await kysely
        .insertInto('users')
        .values(
          names.map((name) => ({
            id: `user_${randomUUID()}`,
            name,
            password_hash: 'none',
            roles: JSON.stringify(roles),
            aliases: JSON.stringify(aliases),
          })),
        )
        .execute();
    },
    async setGroup(name, members, visibleTo = 'members') {
      const known = (await listGroups(kysely)).find((group) => group.name === name);
      const given = { name, members: [...members], visibleTo };
      const result =
        known === undefined
          ? await createGroup(store, given, 'root')
          : await changeGroup(store, known.id, given, 'root');
      if (result.outcome !== 'done') throw new Error(result.outcome);
      return result.group.id;
    },
    async ask(by, more = {}) {
      await kysely
        .insertInto('assistants')
        .values({ id: 'asst_team', name: 'team' })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      const request = { ...EMAIL_BLAST, ...(by !== null && { by }), ...more };
      const result = await createApproval(
        store,
        noLimits,
        { id: 'asst_team', name: 'team' },
        {
          request,
          body: request,
          deliverAtOnce: false,
        },
      );
      if (result.outcome === 'conflict') throw new Error('conflict');
      return result.approval.id;
    },
    async vote(id, name, { decision = 'approve', ...answer } = {}, onBehalfOf) {
      return decide(store, {
        id,
        voter: await idOf(name),
        answer: { shown: (await read(id)).shown, decision, ...answer },
        ...(onBehalfOf !== undefined && { onBehalfOf: await idOf(onBehalfOf) }),
      });
    },
    votes: async (id) =>
      kysely
        .selectFrom('votes')
        .innerJoin('users', 'users.id', 'votes.voter')
        .select(['version', 'stage', 'users.name as voter', 'vote'])
        .where('approval_id', '=', id)
        .orderBy('at')
        .execute(),
    close: () => database.close(),
  };
}

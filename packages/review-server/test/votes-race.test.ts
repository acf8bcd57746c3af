import { array, assert, asyncProperty, constantFrom, integer, record } from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyAudit } from '../src/store/audit-trail.ts';
import type { DecideResult } from '../src/store/cast-vote.ts';
import { expireIfDue } from '../src/store/decisions.ts';
import { linkAudit } from '../src/store/link-audit.ts';
import { onBothDatabases } from './on-both-databases.ts';
import { openTeam, type Team } from './team.ts';
import { EMAIL_BLAST } from './test-server.ts';

const people = Array.from({ length: 50 }, (_, number) => `p${number}`);
const edited = { ...EMAIL_BLAST.details, recipient_count: 50 };
const tally = (results: readonly DecideResult[]) => {
  const count: Partial<Record<DecideResult['outcome'], number>> = {};
  for (const { outcome } of results) count[outcome] = (count[outcome] ?? 0) + 1;
  return count;
};

onBothDatabases((newDatabase) => {
  /** Two server processes: two stores with connections of their own. A SQLite file is for one process. */
  let teams: [Team, Team];
  let shiftMs = 0;
  beforeAll(async () => {
    const url = await newDatabase();
    const clock = () => new Date(Date.now() + shiftMs);
    const first = await openTeam(url, clock);
    teams = [first, url.startsWith('postgres') ? await openTeam(url, clock) : first];
    await first.addUsers(people);
    await first.addUsers(['boss'], { roles: ['reviewer', 'admin'], aliases: ['Boss@Example.org'] });
    await first.setGroup('crowd', people);
    await first.setGroup('few', ['p1', 'p2', 'p3']);
  });
  afterAll(async () => {
    await teams[0].close();
    if (teams[1] !== teams[0]) await teams[1].close();
  });

  const closings = async (id: string) => {
    await linkAudit(teams[0].store);
    return teams[0].database.kysely
      .selectFrom('audit')
      .select('facts')
      .where('subject', '=', id)
      .where('event', '=', 'approval-decided')
      .execute();
  };
  /** One outcome, one closing, and an approval has all its votes on the last version. */
  const expectOneEnd = async (id: string, needed: number) => {
    const [{ status, version }, votes, ended] = [await teams[0].read(id), await teams[0].votes(id), await closings(id)];
    expect(ended).toHaveLength(status === 'PENDING' ? 0 : 1);
    const counted = votes.filter((vote) => vote.version === version && vote.vote === 'approve');
    if (status === 'APPROVED') expect(counted).toHaveLength(needed);
    else expect(counted.length).toBeLessThan(needed + 1);
    expect(new Set(votes.map((vote) => `${vote.version} ${vote.voter}`)).size).toBe(votes.length);
    return status;
  };

  describe('races', () => {
    it('50 people at once, each twice, 30 needed → 30 votes, one decision', async () => {
      const id = await teams[0].ask([{ group: 'crowd', approvals: 30 }]);
      const { shown } = await teams[0].read(id);
      const results = await Promise.all(
        people.flatMap((name, index) => [0, 1].map((turn) => teams[(index + turn) % 2]!.vote(id, name, { shown }))),
      );
      expect(tally(results)).toMatchObject({ voted: 29, decided: 1 });
      expect(await expectOneEnd(id, 30)).toBe('APPROVED');
    }, 120_000);

    it('three stages of one crowd → each person counts in one of them', async () => {
      const id = await teams[0].ask([5, 5, 5].map((approvals) => ({ group: 'crowd', approvals })));
      const { shown } = await teams[0].read(id);
      const results = await Promise.all(people.map((name, index) => teams[index % 2]!.vote(id, name, { shown })));
      expect(tally(results)).toMatchObject({ voted: 14, decided: 1 });
      const stages = (await teams[0].votes(id)).map(({ stage }) => stage);
      expect([1, 2, 3].map((stage) => stages.filter((each) => each === stage).length)).toEqual([5, 5, 5]);
    }, 120_000);

    it('votes against an edit, a rejection and the expiry → one end, old votes never count', async () => {
      const seen = new Set<string>();
      for (let round = 0; round < 12; round += 1) {
        const id = await teams[0].ask([{ group: 'crowd', approvals: 8 }], {
          expiresAt: new Date(Date.now() + shiftMs + 3_600_000).toISOString(),
        });
        const { shown } = await teams[0].read(id);
        const votes: (() => Promise<unknown>)[] = people
          .slice(0, 20)
          .map((name, index) => () => teams[index % 2]!.vote(id, name, { shown }));
        const [edit, reject, expire] = [
          () => teams[1].vote(id, 'p30', { shown, modifiedDetails: edited }),
          () => teams[1].vote(id, 'p31', { decision: 'reject' }),
          () => {
            shiftMs += 7_200_000;
            return expireIfDue(teams[1].store, id);
          },
        ];
        // From before the first vote to behind the last.
        const acts = votes.toSpliced((round * 7) % 21, 0, [edit, reject, expire][round % 3]!);
        await Promise.all(acts.map((act) => act()));
        seen.add(await expectOneEnd(id, 8));
      }
      expect(seen.size).toBeGreaterThan(1);
    }, 240_000);

    it('the last two votes at once → one decides', async () => {
      for (let round = 0; round < 10; round += 1) {
        const id = await teams[0].ask([{ group: 'few', approvals: 2 }]);
        const { shown } = await teams[0].read(id);
        const results = await Promise.all(['p1', 'p2', 'p3'].map((name, i) => teams[i % 2]!.vote(id, name, { shown })));
        expect(tally(results)).toEqual({ voted: 1, decided: 1, 'already-closed': 1 });
        await expectOneEnd(id, 2);
      }
    }, 120_000);

    it('the person behind by an alias among the voters → never counts', async () => {
      const id = await teams[0].ask([{ group: 'nobody', approvals: 1 }], { onBehalfOf: 'BOSS@example.ORG' });
      const results = await Promise.all(Array.from({ length: 10 }, (_, i) => teams[i % 2]!.vote(id, 'boss')));
      expect(tally(results)).toEqual({ 'not-allowed': 10 });
      expect((await teams[0].read(id)).status).toBe('PENDING');
    });
  });

  it('random votes, edits and rejections → the outcomes of a small model', async () => {
    const names = ['p1', 'p2', 'p3', 'p4', 'p5'];
    const act = record({
      by: constantFrom(...names, 'p9'),
      what: constantFrom('approve', 'approve', 'approve', 'edit', 'reject', 'stale'),
      amount: integer({ min: 1, max: 3 }),
      server: integer({ min: 0, max: 1 }),
    });
    await teams[0].setGroup('five', names);
    await teams[0].setGroup('odd', ['p1', 'p3', 'p5']);
    await assert(
      asyncProperty(
        array(act, { maxLength: 12 }),
        integer({ min: 1, max: 3 }),
        constantFrom(...names),
        async (acts, needed, behind) => {
          const asked = [
            { group: 'five', approvals: needed },
            { group: 'odd', approvals: 1 },
          ];
          const id = await teams[0].ask(asked, { onBehalfOf: behind });
          const first = (await teams[0].read(id)).shown;
          const model = {
            status: 'PENDING',
            stage: 1,
            editor: '',
            details: JSON.stringify(EMAIL_BLAST.details),
            voted: new Set<string>(),
            given: 0,
            edits: 0,
          };
          for (const { by, what, amount, server } of acts) {
            const members = model.stage === 1 ? names : ['p1', 'p3', 'p5'];
            const modifiedDetails = { ...EMAIL_BLAST.details, recipient_count: amount };
            const result = await teams[server]!.vote(id, by, {
              decision: what === 'reject' ? 'reject' : 'approve',
              ...(what === 'edit' && { modifiedDetails }),
              ...(what === 'stale' && { shown: first }),
            });
            const isMember = members.includes(by);
            const expected = (() => {
              if (!names.includes(by)) return 'not-found';
              if (model.status !== 'PENDING') return 'already-closed';
              if (what === 'stale' && model.edits > 0) return 'changed';
              if (!isMember) return 'not-allowed';
              if (what === 'reject') {
                model.status = 'REJECTED';
                return 'decided';
              }
              if (model.voted.has(by) || by === behind || by === model.editor) return 'not-allowed';
              if (what === 'edit' && JSON.stringify(modifiedDetails) !== model.details) {
                Object.assign(model, {
                  stage: 1,
                  editor: by,
                  details: JSON.stringify(modifiedDetails),
                  voted: new Set(),
                  given: 0,
                  edits: model.edits + 1,
                });
                return 'edited';
              }
              model.voted.add(by);
              model.given += 1;
              if (model.given < (model.stage === 1 ? needed : 1)) return 'voted';
              if (model.stage === 2) {
                model.status = 'APPROVED';
                return 'decided';
              }
              Object.assign(model, { stage: 2, given: 0 });
              return 'voted';
            })();
            expect([by, what, result.outcome]).toEqual([by, what, expected]);
          }
          expect(await expectOneEnd(id, needed + 1)).toBe(model.status);
          const approvedEdit = model.status === 'APPROVED' && model.edits > 0 ? JSON.parse(model.details) : null;
          expect((await teams[0].read(id)).modifiedDetails).toEqual(approvedEdit);
        },
      ),
      { numRuns: 25 },
    );
    expect((await verifyAudit(teams[0].database.kysely)).ok).toBe(true);
  }, 240_000);
});

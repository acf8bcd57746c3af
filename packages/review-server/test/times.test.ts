import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { timesSchema, type Times } from '../src/contract/times.ts';
import { canDecide } from '../src/store/show-votes.ts';
import { verifyAudit } from '../src/store/audit-trail.ts';
import { endDeputy, listDeputies, nameDeputy } from '../src/store/deputies.ts';
import { executeStep } from '../src/store/execute-step.ts';
import { findApproval } from '../src/store/find-approval.ts';
import { linkAudit } from '../src/store/link-audit.ts';
import { readPerson } from '../src/store/people.ts';
import { readApprovalTimes } from '../src/store/read-times.ts';
import { readStanding } from '../src/store/requirement.ts';
import { readTimeline } from '../src/store/timeline.ts';
import { setTimes } from '../src/store/times.ts';
import { addUser, removeUser } from '../src/store/users.ts';
import { isVisible } from '../src/store/visible.ts';
import { stepKinds } from '../src/step-kinds.ts';
import { onBothDatabases } from './on-both-databases.ts';
import { openTeam, type Team } from './team.ts';

const minute = 60_000;
const start = Date.parse('2026-12-01T10:00:00.000Z');
const hour: Times = timesSchema.parse({
  dueAfter: { critical: 10, high: 60, medium: 60 },
  remindAfter: [20, 40],
  escalateTo: ['legal', 'admins'],
});

onBothDatabases((newDatabase) => {
  let url: string;
  let team: Team;
  let now = start;
  let finance: string;
  const clock = () => new Date(now);
  beforeAll(async () => {
    url = await newDatabase();
    team = await openTeam(url, clock);
    await team.addUsers(['fay', 'finn', 'lea', 'leo', 'otto', 'dora']);
    await team.addUsers(['root'], { roles: ['admin', 'reviewer'] });
    finance = await team.setGroup('finance', ['fay', 'finn']);
    await team.setGroup('legal', ['lea', 'leo']);
    await team.setGroup('nobody', []);
  });
  beforeEach(async () => {
    now = start;
    await setTimes(team.store, finance, hour, 'root');
    await setTimes(team.store, 'everyone', null, 'root');
  });
  afterAll(() => team.close());

  const openSteps = (id: string) =>
    team.database.kysely
      .selectFrom('steps')
      .selectAll()
      .where('approval_id', '=', id)
      .where('done_at', 'is', null)
      .orderBy('due_at')
      .execute();
  /** Executes what is due now, as the loop of each server does. */
  const work = async (id: string, store = team.store) => {
    const results: (string | undefined)[] = [];
    for (const step of await openSteps(id))
      if (Date.parse(step.due_at) <= now) results.push(await executeStep(store, stepKinds, step));
    return results;
  };
  const approval = async (id: string) => (await findApproval(team.store, id))!;
  const timesOf = async (id: string) => readApprovalTimes(team.database.kysely, await approval(id));
  const person = async (name: string) => {
    const { id } = await team.database.kysely
      .selectFrom('users')
      .select('id')
      .where('name', '=', name)
      .executeTakeFirstOrThrow();
    return (await readPerson(team.database.kysely, id, clock()))!;
  };
  const may = async (id: string, name: string) =>
    canDecide(await readStanding(team.database.kysely, await approval(id)), await person(name));
  const sees = async (id: string, name: string) =>
    isVisible(team.database.kysely, await approval(id), await person(name));
  const askFinance = (more: object = {}) =>
    team.ask([{ group: 'finance', approvals: 1 }], { riskLevel: 'high', ...more });
  const texts = async (id: string) => {
    await linkAudit(team.store);
    return (await readTimeline(team.store, await approval(id), [])).map(({ text }) => text);
  };

  describe('due times and reminders', () => {
    it('request → reminders and due time of its group, by risk, to the second', async () => {
      const id = await askFinance();
      expect((await openSteps(id)).map(({ kind, due_at }) => [kind, (Date.parse(due_at) - start) / minute])).toEqual([
        ['reminder', 20],
        ['reminder', 40],
        ['escalation', 60],
      ]);
      expect(await timesOf(id)).toEqual({
        dueAt: new Date(start + 60 * minute).toISOString(),
        asksThen: 'legal',
        remindedAt: null,
        asked: [],
      });
      const critical = await timesOf(await askFinance({ riskLevel: 'critical' }));
      expect(critical?.dueAt).toBe(new Date(start + 10 * minute).toISOString());
      expect((await timesOf(await askFinance({ riskLevel: 'low' })))?.dueAt).toBeNull();
      expect((await timesOf(await askFinance({ riskLevel: 'terrible' })))?.dueAt).toBe(
        new Date(start + 60 * minute).toISOString(),
      );
    });

    it('before its time → nothing; at its time → once, though two servers try', async () => {
      const id = await askFinance();
      now = start + 20 * minute - 1;
      expect(await work(id)).toEqual([]);
      now = start + 20 * minute;
      const [step] = await openSteps(id);
      const second = await openTeam(url, clock);
      const done = await Promise.all([team.store, second.store].map((store) => executeStep(store, stepKinds, step!)));
      await second.close();
      expect(done).toEqual(expect.arrayContaining(['executed', undefined]));
      expect((await timesOf(id))?.remindedAt).toBe(new Date(now).toISOString());
      expect(await texts(id)).toContain('reminded those whose turn it is');
    });

    it('changed or removed times → open requests keep theirs', async () => {
      const id = await askFinance();
      await setTimes(team.store, finance, null, 'root');
      expect((await openSteps(id)).length).toBe(3);
      expect(await openSteps(await askFinance())).toEqual([]);
    });

    it('quiet hours → the end of them', async () => {
      now = Date.parse('2026-12-04T16:30:00.000Z');
      const quietHours = { from: '18:00', until: '08:00', zone: 'Europe/Berlin', weekends: true };
      await setTimes(team.store, finance, { ...hour, remindAfter: [], quietHours }, 'root');
      expect((await timesOf(await askFinance()))?.dueAt).toBe('2026-12-07T07:00:00.000Z');
    });

    it('request to no group → times of everyone', async () => {
      await setTimes(team.store, 'everyone', { ...hour, remindAfter: [], escalateTo: ['admins'] }, 'root');
      const id = await team.ask(null, { riskLevel: 'high' });
      now = start + 60 * minute;
      expect(await work(id)).toEqual(['escalated to admins']);
      expect(await may(id, 'otto')).toMatchObject({ approve: true });
    });

    it('decided request → its steps are dropped', async () => {
      const id = await askFinance();
      expect((await team.vote(id, 'fay')).outcome).toBe('decided');
      expect(await openSteps(id)).toEqual([]);
    });

    it('unknown group → not found', async () => {
      expect(await setTimes(team.store, 'group_none', hour, 'root')).toBe('not-found');
    });
  });

  describe('escalation', () => {
    it('due → the next group sees it and may approve; the first still may; then the next one', async () => {
      const id = await askFinance();
      expect([await sees(id, 'lea'), (await may(id, 'lea')).approve]).toEqual([false, false]);
      now = start + 60 * minute;
      expect(await work(id)).toEqual(['executed', 'executed', 'escalated to legal']);
      expect([await sees(id, 'lea'), (await may(id, 'lea')).approve]).toEqual([true, true]);
      expect((await may(id, 'fay')).approve).toBe(true);
      expect(await timesOf(id)).toMatchObject({
        asksThen: 'admins',
        dueAt: new Date(start + 120 * minute).toISOString(),
        asked: [{ who: 'legal', at: new Date(now).toISOString() }],
      });
      expect(await texts(id)).toContain('asked legal too, since it was due');
      now = start + 120 * minute;
      expect(await work(id)).toEqual(['escalated to admins']);
      expect((await timesOf(id))?.dueAt).toBeNull();
      expect((await team.vote(id, 'root')).outcome).toBe('decided');
    });

    it('group without a person who may approve → passed over and named; after the last one: overdue, still open', async () => {
      await setTimes(
        team.store,
        finance,
        { ...hour, remindAfter: [], escalateTo: ['nobody', 'no such group', 'legal'] },
        'root',
      );
      const id = await askFinance();
      now = start + 60 * minute;
      expect(await work(id)).toEqual(['escalated to legal']);
      expect(await texts(id)).toContain(
        'asked legal too, since it was due. In nobody, no such group nobody can approve it',
      );
      await setTimes(team.store, finance, { ...hour, remindAfter: [], escalateTo: ['nobody'] }, 'root');
      now = start;
      const other = await askFinance();
      now = start + 60 * minute;
      expect(await work(other)).toEqual(['overdue']);
      expect((await approval(other)).status).toBe('PENDING');
    });

    it('risk of any level, all times over → never approved', async () => {
      for (const riskLevel of ['low', 'medium', 'high', 'critical']) {
        now = start;
        const id = await askFinance({ riskLevel });
        for (const minutes of [20, 40, 60, 120, 180, 10_000]) {
          now = start + minutes * minute;
          await work(id);
        }
        expect((await approval(id)).status).toBe('PENDING');
      }
    });

    it('next stage, and an edit → times begin again, and the steps before do nothing', async () => {
      const id = await team.ask(
        [
          { group: 'finance', approvals: 1 },
          { group: 'legal', approvals: 1 },
        ],
        { riskLevel: 'high' },
      );
      const [before] = (await openSteps(id)).filter(({ kind }) => kind === 'escalation');
      now = start + 5 * minute;
      expect((await team.vote(id, 'fay')).outcome).toBe('voted');
      // Legal has no times, and neither has everyone.
      expect(await openSteps(id)).toEqual([]);
      now = start + 60 * minute;
      expect(await executeStep(team.store, stepKinds, before!)).toBeUndefined();
      expect((await may(id, 'root')).approve).toBe(false);

      now = start;
      const edited = await team.ask([{ group: 'finance', approvals: 2 }], { riskLevel: 'high' });
      now = start + 30 * minute;
      const details = { template: 'weekly_update', recipient_count: 5, subject: 'System Maintenance' };
      expect((await team.vote(edited, 'fay', { modifiedDetails: details })).outcome).toBe('edited');
      expect((await timesOf(edited))?.dueAt).toBe(new Date(now + 60 * minute).toISOString());
    });

    it('escalation against the decision → one order of both, one outcome', async () => {
      for (let round = 0; round < 10; round += 1) {
        now = start;
        const id = await askFinance();
        now = start + 60 * minute;
        const [step] = (await openSteps(id)).filter(({ kind }) => kind === 'escalation');
        const [escalated, decided] = await Promise.all([
          executeStep(team.store, stepKinds, step!),
          team.vote(id, 'fay'),
        ]);
        expect(decided.outcome).toBe('decided');
        expect([undefined, 'dropped', 'escalated to legal']).toContain(escalated);
        expect((await approval(id)).status).toBe('APPROVED');
        expect(await openSteps(id)).toEqual([]);
      }
    });
  });

  describe('deputies', () => {
    const name = (deputy: string, from: number, until: number, of = 'fay') =>
      nameDeputy(
        team.store,
        { person: of, deputy, from: new Date(from).toISOString(), until: new Date(until).toISOString() },
        of,
      );

    it('within the dates → sees, votes in place of the person; before, after and once ended → not', async () => {
      const id = await team.ask([{ group: 'finance', approvals: 2 }]);
      const named = await name('dora', start + 10 * minute, start + 20 * minute);
      if (named.outcome !== 'done') throw new Error(named.outcome);
      expect([await sees(id, 'dora'), (await may(id, 'dora')).approve]).toEqual([false, false]);
      now = start + 10 * minute;
      expect(await sees(id, 'dora')).toBe(true);
      expect(await may(id, 'dora')).toEqual({ approve: true, reject: true, reason: null, insteadOf: 'fay' });
      now = start + 20 * minute;
      expect((await may(id, 'dora')).approve).toBe(false);
      expect((await team.vote(id, 'dora')).outcome).toBe('not-found');
      now = start + 15 * minute;
      expect((await team.vote(id, 'dora')).outcome).toBe('voted');
      expect(await texts(id)).toContain('approved it for fay in stage 1');
      // Deputy and person count once.
      expect((await team.vote(id, 'fay')).outcome).toBe('not-allowed');
      expect((await team.vote(id, 'finn')).outcome).toBe('decided');
      expect(await endDeputy(team.store, named.deputy.id, { ...(await person('fay')), isAdmin: false })).toMatchObject({
        outcome: 'done',
      });
      expect(await listDeputies(team.database.kysely, clock())).toEqual([]);
      expect((await may(await team.ask([{ group: 'finance', approvals: 1 }]), 'dora')).approve).toBe(false);
    });

    it('deputy of the person that the assistant acts for → may not approve, may reject', async () => {
      const id = await team.ask([{ group: 'finance', approvals: 1 }], { onBehalfOf: 'fay' });
      await name('dora', start, start + minute);
      expect(await may(id, 'dora')).toMatchObject({ approve: false, reject: true });
      const own = await team.ask([{ group: 'finance', approvals: 1 }], { onBehalfOf: 'dora' });
      expect((await team.vote(own, 'dora')).outcome).toBe('not-allowed');
      now = start + minute;
    });

    it('member who is a deputy of another member → has one vote', async () => {
      const id = await team.ask([{ group: 'finance', approvals: 2 }]);
      await name('finn', start, start + minute);
      expect((await team.vote(id, 'finn')).outcome).toBe('voted');
      expect((await team.vote(id, 'finn')).outcome).toBe('not-allowed');
      expect((await team.vote(id, 'finn', {}, 'fay')).outcome).toBe('not-allowed');
      now = start + minute;
    });

    it('vote in place of a person whose deputy one is not → refused', async () => {
      const id = await team.ask([{ group: 'finance', approvals: 2 }]);
      expect((await team.vote(id, 'finn', {}, 'lea')).outcome).toBe('not-allowed');
    });

    it('deputy without the role reviewer → may not vote', async () => {
      await team.addUsers(['alma'], { roles: ['auditor'] });
      const id = await team.ask([{ group: 'finance', approvals: 1 }]);
      await name('alma', start, start + minute);
      expect(await may(id, 'alma')).toMatchObject({ approve: false, reject: false });
      expect((await team.vote(id, 'alma')).outcome).toBe('not-allowed');
      const person = (await listDeputies(team.database.kysely, clock())).find(
        ({ deputy }) => deputy === 'alma',
      )!.person;
      // A held vote names the represented person.
      expect((await team.vote(id, 'alma', {}, person)).outcome).toBe('not-allowed');
      now = start + minute;
    });

    it('deputy of a deputy → represents nobody', async () => {
      const id = await team.ask([{ group: 'finance', approvals: 1 }]);
      await name('dora', start, start + minute);
      await name('otto', start, start + minute, 'dora');
      expect((await may(id, 'otto')).approve).toBe(false);
      now = start + minute;
    });

    it('removed user, and another person who has the name later → deputy of nobody, and has none', async () => {
      await team.addUsers(['max']);
      await name('max', start, start + 10 * minute);
      await name('dora', start, start + 10 * minute, 'max');
      await removeUser(team.store, 'max', 'root');
      const left = await listDeputies(team.database.kysely, clock());
      expect(left.filter((each) => each.person === 'max' || each.deputy === 'max')).toEqual([]);
      await addUser(team.store, { name: 'max', password: 'another max entirely', roles: ['reviewer'] }, 'root');
      const id = await team.ask([{ group: 'finance', approvals: 1 }]);
      expect([await sees(id, 'max'), (await may(id, 'max')).approve]).toEqual([false, false]);
    });

    it('unknown user, oneself, and a deputy of others → refused with words', async () => {
      expect(await name('nobody at all', start, start + minute)).toEqual({
        outcome: 'unknown-user',
        name: 'nobody at all',
      });
      expect(await name('fay', start, start + minute)).toEqual({ outcome: 'same-person' });
      const named = await name('dora', start, start + minute);
      if (named.outcome !== 'done') throw new Error(named.outcome);
      const stranger = await person('otto');
      expect(await endDeputy(team.store, named.deputy.id, { ...stranger, isAdmin: false })).toEqual({
        outcome: 'not-found',
      });
    });
  });

  it('audit of all of it → verified', async () => {
    await linkAudit(team.store);
    expect((await verifyAudit(team.database.kysely)).ok).toBe(true);
  });
});

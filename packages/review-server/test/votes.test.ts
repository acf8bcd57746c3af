import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyAudit } from '../src/store/audit-trail.ts';
import { nameDeputy } from '../src/store/deputies.ts';
import { linkUser } from '../src/store/link-user.ts';
import { linkAudit } from '../src/store/link-audit.ts';
import { onBothDatabases } from './on-both-databases.ts';
import { openTeam, type Team } from './team.ts';
import { EMAIL_BLAST } from './test-server.ts';

const edited = { ...EMAIL_BLAST.details, recipient_count: 50 };
const twoStages = [
  { group: 'finance', approvals: 2 },
  { group: 'legal', approvals: 1 },
];

onBothDatabases((newDatabase) => {
  let team: Team;
  let shiftMs = 0;
  beforeAll(async () => {
    team = await openTeam(await newDatabase(), () => new Date(Date.now() + shiftMs));
    await team.addUsers(['fay', 'finn', 'fred', 'lea', 'leo', 'otto']);
    await team.addUsers(['root'], { roles: ['admin'] });
    await team.addUsers(['rita'], { roles: ['admin', 'reviewer'] });
    await team.addUsers(['audrey'], { roles: ['auditor'] });
    await team.setGroup('finance', ['fay', 'finn', 'fred']);
    await team.setGroup('legal', ['lea', 'leo', 'fred'], 'everyone');
  });
  afterAll(() => team.close());

  const audit = async (id: string) => {
    await linkAudit(team.store);
    const rows = await team.database.kysely
      .selectFrom('audit')
      .select(['event', 'actor', 'facts'])
      .where('subject', '=', id)
      .orderBy('sequence')
      .execute();
    return rows.map(({ facts, ...row }) => ({ ...row, facts: JSON.parse(facts) as Record<string, unknown> }));
  };
  const fromProvider = async (name: string) => {
    const { kysely } = team.database;
    await kysely.updateTable('users').set({ password_hash: '' }).where('name', '=', name).execute();
    const { id } = await kysely.selectFrom('users').select('id').where('name', '=', name).executeTakeFirstOrThrow();
    const identity = { issuer: 'https://login.example', subject: name, user_id: id, created_at: '2026-11-29' };
    await kysely.insertInto('provider_identities').values(identity).execute();
  };
  const outcomes = async (id: string, ...names: string[]) => {
    const all = [];
    for (const name of names) all.push((await team.vote(id, name)).outcome);
    return all;
  };

  describe('stages', () => {
    it('two of finance, one of legal → approved by the third vote, one closing with all voters', async () => {
      const id = await team.ask(twoStages);
      expect(await outcomes(id, 'fay', 'finn', 'lea')).toEqual(['voted', 'voted', 'decided']);
      expect(await team.read(id)).toMatchObject({ status: 'APPROVED', decidedBy: 'lea', modifiedDetails: null });
      const rows = await audit(id);
      expect(rows.map(({ event }) => event)).toEqual([
        'approval-requested',
        'vote-cast',
        'vote-cast',
        'vote-cast',
        'approval-decided',
      ]);
      expect(rows[0]!.facts['by']).toBe('2 of finance, 1 of legal');
      expect(rows.at(-1)!.facts['voters']).toBe('fay, finn, lea');
      expect((await verifyAudit(team.database.kysely)).ok).toBe(true);
    });

    it('vote out of turn, of no member, of an auditor → refused, stays open', async () => {
      const id = await team.ask(twoStages);
      expect(await outcomes(id, 'lea', 'otto', 'audrey')).toEqual(['not-allowed', 'not-found', 'not-allowed']);
      expect((await team.read(id)).status).toBe('PENDING');
    });

    it('rejection in any stage → ends it', async () => {
      const id = await team.ask(twoStages);
      await outcomes(id, 'fay', 'finn');
      expect((await team.vote(id, 'leo', { decision: 'reject', note: 'No.' })).outcome).toBe('decided');
      expect(await team.read(id)).toMatchObject({ status: 'REJECTED', decidedBy: 'leo', decisionNote: 'No.' });
      expect(await outcomes(id, 'lea')).toEqual(['already-closed']);
    });

    it('one person in both groups → one vote', async () => {
      const id = await team.ask(twoStages);
      await outcomes(id, 'fay', 'fred');
      expect(await outcomes(id, 'fred', 'lea')).toEqual(['not-allowed', 'decided']);
    });

    it('second vote of one person → refused, a later rejection counts', async () => {
      const id = await team.ask([{ group: 'finance', approvals: 3 }]);
      expect(await outcomes(id, 'fay', 'fay')).toEqual(['voted', 'not-allowed']);
      expect((await team.vote(id, 'fay', { decision: 'reject' })).outcome).toBe('decided');
      expect(await team.votes(id)).toEqual([{ version: 1, stage: 1, voter: 'fay', vote: 'reject' }]);
    });

    it('approval without what was seen → refused', async () => {
      const id = await team.ask(twoStages);
      expect(await team.vote(id, 'fay', { shown: undefined })).toMatchObject({
        outcome: 'wrong-answer',
        problem: expect.stringContaining('shown'),
      });
    });

    it('no groups → one decision of any reviewer, one vote, as without votes', async () => {
      const id = await team.ask(null);
      expect(await team.vote(id, 'otto', { modifiedDetails: edited })).toMatchObject({ outcome: 'decided' });
      expect(await team.read(id)).toMatchObject({ status: 'APPROVED', modifiedDetails: edited, version: 1 });
      expect((await audit(id)).map(({ event }) => event)).toEqual(['approval-requested', 'approval-decided']);
    });

    it('one of one with an edit → decided by the editor', async () => {
      const id = await team.ask([{ group: 'finance', approvals: 1 }]);
      expect((await team.vote(id, 'fay', { modifiedDetails: edited })).outcome).toBe('decided');
      expect((await team.read(id)).modifiedDetails).toEqual(edited);
    });
  });

  describe('edits', () => {
    it('edit between votes → next version, votes begin again, old votes stay and never count', async () => {
      const id = await team.ask(twoStages);
      const before = await team.read(id);
      await outcomes(id, 'fay', 'finn');
      expect((await team.vote(id, 'lea', { modifiedDetails: edited })).outcome).toBe('edited');
      const after = await team.read(id);
      expect(after).toMatchObject({ status: 'PENDING', version: 2, proposedDetails: edited, modifiedDetails: null });
      expect(after.shown).not.toBe(before.shown);
      expect((await team.vote(id, 'fay', { shown: before.shown })).outcome).toBe('changed');
      expect(await outcomes(id, 'fay', 'fred', 'leo')).toEqual(['voted', 'voted', 'decided']);
      expect(await team.read(id)).toMatchObject({ status: 'APPROVED', modifiedDetails: edited });
      expect((await team.votes(id)).map(({ version }) => version)).toEqual([1, 1, 2, 2, 2]);
    });

    it('approval of the editor → does not count as the second vote', async () => {
      const id = await team.ask([{ group: 'finance', approvals: 2 }]);
      await team.vote(id, 'fay', { modifiedDetails: edited });
      const own = await team.vote(id, 'fay');
      expect(own).toMatchObject({ outcome: 'not-allowed', problem: expect.stringContaining('You wrote this version') });
      expect(await outcomes(id, 'finn', 'fred')).toEqual(['voted', 'decided']);
    });

    it('edit back to the request → version 3 without an edit', async () => {
      const id = await team.ask([{ group: 'finance', approvals: 2 }]);
      await team.vote(id, 'fay', { modifiedDetails: edited });
      expect((await team.vote(id, 'finn', { modifiedDetails: EMAIL_BLAST.details })).outcome).toBe('edited');
      expect(await team.read(id)).toMatchObject({ version: 3, proposedDetails: null });
      expect(await outcomes(id, 'fay', 'fred')).toEqual(['voted', 'decided']);
      expect((await team.read(id)).modifiedDetails).toBeNull();
    });

    it('edit that equals the present version → a vote for it', async () => {
      const id = await team.ask([{ group: 'finance', approvals: 2 }]);
      await team.vote(id, 'fay', { modifiedDetails: edited });
      expect((await team.vote(id, 'finn', { modifiedDetails: edited })).outcome).toBe('voted');
    });

    it('editor leaves too few voters → the administrators are asked too', async () => {
      await team.setGroup('pair', ['fay', 'finn']);
      const id = await team.ask([{ group: 'pair', approvals: 2 }]);
      await team.vote(id, 'fay', { modifiedDetails: edited });
      expect(await outcomes(id, 'finn', 'root')).toEqual(['voted', 'decided']);
    });
  });

  describe('groups', () => {
    it('unknown group → addressed to the administrators, not to all reviewers', async () => {
      const id = await team.ask([{ group: 'finanec', approvals: 1 }]);
      expect(await outcomes(id, 'fay', 'otto', 'root')).toEqual(['not-found', 'not-found', 'decided']);
    });

    it('group too small without the requester → addressed to the administrators with the reason', async () => {
      const id = await team.ask([{ group: 'finance', approvals: 3 }], { onBehalfOf: 'fay' });
      const stages = await team.database.kysely
        .selectFrom('stages')
        .select('reason')
        .where('approval_id', '=', id)
        .execute();
      expect(stages[0]!.reason).toMatch(/Fewer than 3 people/);
      expect(await outcomes(id, 'finn', 'fred', 'rita')).toEqual(['voted', 'voted', 'decided']);
    });

    it('renamed group → open requests keep it; new member votes, removed member does not', async () => {
      await team.setGroup('ops', ['fay', 'finn']);
      const id = await team.ask([{ group: 'OPS', approvals: 1 }]);
      const group = (
        await team.database.kysely.selectFrom('groups').selectAll().where('name', '=', 'ops').executeTakeFirstOrThrow()
      ).id;
      await team.database.kysely
        .updateTable('groups')
        .set({ name: 'operations', name_key: 'operations' })
        .where('id', '=', group)
        .execute();
      await team.setGroup('operations', ['otto']);
      expect(await outcomes(id, 'fay', 'otto')).toEqual(['not-found', 'decided']);
    });

    it('changed requirement of later requests → open requests keep theirs', async () => {
      const id = await team.ask([{ group: 'finance', approvals: 2 }]);
      await team.ask([{ group: 'finance', approvals: 1 }]);
      expect(await outcomes(id, 'fay', 'finn')).toEqual(['voted', 'decided']);
    });
  });

  describe('separation of duties', () => {
    it.each([
      ['name', { onBehalfOf: 'fay' }],
      ['name in another case', { onBehalfOf: ' FAY ' }],
      ['full-width name', { onBehalfOf: 'ｆａｙ' }],
      ['name with an invisible character', { onBehalfOf: 'f\u200Bay' }],
      ['sealed context', { details: { ...EMAIL_BLAST.details, holdpoint: { context: { user: 'fay' } } } }],
      ['object in the sealed context', { details: { holdpoint: { context: { user: { id: 7, name: 'Fay' } } } } }],
    ])('acts for a person by %s → that person may reject and not approve', async (_by, more) => {
      const id = await team.ask([{ group: 'finance', approvals: 1 }], more);
      expect(await team.vote(id, 'fay')).toMatchObject({
        outcome: 'not-allowed',
        problem: expect.stringContaining('acts for you'),
      });
      expect((await team.vote(id, 'fay', { decision: 'reject' })).outcome).toBe('decided');
    });

    it('alias of an administrator → refused too', async () => {
      await team.addUsers(['erin'], { roles: ['admin', 'reviewer'], aliases: ['Erin@Example.org'] });
      for (const by of [null, [{ group: 'finanec', approvals: 1 }]]) {
        const id = await team.ask(by, { onBehalfOf: 'erin@example.ORG' });
        expect(await outcomes(id, 'erin', 'rita')).toEqual(['not-allowed', 'decided']);
      }
    });

    it('named as an approver → the ban stays', async () => {
      await team.setGroup('solo', ['fay', 'finn']);
      const id = await team.ask([{ group: 'solo', approvals: 1 }], { onBehalfOf: 'fay' });
      expect(await outcomes(id, 'fay')).toEqual(['not-allowed']);
    });

    it('allowSelf → the person may approve, and the audit says so twice', async () => {
      const id = await team.ask(null, { onBehalfOf: 'fay', allowSelf: true });
      expect(await outcomes(id, 'fay')).toEqual(['decided']);
      const rows = await audit(id);
      expect([rows[0]!.facts['allowSelf'], rows.at(-1)!.facts['ownRequest']]).toEqual([true, true]);
    });

    it('sign-in linked to another user, whose edit or deputy’s vote is open → refused, as after a vote', async () => {
      await team.addUsers(['fred 2', 'fred 3']);
      for (const name of ['fred 2', 'fred 3']) await fromProvider(name);
      await team.setGroup('treasury', ['fred', 'fred 2', 'fred 3', 'otto']);
      const link = (other: string) => linkUser(team.store, { name: 'fred', other, by: 'rita' });
      const edit = await team.ask([{ group: 'treasury', approvals: 2 }]);
      expect((await team.vote(edit, 'fred 2', { modifiedDetails: edited })).outcome).toBe('edited');
      expect(await link('fred 2')).toEqual({ outcome: 'has-votes' });
      const voted = await team.ask([{ group: 'treasury', approvals: 3 }]);
      const [from, until] = [-1, 1].map((hours) => new Date(Date.now() + hours * 3_600_000).toISOString());
      await nameDeputy(team.store, { person: 'fred 3', deputy: 'lea', from: from!, until: until! }, 'rita');
      expect((await team.vote(voted, 'lea')).outcome).toBe('voted');
      expect(await link('fred 3')).toEqual({ outcome: 'has-votes' });
      for (const id of [edit, voted]) await team.vote(id, 'otto', { decision: 'reject' });
      expect([await link('fred 2'), await link('fred 3')]).toEqual([{ outcome: 'done' }, { outcome: 'done' }]);
    });

    it('deputy and the person behind → count once; the ban holds for both', async () => {
      const span = {
        from: new Date(Date.now() + shiftMs - 1000).toISOString(),
        until: new Date(Date.now() + shiftMs + 60_000).toISOString(),
      };
      for (const person of ['fay', 'finn']) await nameDeputy(team.store, { person, deputy: 'otto', ...span }, 'rita');
      const id = await team.ask([{ group: 'finance', approvals: 2 }]);
      expect((await team.vote(id, 'otto', {}, 'fay')).outcome).toBe('voted');
      expect(await outcomes(id, 'fay')).toEqual(['not-allowed']);
      expect((await team.vote(id, 'otto', {}, 'finn')).outcome).toBe('not-allowed');
      expect(await outcomes(id, 'finn')).toEqual(['decided']);
      const own = await team.ask([{ group: 'finance', approvals: 1 }], { onBehalfOf: 'otto' });
      expect((await team.vote(own, 'otto', {}, 'fay')).outcome).toBe('not-allowed');
    });
  });

  it('expired between votes → rejected as expired, the votes stay readable', async () => {
    const id = await team.ask(twoStages, { expiresAt: new Date(Date.now() + shiftMs + 3_600_000).toISOString() });
    await outcomes(id, 'fay');
    shiftMs += 7_200_000;
    expect(await outcomes(id, 'finn')).toEqual(['already-closed']);
    expect(await team.read(id)).toMatchObject({ status: 'REJECTED', decisionReasonCode: 'expired' });
    expect(await team.votes(id)).toHaveLength(1);
  });

  it('question about an outcome → one answer of the groups', async () => {
    const details = { holdpoint: { kind: 'outcome' } };
    const id = await team.ask(twoStages, { details });
    expect((await team.vote(id, 'lea', { decision: 'not-happened' })).outcome).toBe('decided');
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Rule, RuleCondition, RuleTrial } from '../src/contract/review-admin.ts';
import { onBothDatabases } from './on-both-databases.ts';
import { ADMINISTRATORS, EMAIL_BLAST, startTestServer, type TestServer } from './test-server.ts';

const outcomeQuestion = {
  action: 'refund:outcome-unknown',
  details: { outcome: 'happened', holdpoint: { kind: 'outcome' } },
};
const action = (value: string): RuleCondition => ({ field: 'action', operator: 'is', value });
const level = (value: string): RuleCondition => ({ field: 'riskLevel', operator: 'is', value });
const roundedNumber: RuleCondition = { field: 'details.account', operator: 'at-least', value: 2 ** 53 };
const REFUND = {
  action: 'refund',
  details: {
    amount: 40,
    currency: 'EUR',
    zip: '10115',
    customer: { tier: 'gold', tags: ['vip', 'eu'] },
    'a.b': 'dotted',
  },
  metadata: { ticket: 'T-1' },
};

onBothDatabases((newDatabase) => {
  describe('rules', () => {
    let server: TestServer;
    let shiftMs = 0;
    beforeAll(async () => {
      server = await startTestServer(await newDatabase(), {
        reviewers: ADMINISTRATORS,
        clock: () => new Date(Date.now() + shiftMs),
        rules: [
          { name: 'reads are fine', conditions: [action('read_database'), level('low')], decision: 'approve' },
          { name: 'reads of risk are looked at', conditions: [action('read_database')], decision: 'review' },
          { name: 'never drop', conditions: [action('drop_database')], decision: 'reject' },
          { name: 'low risk', conditions: [level('LOW')], decision: 'approve' },
          // Of the time when a number could still be rounded on its way.
          { name: 'of before', conditions: [roundedNumber], decision: 'reject' },
        ],
      });
    });
    afterAll(() => server.close());

    it.each([
      [
        'the first match approves',
        { action: 'read_database', riskLevel: 'LOW' },
        {
          status: 'approved',
          autoDecisionRuleName: 'reads are fine',
          decisionNote: 'Automatically approved by rule: reads are fine',
        },
      ],
      [
        'a rule rejects',
        { action: 'drop_database' },
        { status: 'rejected', autoDecisionRuleName: 'never drop', retryable: false },
      ],
      ['a rule for every action', { riskScore: 0.1 }, { status: 'approved', autoDecisionRuleName: 'low risk' }],
    ])('%s → decided at once', async (_what, more, wanted) => {
      expect((await server.ask(more)).body).toMatchObject({
        ...wanted,
        autoDecided: true,
        decisionReasonCode: 'rule',
        decidedBy: null,
        modifiedDetails: null,
        decidedAt: expect.any(String),
      });
    });

    it.each([
      ['review before a later rule that approves → a person', { action: 'read_database', riskScore: 0.9 }],
      ['no level → medium', {}],
      [
        'question about an unknown outcome → a person, unless a rule names its action',
        { ...outcomeQuestion, riskLevel: 'low' },
      ],
    ])('%s', async (_what, more) => {
      expect((await server.ask(more)).body).toMatchObject({
        status: 'pending',
        autoDecided: false,
        decisionReasonCode: null,
        autoDecisionRuleName: null,
      });
    });

    it('request endpoint and GET → answer with the decision', async () => {
      const { body } = await server.post('/api/approvals/request', { ...EMAIL_BLAST, action: 'drop_database' });
      expect(body).toMatchObject({ status: 'REJECTED', decisionReasonCode: 'rule' });
      expect((await server.get(`/api/approvals/${body.id}`)).body).toMatchObject(body);
    });

    it('list, add, change, move, remove → by name, positions without gaps', async () => {
      const bearer = await server.bearer();
      const names = async () =>
        (await server.get<{ rules: Rule[] }>('/reviewer-api/rules', bearer)).body.rules.map(
          ({ name, position, enabled }) => `${position} ${name}${enabled ? '' : ' (off)'}`,
        );
      const added = await server.post<Rule>(
        '/reviewer-api/rules',
        { name: 'second', conditions: [action('refund')], decision: 'review', position: 2 },
        bearer,
      );
      expect([added.status, await names()]).toEqual([
        201,
        [
          '1 reads are fine',
          '2 second (off)',
          '3 reads of risk are looked at',
          '4 never drop',
          '5 low risk',
          '6 of before',
        ],
      ]);
      expect((await server.ask({ ...REFUND, riskLevel: 'low' })).body.autoDecisionRuleName).toBe('low risk');

      const path = `/reviewer-api/rules/${added.body.id}`;
      expect(
        (await server.send<Rule>('PATCH', path, { position: 1, enabled: true, decision: 'reject' }, bearer)).body,
      ).toMatchObject({ name: 'second', position: 1, enabled: true, updatedBy: 'ana' });
      expect((await names()).slice(0, 2)).toEqual(['1 second', '2 reads are fine']);
      expect((await server.ask({ ...REFUND, riskLevel: 'low' })).body).toMatchObject({
        status: 'rejected',
        autoDecisionRuleName: 'second',
      });

      expect(
        (
          await server.post<{ error: string }>(
            '/reviewer-api/rules',
            { name: 'second', conditions: [], decision: 'reject' },
            bearer,
          )
        ).status,
      ).toBe(409);
      expect((await server.send('DELETE', path, undefined, bearer)).status).toBe(200);
      expect([(await names())[0], (await server.send('DELETE', path, undefined, bearer)).status]).toEqual([
        '1 reads are fine',
        404,
      ]);
    });

    it.each<[string, RuleCondition, boolean]>([
      ['a number at most another', { field: 'details.amount', operator: 'at-most', value: 40 }, true],
      ['a number less than itself', { field: 'details.amount', operator: 'less-than', value: 40 }, false],
      ['a number at least another', { field: 'details.amount', operator: 'at-least', value: 40 }, true],
      ['a number more than another', { field: 'details.amount', operator: 'more-than', value: 39.5 }, true],
      [
        'a missing number, which is less than nothing',
        { field: 'details.total', operator: 'less-than', value: 50 },
        false,
      ],
      ['a text where a number is compared', { field: 'details.currency', operator: 'at-least', value: 0 }, false],
      ['a deeper value', { field: 'details.customer.tier', operator: 'one-of', value: ['silver', 'gold'] }, true],
      ['another letter case', { field: 'details.customer.tier', operator: 'is', value: 'Gold' }, false],
      ['a text that is another', { field: 'details.currency', operator: 'is-not', value: 'USD' }, true],
      ['a missing text, which is no other', { field: 'details.iban', operator: 'is-not', value: 'DE00' }, false],
      [
        'a missing text, which is none of others',
        { field: 'details.iban', operator: 'none-of', value: ['DE00'] },
        false,
      ],
      ['a text that is another of its kind', { field: 'details.zip', operator: 'is-not', value: '10117' }, true],
      [
        'a text with the digits of a number, which is no other number',
        { field: 'details.zip', operator: 'is-not', value: 10115 },
        false,
      ],
      ['a number, which is no other text', { field: 'details.amount', operator: 'is-not', value: '41' }, false],
      ['a list, which is no other text', { field: 'details.customer.tags', operator: 'is-not', value: 'vip' }, false],
      [
        'a text with the digits of a number, which is none of numbers',
        { field: 'details.zip', operator: 'none-of', value: [10115, 10117] },
        false,
      ],
      [
        'a text that is none of numbers and texts',
        { field: 'details.zip', operator: 'none-of', value: [10115, '10117'] },
        true,
      ],
      [
        'a level of another letter case, which is no other',
        { field: 'riskLevel', operator: 'is-not', value: 'MEDIUM' },
        false,
      ],
      ['an element of a list', { field: 'details.customer.tags', operator: 'contains', value: 'vip' }, true],
      ['a part of a text', { field: 'details.currency', operator: 'contains', value: 'UR' }, true],
      ['the beginning of a text', { field: 'metadata.ticket', operator: 'starts-with', value: 'T-' }, true],
      ['the length of a list', { field: 'details.customer.tags.length', operator: 'at-most', value: 2 }, true],
      ['an element by its number', { field: 'details.customer.tags.1', operator: 'is', value: 'eu' }, true],
      ['a key with a dot', { field: String.raw`details.a\.b`, operator: 'is', value: 'dotted' }, true],
      ['a present field', { field: 'details.customer', operator: 'present' }, true],
      ['an absent field', { field: 'details.iban', operator: 'absent' }, true],
      ['an inherited property', { field: 'details.constructor', operator: 'present' }, false],
      ['Holdpoint’s reserved key', { field: 'details.holdpoint.callKey', operator: 'present' }, false],
      ['the assistant', { field: 'assistant', operator: 'is', value: 'comms' }, true],
      ['a level in another letter case', { field: 'riskLevel', operator: 'one-of', value: ['HIGH', 'Medium'] }, true],
    ])('condition: %s', async (_what, condition, wanted) => {
      const bearer = await server.bearer();
      const {
        body: { id },
      } = await server.post<Rule>(
        '/reviewer-api/rules',
        { name: 'tried', conditions: [action('refund'), condition], decision: 'reject', enabled: true, position: 1 },
        bearer,
      );
      try {
        expect(
          (await server.ask({ ...REFUND, details: { ...REFUND.details, holdpoint: { callKey: '1' } } })).body
            .autoDecisionRuleName,
        ).toBe(wanted ? 'tried' : null);
      } finally {
        await server.send('DELETE', `/reviewer-api/rules/${id}`, undefined, bearer);
      }
    });

    it.each([
      [
        { conditions: [{ field: 'detail.amount', operator: 'is', value: 1 }] },
        'conditions.0.field: must be one of action,',
      ],
      [{ conditions: [{ field: 'details.', operator: 'present' }] }, 'conditions.0.field'],
      [{ conditions: [{ field: 'details.a', operator: 'less-than', value: '5' }] }, 'conditions.0.value'],
      [{ conditions: [{ field: 'details.a', operator: 'matches', value: '.*' }] }, 'conditions.0.operator'],
      [{ conditions: [{ field: 'details.a', operator: 'is', value: 1e20 }] }, 'too large to be compared exactly'],
      [
        { conditions: [action('refund'), { field: 'details.a', operator: 'at-most', value: 2 ** 53 }] },
        'conditions.1.value: is too large to be compared exactly',
      ],
      [
        { conditions: [{ field: 'details.a', operator: 'more-than', value: -1e300 }] },
        'conditions.0.value: is too large to be compared exactly',
      ],
      [{ conditions: [{ field: 'details.a', operator: 'one-of', value: [] }] }, 'must not be empty'],
      [{ decision: 'maybe' }, 'decision'],
      [{ condition: [] }, 'condition'],
      [{ name: ' ' }, 'name: must not be empty'],
    ])('%j → refused', async (more, text) => {
      const { status, body } = await server.post<{ error: string }>(
        '/reviewer-api/rules',
        { name: 'x', conditions: [], decision: 'reject', ...more },
        await server.bearer(),
      );
      expect([status, body.error]).toEqual([400, expect.stringContaining(text)]);
    });

    it('number that is refused today → listed, renamed, switched and tried, conditions not saved again', async () => {
      const bearer = await server.bearer();
      const old = async () => (await server.get<{ rules: Rule[] }>('/reviewer-api/rules', bearer)).body.rules.at(-1)!;
      const { id, conditions } = await old();
      expect(conditions).toEqual([roundedNumber]);
      const path = `/reviewer-api/rules/${id}`;
      for (const change of [{ name: 'renamed' }, { enabled: false }, { name: 'of before', enabled: true }])
        expect((await server.send<Rule>('PATCH', path, change, bearer)).body).toMatchObject({ ...change, conditions });
      await server.ask({ details: { account: 2 ** 53 } });
      const attempt = (body: object) =>
        server.post<RuleTrial & { error?: string }>('/reviewer-api/rules/try', { decision: 'reject', ...body }, bearer);
      expect((await attempt({ id })).body).toMatchObject({ matched: 1, decides: 1 });
      const refused = {
        status: 400,
        body: { error: expect.stringContaining('conditions.0.value: is too large to be compared exactly') },
      };
      expect([
        await server.send('PATCH', path, { conditions }, bearer),
        await attempt({ id, conditions }),
      ]).toMatchObject([refused, refused]);
      expect([await attempt({}), await attempt({ id: 'rule_none' })]).toMatchObject([
        { status: 400, body: { error: expect.stringMatching(/^conditions: are missing/) } },
        { status: 404 },
      ]);
      expect((await old()).conditions).toEqual([roundedNumber]);
    });

    it('trial → the matches of the last 30 days', async () => {
      const ask = async (amount: number) => (await server.ask({ action: 'payout', details: { amount } })).body.id;
      await ask(1);
      shiftMs += 31 * 24 * 3_600_000;
      const [approved, edited, rejected, open] = [await ask(10), await ask(20), await ask(30), await ask(40)];
      await ask(5000);
      // Signed in after the 31 days: ana's sign-in of before has ended.
      const now = await server.bearer('ben');
      await server.decide(approved, { decision: 'approve' }, 'ben');
      await server.decide(edited, { decision: 'approve', modifiedDetails: { amount: 19 } }, 'ben');
      await server.decide(rejected, { decision: 'reject' }, 'ben');
      const rule = {
        conditions: [action('payout'), { field: 'details.amount', operator: 'at-most', value: 100 }],
        decision: 'approve',
      };
      const { body } = await server.post<RuleTrial>('/reviewer-api/rules/try', rule, now);
      expect(body).toMatchObject({
        looked: 5,
        truncated: false,
        matched: 4,
        decides: 4,
        people: { approved: 1, approvedWithEdit: 1, rejected: 1 },
      });
      expect(body.matches.map(({ id, differs }) => [id, differs])).toEqual([
        [open, false],
        [rejected, true],
        [edited, true],
        [approved, false],
      ]);
      const {
        body: { id },
      } = await server.post<Rule>(
        '/reviewer-api/rules',
        { name: 'payouts', conditions: [action('payout')], decision: 'review', enabled: true, position: 1 },
        now,
      );
      expect((await server.post<RuleTrial>('/reviewer-api/rules/try', rule, now)).body).toMatchObject({
        matched: 4,
        decides: 0,
        matches: [],
      });
      expect(
        (await server.post<RuleTrial>('/reviewer-api/rules/try', { ...rule, position: 1 }, now)).body,
      ).toMatchObject({ matched: 4, decides: 4 });
      expect((await server.post<RuleTrial>('/reviewer-api/rules/try', { ...rule, id }, now)).body).toMatchObject({
        matched: 4,
        decides: 4,
      });
    });
  });
});

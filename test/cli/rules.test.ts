import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunSettings } from '../../src/cli/connection.ts';
import {
  type Rule,
  type RuleCondition,
  type RuleOperator,
  type RuleTrial,
  toCondition,
  toTyped,
  ValueProblem,
} from '@holdpoint/review-server/contract';
import { ADMINISTRATORS, startTestServer, type TestServer } from '../../packages/review-server/test/test-server.ts';
import { commands } from './commands.ts';

let server: TestServer;
let settings: RunSettings;
beforeAll(async () => {
  server = await startTestServer('sqlite::memory:', { reviewers: ADMINISTRATORS });
  settings = {
    reviewUrl: server.url,
    reviewerToken: (await server.bearer())['authorization']!.slice('Bearer '.length),
  };
});
afterAll(() => server.close());
const ask = async (amount: number) => (await server.ask({ action: 'refund', details: { amount } })).body;

describe('holdpoint rules', () => {
  it('add, try, on, off, remove → the rule is off, tried on earlier requests, on, off, gone', async () => {
    const { holdpoint } = await commands(settings);
    expect((await holdpoint('rules', 'list')).out).toBe('No rules: people decide everything.\n');
    const rejected = await ask(30);
    await server.decide(rejected.id, { decision: 'reject' });
    const described = ['--decision', 'approve', '--when', 'action is refund', '--when', 'details.amount at-most 50'];
    const trial = (await holdpoint('rules', 'try', ...described)).out;
    expect(trial).toMatch(
      /^Of 1 request in the last 30 days it would have approved 1\.\nPeople had approved 0 of these as asked and 0 with changes, and rejected 1\.\nIt differs from people's decisions in 1 of the newest 1:\n\nrequested +assistant +action +risk +result +by +differs +id\n/,
    );
    expect(trial).toMatch(new RegExp(`^\\S+ +comms +refund +\\w+ +rejected +ana +yes +${rejected.id}$`, 'm'));

    const { out } = await holdpoint('rules', 'add', 'small refunds', ...described);
    const [, id] =
      /^The rule small refunds \((rule_\w+)\) is off, at position 1\. See its decisions on past requests: holdpoint rules try \1\n$/.exec(
        out,
      ) ?? [];
    expect([(await holdpoint('rules', 'try', id!)).out, (await ask(20)).status]).toEqual([trial, 'pending']);
    expect((await holdpoint('rules', 'on', 'small refunds')).out).toBe(
      'The rule small refunds is on: it approves matching requests from now on.\n',
    );
    expect([(await ask(50)).status, (await ask(51)).status]).toEqual(['approved', 'pending']);

    const first = await holdpoint(
      'rules',
      'add',
      'ops first',
      '--decision',
      'review',
      '--when',
      'details.team one-of ops, "a, b"',
      '--position',
      '1',
      '--on',
      '--json',
    );
    expect(first.json()).toMatchObject({
      name: 'ops first',
      position: 1,
      enabled: true,
      decision: 'review',
      conditions: [{ field: 'details.team', operator: 'one-of', value: ['ops', 'a, b'] }],
    } satisfies Partial<Rule>);
    expect((await holdpoint('rules', 'list')).out.split('\n')).toEqual([
      expect.stringMatching(/^ +name +state +does +when +id$/),
      expect.stringMatching(/^1 +ops first +on +review +details\.team one-of ops, "a, b" +rule_\w+$/),
      expect.stringMatching(
        /^2 +small refunds +on +approve +action is refund and details\.amount at-most 50 +rule_\w+$/,
      ),
      '',
    ]);
    expect(((await holdpoint('rules', 'try', 'small refunds', '--json')).json() as RuleTrial).matched).toBe(3);
    expect((await holdpoint('rules', 'off', id!)).out).toBe('The rule small refunds is off.\n');
    expect((await ask(50)).status).toBe('pending');
    expect((await holdpoint('rules', 'remove', 'small refunds')).out).toBe('Removed the rule small refunds.\n');
    expect(
      ((await holdpoint('rules', 'list', '--json')).json() as { rules: Rule[] }).rules.map(({ name }) => name),
    ).toEqual(['ops first']);
  });

  it.each<[string, string[], number, RegExp]>([
    ['no decision', ['add', 'x', '--always'], 2, /Choose a decision: --decision approve, reject or review/],
    [
      'no condition',
      ['add', 'x', '--decision', 'reject'],
      2,
      /Give a condition: --when 'details\.amount at-most 50', once for each; or --always/,
    ],
    [
      'conditions and none',
      ['add', 'x', '--decision', 'reject', '--always', '--when', 'action is x'],
      2,
      /--always and --when exclude each other/,
    ],
    [
      'an operator that is none',
      ['try', '--decision', 'reject', '--when', 'details.amount <= 50'],
      2,
      /"details\.amount <= 50" must be a field, an operator and a value, such as .*Operators: is, is-not/,
    ],
    [
      'a field that is none',
      ['try', '--decision', 'reject', '--when', 'amount at-most 50'],
      2,
      /field: must be one of action, /,
    ],
    [
      'a number that is none',
      ['try', '--decision', 'reject', '--when', 'details.amount at-most fifty'],
      2,
      /fifty is not a number\. Type digits/,
    ],
    [
      'a number that would be rounded',
      ['try', '--decision', 'reject', '--when', 'details.account is 9007199254740993'],
      2,
      /9007199254740993 is too large to be compared exactly: numbers go up to 9007199254740991\. If it is a text, .*: "9007199254740993"\./,
    ],
    [
      'an empty part of a list',
      ['try', '--decision', 'reject', '--when', 'details.team one-of ops,,sales'],
      2,
      /Value 2 of 3 is empty\. Remove a comma, or type "" for an empty text\./,
    ],
    [
      'no value',
      ['try', '--decision', 'reject', '--when', 'details.team is'],
      2,
      /is needs a value; an empty text is ""/,
    ],
    [
      'a value too many',
      ['try', '--decision', 'reject', '--when', 'details.team absent ops'],
      2,
      /absent takes no value/,
    ],
    [
      'a position that is none',
      ['add', 'x', '--decision', 'reject', '--always', '--position', '0'],
      2,
      /--position must be a number from 1/,
    ],
    ['a rule and a description', ['try', 'x', '--decision', 'reject'], 2, /Name a rule, or describe one/],
    [
      'a rule that is not there',
      ['on', 'nothing'],
      1,
      /No rule has the name or id "nothing"\. List the rules with: holdpoint rules list/,
    ],
    ['a name that is taken', ['add', 'ops first', '--decision', 'reject', '--always'], 1, /another rule has this name/],
  ])('%s → error with the remedy', async (_what, words, code, text) => {
    const { holdpoint } = await commands(settings);
    await holdpoint('rules', 'add', 'ops first', '--decision', 'review', '--when', 'details.team is ops');
    const said = await holdpoint('rules', ...words);
    expect([said.code, said.err, said.out]).toEqual([code, expect.stringMatching(text), '']);
  });
});

it('stored rule with a number that is refused today → listed, tried and switched', async () => {
  const old = await startTestServer('sqlite::memory:', {
    reviewers: ADMINISTRATORS,
    rules: [
      {
        name: 'of before',
        decision: 'reject',
        conditions: [{ field: 'details.account', operator: 'at-least', value: 2 ** 53 }],
      },
    ],
  });
  try {
    const { holdpoint } = await commands({
      reviewUrl: old.url,
      reviewerToken: (await old.bearer())['authorization']!.slice('Bearer '.length),
    });
    expect((await holdpoint('rules', 'list')).out).toContain('details.account at-least 9007199254740992');
    expect((await holdpoint('rules', 'try', 'of before')).out).toBe(
      'Of 0 requests in the last 30 days it would have rejected 0.\n',
    );
    expect((await holdpoint('rules', 'off', 'of before')).out).toBe('The rule of before is off.\n');
  } finally {
    await old.close();
  }
});

it.each<RuleCondition>([
  { field: 'details.zip', operator: 'is', value: '10115' },
  { field: 'details.zip', operator: 'is-not', value: 10115 },
  { field: 'details.ok', operator: 'is', value: true },
  { field: 'details.ok', operator: 'is', value: 'true' },
  { field: 'details.note', operator: 'is', value: '' },
  { field: 'details.note', operator: 'is', value: ' two ' },
  { field: 'details.note', operator: 'contains', value: '"quoted"' },
  { field: 'details.note', operator: 'starts-with', value: '50' },
  {
    field: 'details.team',
    operator: 'one-of',
    value: ['a, b', 'say "x"', '5', 5, '', 'ops', 'null', '“so”', "the ops' team"],
  },
  { field: 'details.note', operator: 'is', value: 'null' },
  { field: 'details.note', operator: 'is-not', value: '5" of \\ "it"' },
  { field: 'details.note', operator: 'contains', value: '“quoted' },
  { field: 'details.town', operator: 'is', value: "'s-Gravenhage" },
  { field: 'action', operator: 'present' },
  { field: 'riskScore', operator: 'less-than', value: 0.5 },
])('shown condition $operator $value → parsed as the same condition', (condition) => {
  expect(toCondition(toTyped(condition))).toEqual(condition);
});

it.each<[RuleOperator, string, RegExp]>([
  ['is', '', /A value is missing/],
  ['is-not', '  ', /A value is missing/],
  ['one-of', '', /values are missing/],
  ['one-of', ' , ', /values are missing/],
  ['one-of', 'a,', /Value 2 of 2 is empty/],
  ['none-of', ',a', /Value 1 of 2 is empty/],
  ['one-of', 'a, ,"b, c"', /Value 2 of 3 is empty/],
  ['is', '9007199254740992', /too large/],
  ['is', '-9007199254740993', /too large/],
  ['one-of', '1, 9007199254740993', /too large/],
  ['at-most', '12345678901234567890', /too large/],
  ['more-than', '1e999', /too large/],
  ['less-than', '1e300', /too large/],
  [
    'none-of',
    '“ops, north”',
    /The quotes of “ops are not clear\. Put the whole text in straight double quotes, as in "ops, north"; within it type \\" for a quote and \\\\ for a backslash\./,
  ],
  ['none-of', '"ops, north', /quotes of "ops /],
  ['none-of', 'ops, "a"b', /quotes of "a"b /],
  ['is-not', '„ops“', /quotes of „ops“ /],
  ['is-not', "'ops'", /quotes of 'ops' /],
  ['is-not', '"C:\\data"', /quotes of "C:\\data" /],
  ['contains', '"ops', /quotes of "ops /],
  ['is-not', 'null', /null is not a value\. .*absent .*present .*"null", in quotes/],
  ['none-of', 'ops, null', /null is not a value/],
  [
    'at-most',
    '9007199254740990.6',
    /9007199254740990\.6 can’t be compared exactly: it would be rounded to 9007199254740991\. Type that, or a number with fewer digits\.$/,
  ],
  ['more-than', '1e-400', /would be rounded to 0\./],
  ['is-not', '0.12345678901234567890123', /would be rounded to 0\.12345678901234568\..* put it in double quotes/],
  ['at-most', '007', /007 is not a number\. .*no leading zeros and no plus sign/],
  ['at-most', '+5', /no plus sign/],
  ['at-most', '.5', /a digit before the point/],
  ['at-least', '', /number is missing/],
  ['at-most', '1,5', /1,5 is not a number/],
  ['at-most', '"5"', /"5" is not a number/],
  ['contains', '', /text is missing/],
  ['starts-with', '""', /text is missing/],
])('condition %s %j → refused with the remedy', (operator, value, problem) => {
  const read = () => toCondition({ field: 'details.x', operator, value });
  expect(read).toThrow(ValueProblem);
  expect(read).toThrow(problem);
});

it('exact numbers, quoted digits, lists with quoted commas → taken as typed', () => {
  const value = (operator: RuleOperator, typed: string) =>
    (toCondition({ field: 'details.x', operator, value: typed }) as { value: unknown }).value;
  expect([
    value('is', '9007199254740991'),
    value('at-most', '-9007199254740991'),
    value('is', '"12345678901234567890"'),
    value('less-than', '0.1'),
  ]).toEqual([9007199254740991, -9007199254740991, '12345678901234567890', 0.1]);
  expect(
    ['0.10', '-0', '0.0', '1.5E+3', '100e-2', '1e-7', '0.30000000000000004', '5e-324', '9007199254740991.0'].map(
      (typed) => value('at-most', typed),
    ),
  ).toEqual([0.1, -0, 0, 1500, 1, 1e-7, 0.1 + 0.2, 5e-324, 9007199254740991]);
  expect(value('one-of', ' "a, b" ,c d,"",5, true')).toEqual(['a, b', 'c d', '', 5, true]);
  expect(value('none-of', String.raw`"null", ops' team, a “b” c, "\"x\" \\"`)).toEqual([
    'null',
    "ops' team",
    'a “b” c',
    '"x" \\',
  ]);
  expect([value('contains', 'null'), value('is', '007')]).toEqual(['null', '007']);
});

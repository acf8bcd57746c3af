import { isIP } from 'node:net';
import fc from 'fast-check';
import { isJsonObject, type Json } from '@holdpoint/json';
import { isPublicAddress, networkOf } from '../../../packages/review-server/src/ip-address.ts';
import { callbackProblem } from '../../../packages/review-server/src/delivery/callback-hosts.ts';
import {
  checkWebhookSecret,
  standardWebhookHeaders,
} from '../../../packages/review-server/src/delivery/standard-webhook.ts';
import {
  editableJson,
  literalParts,
  literalTitle,
  withEscapes,
} from '../../../packages/review-server/src/contract/literal-parts.ts';
import { ruleConditionSchema, type RuleCondition } from '../../../packages/review-server/src/contract/review-admin.ts';
import { toCondition, toTyped, ValueProblem } from '../../../packages/review-server/src/contract/typed-condition.ts';
import { boxNames, sortNames } from '../../../packages/review-server/src/contract/reviewer-api.ts';
import { readChange } from '../../../packages/review-server/src/store/approval-changes.ts';
import { readCursor } from '../../../packages/review-server/src/store/list-approvals.ts';
import { hashPassword, verifyPassword } from '../../../packages/review-server/src/store/password.ts';
import { ruleApplies, ruleFacts } from '../../../packages/review-server/src/store/rule-match.ts';
import { searchTerms, searchText } from '../../../packages/review-server/src/store/search.ts';
import { completeEdit } from '../../../packages/review-server/src/store/complete-edit.ts';
import { riskLevelOf } from '../../../packages/review-server/src/risk-level.ts';
import { codeSpan, escapeMarkdown } from '../../../src/domain/markdown.ts';
import { wellFormed } from '../../../src/domain/well-formed.ts';
import { plain, plainAnswer, clamped } from '../../../src/cli/plain.ts';
import { table } from '../../../src/cli/table.ts';
import { json, jsonObject, mutated, spoiled, text } from '../arbitraries.ts';
import { wholeCharacters } from '../schemas.ts';
import { must, orRefused, target } from '../target.ts';

const operators = [
  'is',
  'is-not',
  'one-of',
  'none-of',
  'at-most',
  'less-than',
  'at-least',
  'more-than',
  'contains',
  'starts-with',
  'present',
  'absent',
] as const;
const fieldName = fc.oneof(
  fc.constantFrom(
    'action',
    'riskLevel',
    'details.a.b',
    'details.a\\.b',
    'details.__proto__',
    'metadata.constructor.name',
    'details.list.length',
    'details.',
    '..',
    '\\',
  ),
  text,
);
const condition = mutated(
  fc.record({
    field: fieldName,
    operator: fc.constantFrom(...operators),
    value: json,
  }),
);
const typedValue = fc.oneof(
  text,
  spoiled(fc.constantFrom('1250', '"ops, north", west', '0.5', 'true', '"a \\" b"', 'null', '9007199254740993')),
);

const address = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.constantFrom(
    '::ffff:10.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '::1%eth0',
    '0.0.0.0',
    '255.255.255.255',
    '127.1',
    '0177.0.0.1',
    '0x7f.1',
    '100.64.0.1',
    '169.254.169.254',
    'fe80::1',
    'fd00::1',
    '::',
  ),
  spoiled(fc.oneof(fc.ipV4(), fc.ipV6())),
  text,
);

/** Every border refuses halves of surrogate pairs. */
const wholeObject = jsonObject.map(wholeCharacters);

/** zod throws for an object with an odd length. The routes answer 400 to it. */
function withoutLengths(value: Json): Json {
  return JSON.parse(JSON.stringify(value).replaceAll('"length"', '"size"')) as Json;
}

export const reviewPartTargets = [
  target('rules: conditions', 30, () => ({
    input: fc.record({
      condition,
      details: jsonObject,
      metadata: fc.option(jsonObject),
      level: text,
      field: fieldName,
      operator: fc.constantFrom(...operators),
      value: typedValue,
    }),
    run: ({ condition: given, details, metadata, level, field, operator, value }) => {
      const facts = ruleFacts({
        action: 'pay',
        assistant: 'comms',
        agentName: null,
        riskLevel: level.toLowerCase(),
        riskScore: 0.5,
        priority: null,
        details,
        metadata,
      });
      const parsed = ruleConditionSchema.safeParse(withoutLengths(given));
      const typed = orRefused(() => toCondition({ field, operator, value }), ValueProblem);
      const conditions: RuleCondition[] = [...(parsed.success ? [parsed.data] : []), ...(typed ? [typed] : [])];
      for (const each of conditions) {
        const holds = ruleApplies([each], facts, false);
        must(typeof holds === 'boolean', 'A condition neither holds nor fails.');
        const exact = ruleConditionSchema.safeParse(each);
        if (!exact.success) continue;
        const shown = toTyped(exact.data);
        const again = orRefused(() => toCondition(shown), ValueProblem);
        if (again !== undefined)
          must(
            JSON.stringify(again) === JSON.stringify({ ...exact.data, field: exact.data.field.trim() }),
            `The typed form ${JSON.stringify(shown)} is another condition.`,
          );
      }
      must(!ruleApplies([], facts, true), 'A rule without an action answers a question about an outcome.');
    },
  })),
  target('IP addresses and callback hosts', 60, () => ({
    input: fc.record({
      address,
      hosts: fc.constantFrom<'any' | 'public' | string[]>('any', 'public', ['a.example', 'b.example:443']),
      path: text,
      secret: fc.oneof(text, spoiled(fc.constantFrom('whsec_YWJj'))),
    }),
    run: ({ address: given, hosts, path, secret }) => {
      const isPublic = isPublicAddress(given);
      must(!isPublic || /^[\da-f.:]+(%.+)?$/is.test(given), 'A text that is no address is public.');
      must(!isPublic || !/^(10\.|127\.|169\.254\.|192\.168\.|0\.|::1?$|f[cde])/i.test(given), `${given} is public.`);
      must(networkOf(networkOf(given)) !== undefined, 'There is no network.');
      const url = `http://${given.includes(':') ? `[${given}]` : given}/${path}`;
      if (URL.canParse(url)) {
        const problem = callbackProblem(hosts, url);
        must(problem === undefined || problem !== '', 'A refusal has no words.');
        if (hosts === 'public' && problem === undefined) {
          const name = new URL(url).hostname.replaceAll(/[[\]]/g, '');
          must(
            isIP(name) === 0 || !/^(127\.|10\.|169\.254\.|0\.0\.0\.0)/.test(name),
            `A callback to ${name} is allowed.`,
          );
        }
      }
      if (orRefused(() => (checkWebhookSecret(secret), true), Error))
        standardWebhookHeaders({ id: 'a', body: path, at: new Date(0) }, secret);
    },
  })),
  target('cursors, searches and notifications', 40, () => ({
    input: fc.record({
      cursor: fc.oneof(
        text,
        fc
          .tuple(
            fc.constantFrom('done', 'all', 'needs-you deadline', 'needs-you risk', 'waiting age'),
            fc.array(fc.oneof(text, fc.constantFrom('0', '1', '2', 'req_1')), { maxLength: 5 }),
          )
          .map(([start, keys]) => Buffer.from([start, ...keys].join('\n')).toString('base64url')),
      ),
      query: text,
      parts: fc.array(json, { maxLength: 3 }),
      change: fc.oneof(text, spoiled(fc.constantFrom('created req_1', 'closed req_2'))),
      level: fc.oneof(text, fc.constant(undefined)),
    }),
    run: ({ cursor, query, parts, change, level }) => {
      for (const box of boxNames)
        for (const sort of sortNames) {
          const keys = readCursor({ box, sort }, cursor);
          must(keys === undefined || keys.every((key) => /^[\w.:-]+$/.test(key)), 'A cursor has an odd key.');
        }
      must(searchTerms(query).length <= 10, 'A search has too many terms.');
      must(!searchText(query, ...parts).includes('\0'), 'A search text has a NUL.');
      must(
        searchText(searchText(query)) === searchText(query) || query.length > 1_000,
        'Folding a text twice changes it.',
      );
      readChange(change);
      must(riskLevelOf(level, 0.5) !== '', 'There is no level.');
    },
  })),
  target('literal texts, tables and Markdown', 10, () => ({
    input: fc.record({
      text,
      value: json,
      width: fc.constantFrom(undefined, 0, 1, 40, 200),
      rows: fc.array(fc.array(text, { minLength: 2, maxLength: 2 }), { maxLength: 3 }),
    }),
    run: ({ text: given, value, width, rows }) => {
      for (const edges of [false, true]) {
        const parts = literalParts(given, { edges });
        must(
          parts.map((part) => ('text' in part ? part.text : part.character)).join('') === given,
          'The parts are another text.',
        );
      }
      must(
        !/[\u202a-\u202e\u2066-\u2069\u200b]/.test(`${literalTitle(given)}${withEscapes(given)}${plain(given)}`),
        'A misleading character stays.',
      );
      must(
        !/[^\P{Cc}\t\n]/u.test(`${plain(given)}${plainAnswer(given)}${clamped(given, 20)}`.replaceAll('\n', '')),
        'A control character stays.',
      );
      must(
        JSON.stringify(JSON.parse(editableJson(value))) === JSON.stringify(value),
        'The text to edit is another value.',
      );
      must(
        JSON.stringify(wellFormed(wellFormed(value))) === JSON.stringify(wellFormed(value)),
        'wellFormed is not idempotent.',
      );
      must(
        codeSpan(JSON.stringify(value)).startsWith('`') && typeof escapeMarkdown(given) === 'string',
        'No code span.',
      );
      must(
        typeof table(
          ['one', 'two'],
          rows.map((row) => row.map(plain)),
          width,
        ) === 'string',
        'No table.',
      );
    },
  })),
  target('edits at the review server', 15, () => ({
    input: fc.record({
      details: wholeObject,
      edit: fc.option(fc.oneof(wholeObject, mutated(wholeObject).map(wholeCharacters))),
      removed: fc.array(text, { maxLength: 2 }),
      schema: fc.option(wholeObject),
    }),
    run: ({ details, edit, removed, schema }) => {
      if (edit !== null && !isJsonObject(edit)) return;
      const before = JSON.stringify([details, edit]);
      const result = completeEdit({ details, argumentsSchema: schema }, edit, removed);
      must(JSON.stringify([details, edit]) === before, 'The edit was changed.');
      if ('problem' in result) must(result.problem !== '', 'A refusal has no words.');
      else if (result.modifiedDetails !== null && edit !== null)
        must(
          Object.keys(edit).every((key) => key === 'holdpoint' || Object.hasOwn(result.modifiedDetails!, key)),
          'A key of the edit is lost.',
        );
    },
  })),
  target('passwords', 2, () => ({
    input: text,
    run: async (password) => {
      const cost = { ln: 4, r: 8, p: 1 };
      const hashed = await hashPassword(password, cost);
      must(await verifyPassword(password, hashed, cost), 'A password does not fit its hash.');
      must(!(await verifyPassword(`${password}x`, hashed, cost)), 'Another password fits the hash.');
    },
  })),
];

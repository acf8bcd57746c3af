import fc from 'fast-check';
import {
  decimalOf,
  helpSchema,
  InexactJson,
  isJsonObject,
  type Json,
  type JsonObject,
  jsonProblem,
  laxSchema,
  pageSchema,
  parseExactJson,
  parseJson,
  plainJson,
  refuseDuplicates,
  stableJson,
  unknownOption,
  unnamedKeysLeftOut,
} from '@holdpoint/json';
import { canonicalJson, digestOf, sameJson } from '@holdpoint/json/canonical';
import { equalInConstantTime, hmacSha256, sha256 } from '@holdpoint/json/digest';
import { retryAfterMs } from '@holdpoint/json/retry-after';
import { jsonSchemaChecker, jsonSchemaParameters, TookTooLong } from '@holdpoint/json/schema';
import { deepText, json, jsonObject, jsonText, mutated, name, spoiled, text } from '../arbitraries.ts';
import { anySchema, schemaOfOthers } from '../schemas.ts';
import { must, orInvalid, orRefused, target } from '../target.ts';

/** Numbers as people and programs write them. */
const writtenNumber = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc
    .tuple(fc.bigInt(), fc.nat(400), fc.integer({ min: -400, max: 400 }))
    .map(([digits, zeros, exponent]) => `${digits}.${'0'.repeat(zeros % 50)}1e${exponent}`),
  fc.constantFrom('-0', '-0.0', '1.50', '0e9', '1e400', '9007199254740993', '1e-400', `1${'0'.repeat(5_000)}`),
);
const writtenJson = fc.oneof(
  { weight: 8, arbitrary: jsonText(json) },
  { weight: 3, arbitrary: fc.tuple(writtenNumber, name).map(([value, key]) => `{${JSON.stringify(key)}:[${value}]}`) },
  { weight: 1, arbitrary: deepText },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
);

const header = fc.oneof(
  fc.constantFrom(
    '0',
    '-1',
    '1e3',
    '1e308',
    'Infinity',
    '0x10',
    ' 5 ',
    'Wed, 21 Oct 2015 07:28:00 GMT',
    'Sun, 31 Dec 9999 23:59:59 GMT',
  ),
  spoiled(fc.constantFrom('120', 'Wed, 21 Oct 2026 07:28:00 GMT')),
  text,
);

export const jsonTargets = [
  target('JSON: parse', 60, () => ({
    input: writtenJson,
    run: (written) => {
      const value = orRefused(() => parseJson(written), InexactJson, SyntaxError);
      if (value === undefined) return;
      // An accepted text is the same value for every program, so it is written and read again unchanged.
      must(sameJson(parseJson(JSON.stringify(value)), value), 'The value changes when it is written and read again.');
      must(jsonProblem(value) === undefined, 'An accepted value has a problem.');
      must(sameJson(value, JSON.parse(written) as Json), 'parseJson and JSON.parse read different values.');
    },
  })),
  target('JSON: exact numbers', 40, () => ({
    input: writtenJson,
    run: (written) => {
      const exact = orRefused(() => ({ value: parseExactJson(written) }), SyntaxError, RangeError);
      orRefused(() => refuseDuplicates(written), InexactJson, ...(exact === undefined ? [SyntaxError] : []));
      if (exact === undefined) return;
      const again = orRefused(() => JSON.stringify(exact.value), RangeError);
      if (again === undefined) return;
      must(JSON.stringify(parseExactJson(again)) === again, 'A number changes when it is written again.');
      must(
        stableJson(JSON.parse(again)) === stableJson(JSON.parse(stableJson(exact.value))),
        'stableJson changes the value.',
      );
      orRefused(() => plainJson(exact.value), InexactJson);
      jsonProblem(exact.value);
    },
  })),
  target('JSON: canonical form and digests', 60, () => ({
    input: fc.record({ value: json, other: mutated(json), secret: text }),
    run: ({ value, other, secret }) => {
      if (jsonProblem(value) !== undefined) return;
      const canonical = canonicalJson(value);
      must(canonicalJson(JSON.parse(canonical) as Json) === canonical, 'The canonical form is not idempotent.');
      must(digestOf(value) === sha256(canonical), 'The digest is of another text.');
      must(equalInConstantTime(hmacSha256(secret, canonical), hmacSha256(secret, canonical)), 'Equal digests differ.');
      if (jsonProblem(other) === undefined)
        must(sameJson(value, other) === (digestOf(value) === digestOf(other)), 'Equal digests of different values.');
    },
  })),
  target('JSON: decimal numbers', 60, () => ({
    input: writtenNumber,
    run: (written) => {
      const value = Number(written);
      const isSame = decimalOf(written) === decimalOf(String(value));
      const isKept = jsonProblem(JSON.parse(JSON.stringify(value)) as Json) === undefined && !Object.is(value, -0);
      const parsed = orRefused(() => ({ value: parseJson(written) }), InexactJson, SyntaxError);
      if (parsed && isKept) must(isSame, 'A number was accepted that changes.');
    },
  })),
  target('JSON schema: checks', 8, () => ({
    input: fc.record({ schema: anySchema, values: fc.array(json, { minLength: 1, maxLength: 3 }) }),
    run: ({ schema, values }) => {
      const before = JSON.stringify(schema);
      let isSlow = false;
      const made = <Value>(make: () => Value) =>
        orInvalid(() => {
          try {
            return make();
          } catch (error) {
            isSlow ||= error instanceof TookTooLong;
            throw error;
          }
        });
      const check = made(() => jsonSchemaChecker(schema));
      const parameters = made(() => jsonSchemaParameters(schema));
      must(
        isSlow || (check === undefined) === (parameters === undefined),
        'One checker takes the schema, the other refuses it.',
      );
      for (const value of values) {
        const written = JSON.stringify(value);
        const misfit = check?.(value);
        must(JSON.stringify(value) === written, 'The check changes the value.');
        must(misfit === undefined || misfit.message !== '', 'A misfit has no message.');
        if (check && parameters && isJsonObject(value))
          must(parameters.safeParse(value).success === (misfit === undefined), 'The two checkers disagree.');
      }
      must(JSON.stringify(schema) === before, 'The check changes the schema.');
    },
  })),
  target('JSON schema: lax forms', 4, () => ({
    input: fc.record({ schema: schemaOfOthers, value: json, edit: jsonObject, original: jsonObject }),
    run: ({ schema, value, edit, original }) => {
      const forms = [laxSchema(schema), helpSchema(schema), pageSchema(laxSchema(schema))];
      for (const form of forms) must(JSON.stringify(form) !== undefined, 'A form of the schema is no JSON.');
      must(
        JSON.stringify(laxSchema(laxSchema(schema))) === JSON.stringify(laxSchema(schema)),
        'laxSchema is not idempotent.',
      );
      must(Array.isArray(unnamedKeysLeftOut(original, edit, schema)), 'unnamedKeysLeftOut returned no list.');
      const [exact, help] = [schema, helpSchema(schema)].map((each) =>
        orInvalid(() => jsonSchemaChecker(each as JsonObject)),
      );
      if (exact && help && exact(value) === undefined)
        must(help(value) === undefined, `helpSchema refuses a value that the schema takes: ${help(value)?.message}`);
    },
  })),
  target('Retry-After and option names', 60, () => ({
    input: fc.record({ header, now: fc.integer({ min: 0, max: 4e12 }), options: fc.array(name, { maxLength: 3 }) }),
    run: ({ header: value, now, options }) => {
      const wait = retryAfterMs(value, now);
      must(wait === undefined || (Number.isFinite(wait) && wait >= 0), `The wait is ${wait}.`);
      const says = unknownOption(Object.fromEntries(options.map((option) => [option, 1])), ['apiKey', 'timeout']);
      must(says === undefined || says.length > 0, 'The sentence is empty.');
    },
  })),
];

import fc from 'fast-check';
import { isJsonObject, jsonProblem, laxSchema, type Json, type JsonObject } from '@holdpoint/json';
import { jsonSchemaChecker } from '@holdpoint/json/schema';
import {
  numberBeyondForms,
  plainJson,
  withOriginalNumbers,
  changesBetween,
} from '../../../packages/review-server/inbox/approval/details.ts';
import { schemaOfValue } from '../../../packages/review-server/inbox/decide/form-schema.ts';
import {
  idOf,
  pointerOf,
  withoutPart,
  withPart,
  type Path,
} from '../../../packages/review-server/inbox/decide/form-state.ts';
import { problemsBySchema } from '../../../packages/review-server/inbox/decide/json-schema-validator.ts';
import { problemsOfBranches, readEdit, readExactJson } from '../../../packages/review-server/inbox/decide/read-edit.ts';
import { readNumber } from '../../../packages/review-server/inbox/decide/read-number.ts';
import { SchemaBranches, type FormSchema } from '../../../packages/review-server/inbox/decide/schema-branches.ts';
import { readFilterSearch, toFilters } from '../../../packages/review-server/inbox/filters.ts';
import { readRunSearch } from '../../../packages/review-server/inbox/runs/run-search.ts';
import { completeEdit } from '../../../packages/review-server/src/store/complete-edit.ts';
import { jsonObject, jsonText, json, mutated, spoiled, text } from '../arbitraries.ts';
import { anySchema, schemaOfOthers, valueOf, wholeCharacters } from '../schemas.ts';
import { must, orInvalid, target } from '../target.ts';

const path: fc.Arbitrary<Path> = fc.array(fc.oneof(text, fc.nat(3)), { maxLength: 3 });

/** A schema of an object with a value, and an edit of it. */
const schemaAndValues = fc
  .oneof({ weight: 3, arbitrary: schemaOfOthers }, { weight: 1, arbitrary: anySchema })
  .chain((schema) =>
    fc.record({
      schema: fc.constant(schema),
      original: valueOf(schema).map(wholeCharacters),
      edit: mutated(valueOf(schema)).map(wholeCharacters),
    }),
  );

export const formTargets = [
  target('forms: the verdicts of page, server and worker', 7, () => ({
    input: schemaAndValues,
    run: ({ schema, original, edit }) => {
      if (
        !isJsonObject(original) ||
        !isJsonObject(edit) ||
        jsonProblem(original) ||
        jsonProblem(edit) ||
        jsonProblem(schema)
      )
        return;
      const worker = orInvalid(() => jsonSchemaChecker(schema));
      const page = readEdit({ argumentsSchema: schema }, original, JSON.stringify(edit));
      must(page.problem === undefined || page.problem !== '', 'The page refuses without words.');
      const removed = Object.keys(original).filter((key) => key !== 'holdpoint' && !Object.hasOwn(edit, key));
      if (Object.hasOwn(original, 'holdpoint') || Object.hasOwn(edit, 'holdpoint')) return;
      const server = completeEdit({ details: original, argumentsSchema: schema }, edit, removed);
      if (!worker || worker(original) !== undefined) return;
      // The schema helps: neither page nor server refuses an edit that the worker takes.
      if (worker(edit) === undefined) {
        must(
          !('problem' in server),
          `The worker takes it, the server does not: ${'problem' in server ? server.problem : ''}`,
        );
        must(page.problem === undefined, `The worker takes it, the page does not: ${page.problem}`);
      }
    },
  })),
  target('forms: schema → form → value', 12, () => ({
    input: fc.record({ schemas: schemaAndValues, path }),
    run: ({ schemas: { schema, original, edit }, path: at }) => {
      const form = laxSchema(schema) as FormSchema;
      const branches = new SchemaBranches(form);
      // A form that can't be drawn is replaced by the JSON editor. Only a malformed reference may throw.
      orRefusedReference(schema, () => {
        const resolved = branches.resolve(form);
        const shape = branches.shapeOf(resolved);
        if (shape === 'union') {
          const options = branches.optionsOf(resolved);
          const discriminator = branches.discriminatorOf(options);
          for (const option of options)
            must(typeof branches.titleOf(option, discriminator) === 'string', 'A branch has no title.');
          must(branches.branchOf(options, edit) < options.length, 'The value is of a branch that is not there.');
        }
        branches.chosenFor(edit);
        branches.keysAt(at, edit);
        const blank = branches.blankOf(form);
        if (blank !== undefined) must(JSON.stringify(blank) !== undefined, 'A blank value is no JSON.');
        if (shape !== 'json' && blank !== undefined)
          must(branches.isKind(resolved, blank), 'The control can not show its blank value.');
      });
      problemsOfBranches(form, edit);
      must(
        problemsBySchema(schemaOfValue(original), original).length === 0 ||
          Array.isArray(original) ||
          hasMixedList(original),
        'A value does not fit the schema that was made from it.',
      );
    },
  })),
  target('forms: parts, numbers and texts', 25, () => ({
    input: fc.record({
      value: jsonObject,
      other: json,
      path,
      typed: fc.oneof(text, spoiled(fc.constantFrom('1.250', '-0.5', '1e5', '12345678901234567890', "1'000", '1,5'))),
      isInteger: fc.boolean(),
      hasGroupsByPoint: fc.boolean(),
      written: jsonText(jsonObject),
      search: jsonObject,
    }),
    run: ({ value, other, path: at, typed, isInteger, hasGroupsByPoint, written, search }) => {
      const number = readNumber(typed, { isInteger, hasGroupsByPoint });
      if (typeof number === 'number') {
        must(Number.isFinite(number) && (!isInteger || Number.isInteger(number)), 'A number that is none.');
        must(numberBeyondForms(number) === undefined, 'The number does not fit a form.');
      } else must(number !== '', 'A refusal has no words.');
      const before = JSON.stringify(value);
      const changed = withPart(value, at, other);
      must(JSON.stringify(value) === before, 'A part was written into the value itself.');
      if (at.length === 1 && typeof at[0] === 'string') {
        must(JSON.stringify(ownPart(changed, at[0])) === JSON.stringify(other), 'The part is not there.');
        must(!Object.hasOwn(withPart(changed, at, undefined) as object, at[0]), 'A removed part stays.');
      }
      must(typeof idOf(at) === 'string' && !/\s/.test(idOf(at)), 'An id has a space.');
      withoutPart({ [pointerOf(at)]: { text: typed, problem: 'x' } }, at);
      const read = readExactJson(written);
      if ('problem' in read) must(read.problem !== '', 'A refusal has no words.');
      else {
        const again = withOriginalNumbers(plainJson(read.value), read.value);
        must(JSON.stringify(again) === JSON.stringify(read.value), 'A number lost its notation.');
        if (isJsonObject(read.value))
          must(changesBetween(read.value, read.value).length === 0, 'A value differs from itself.');
      }
      must(typeof toFilters(readFilterSearch(search), 'deadline').box === 'string', 'There is no box.');
      must(
        Object.values(readRunSearch(search)).every((value) => typeof value === 'string' && value !== ''),
        'A filter of runs is no text.',
      );
    },
  })),
];

function ownPart(value: unknown, key: string): Json | undefined {
  return Object.hasOwn(value as object, key)
    ? Object.entries(value as JsonObject).find(([name]) => name === key)?.[1]
    : undefined;
}

function hasMixedList(value: Json): boolean {
  if (Array.isArray(value)) return true;
  return isJsonObject(value) && Object.values(value).some(hasMixedList);
}

/** Runs the work. An error is a fault unless the schema has a reference, which may be malformed. */
function orRefusedReference(schema: Json, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof URIError) || !JSON.stringify(schema).includes('$ref')) throw error;
  }
}

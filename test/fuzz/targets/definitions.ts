import fc from 'fast-check';
import { z } from 'zod';
import { isJsonObject, type Json } from '@holdpoint/json';
import { sameJson } from '@holdpoint/json/canonical';
import { jsonSchemaChecker, TookTooLong } from '@holdpoint/json/schema';
import { ApplicationFailure } from '@temporalio/common';
import { checkArguments, parseArguments, parseCall } from '../../../src/activities/arguments.ts';
import { approvalTool, checkDetails } from '../../../src/activities/standalone-approval.ts';
import { InvalidDefinition } from '../../../src/assistant/invalid-definition.ts';
import { strictSchema } from '../../../src/assistant/strict-parameters.ts';
import { zodJsonSchema } from '../../../src/assistant/zod-json-schema.ts';
import { defineAssistant, defineConfig, defineTool } from '../../../src/index.ts';
import { anyValue, json, jsonText, mutated, name, number, text } from '../arbitraries.ts';
import { anySchema, schemaOfOthers, valueOf, wholeCharacters } from '../schemas.ts';
import { must, orInvalid, orRefused, orRefusedLater, target } from '../target.ts';

/** Types of zod that tools have for their arguments. */
const zodType: fc.Arbitrary<z.ZodType> = fc.letrec<{ type: z.ZodType }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 3, depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<z.ZodType>(
      z.string(),
      z.number(),
      z.boolean(),
      z.int(),
      z.null(),
      z.email(),
      z.iso.date(),
      z.string().trim(),
      z.string().min(1).max(5),
      z.string().regex(/^[a-z]+$/i),
      z.number().multipleOf(0.01).nonnegative(),
      z.string().startsWith('a'),
    ),
    fc.array(fc.string({ minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 3 }).map((values) => z.enum(values)),
    fc.oneof(text.map(wholeCharacters), number, fc.boolean()).map((literal) => z.literal(literal)),
    tie('type').map((inner) => z.array(inner)),
    tie('type').map((inner) => inner.nullable()),
    fc.tuple(tie('type'), tie('type')).map((branches) => z.union(branches)),
    fields(tie('type')).map((shape) => z.object(shape)),
  ),
})).type;

function fields(type: fc.Arbitrary<z.ZodType>): fc.Arbitrary<Record<string, z.ZodType>> {
  return fc
    .array(
      fc.tuple(
        name.map(wholeCharacters).filter((key) => key !== 'holdpoint' && key !== '__proto__'),
        type,
      ),
      { maxLength: 4 },
    )
    .map((entries) => Object.fromEntries(entries));
}

const parameters = fields(zodType).map((shape) => z.object(shape));
const toolOf = (schema: z.ZodObject) =>
  defineTool({
    name: 'pay',
    description: 'Pays.',
    parameters: schema,
    effect: 'idempotent',
    review: 'always',
    execute: () => null,
  });

const definition = fc.dictionary(
  fc.constantFrom(
    'name',
    'description',
    'parameters',
    'effect',
    'review',
    'edits',
    'noteToModel',
    'timeout',
    'version',
    'execute',
    'expiresIn',
    'api',
    'model',
    'tools',
    'maxTurns',
    'store',
    'background',
    'conversation',
    'thread',
    'modelSettings',
    'assistants',
    'taskQueue',
    'assistantId',
    'connectionKey',
    'x',
  ),
  fc.oneof(
    anyValue,
    fc.constantFrom<unknown>(
      'pay',
      z.object({ a: z.string() }),
      'idempotent',
      'always',
      { when: () => true, expiresIn: '3 days' },
      () => null,
      [],
      'gpt-5',
    ),
  ),
);

export const definitionTargets = [
  target('zod → strict schema → checks', 10, () => ({
    input: parameters.chain((schema) =>
      fc.record({
        schema: fc.constant(schema),
        values: fc.array(mutated(valueOf(zodJsonSchema(schema as never))), { minLength: 1, maxLength: 3 }),
      }),
    ),
    run: async ({ schema, values }) => {
      const tool = orRefused(() => toolOf(schema), InvalidDefinition);
      const written = zodJsonSchema(schema);
      const check = orInvalid(() => jsonSchemaChecker(written));
      for (const value of values) {
        if (!isJsonObject(value)) continue;
        const checked = tool && (await checkArguments(tool, value));
        // The schema of the request helps the reviewer. It never refuses a value that the tool takes.
        if (checked?.ok && check) {
          const misfit = check(checked.args);
          must(misfit === undefined, `The tool takes it, the schema does not: ${misfit?.path} ${misfit?.message}`);
        }
        if (checked?.ok) {
          const again = await checkArguments(tool!, checked.args);
          must(again.ok && sameJson(again.args, checked.args), 'Checked arguments change when they are checked again.');
        }
      }
    },
  })),
  target('strict schemas of other programs', 25, () => ({
    input: anySchema,
    run: (schema) => {
      const { schema: strict, problems } = strictSchema(schema);
      must(
        problems.every((problem) => problem !== ''),
        'A problem has no words.',
      );
      must(JSON.stringify(strict) !== undefined, 'The strict schema is no JSON.');
      if (problems.length > 0) return;
      must(sameJson(strictSchema(strict).schema, strict), 'A strict schema changes when it is made strict again.');
    },
  })),
  target('definitions of tools, assistants and the config', 25, () => ({
    input: fc.record({ definition, whole: anyValue }),
    run: ({ definition: given, whole }) => {
      for (const define of [defineTool, defineAssistant, defineConfig] as Array<(input: never) => unknown>) {
        orRefused(() => define(given as never), InvalidDefinition);
        orRefused(() => define(whole as never), InvalidDefinition);
      }
    },
  })),
  target('arguments of the model', 25, () => {
    const tool = defineTool({
      name: 'pay',
      description: 'Pays.',
      parameters: z.object({ amount: z.number(), to: z.object({ name: z.string().trim() }) }),
      effect: 'idempotent',
      review: 'always',
      execute: () => null,
    });
    const none = defineTool({
      name: 'now',
      description: 'Now.',
      parameters: z.object({}),
      effect: 'idempotent',
      review: 'always',
      execute: () => null,
    });
    return {
      input: fc.oneof(
        jsonText(mutated(fc.constant({ amount: 5, to: { name: ' Ada ' } }))),
        jsonText(json),
        fc.constantFrom('', ' ', 'null', ' null '),
        text,
      ),
      run: async (written) => {
        parseArguments(written);
        for (const one of [tool, none, undefined]) {
          const parsed = await parseCall(one, written);
          if (!parsed.ok) must(parsed.message !== '' && parsed.path !== '', 'A refusal has no words.');
          if (one === undefined || !parsed.ok) continue;
          const checked = await checkArguments(one, parsed.value);
          if (checked.ok)
            must(sameJson(JSON.parse(JSON.stringify(checked.args)) as Json, checked.args), 'Arguments change in JSON.');
        }
      },
    };
  }),
  target('details of standalone approvals', 6, () => ({
    input: schemaOfOthers.chain((schema) =>
      fc.record({ schema: fc.constant(schema), details: fc.oneof(valueOf(schema), json) }),
    ),
    run: async ({ schema, details }) => {
      if (!isJsonObject(details)) return;
      const tool = orRefused(
        () => approvalTool({ action: 'pay', summary: 'Pay', argumentsSchema: schema }),
        ApplicationFailure,
        TookTooLong,
      );
      if (tool === undefined) return;
      const checked = await checkArguments(tool, details);
      const refused =
        (await orRefusedLater(() => checkDetails(tool, details).then(() => true), ApplicationFailure)) === undefined;
      must(!refused || !checked.ok || Object.hasOwn(details, 'holdpoint'), 'Details that fit are refused.');
    },
  })),
];

import fc, { type Arbitrary } from 'fast-check';
import type { Json, JsonObject } from '@holdpoint/json';
import { isJsonObject } from '@holdpoint/json';
import { json, jsonObject, mutated, name, number, text } from './arbitraries.ts';

/** Patterns that regular expressions of several languages read differently, or slowly. */
export const pattern: Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '^a+$',
    '(a+)+$',
    '^(?=b)',
    '(?<!x)y$',
    '\\p{L}',
    '[[:alpha:]]',
    '\\-',
    '(a|b)\\1',
    '(',
    '[^\\S\\n]',
    '\\u{110000}',
    '^.{2}$',
    '(?i)x',
    '\\Z',
    'a{1000000000}',
    '(?:a{1000}){1000}',
  ),
  text,
);

const format = fc.constantFrom(
  'email',
  'date-time',
  'uri',
  'uuid',
  'time',
  'duration',
  'ipv6',
  'regex',
  'json-pointer',
  'constructor',
);
const type = fc.constantFrom('string', 'number', 'integer', 'boolean', 'null', 'array', 'object');

/** A schema as zod, Pydantic and people write it. */
const usualSchema: Arbitrary<JsonObject> = fc.letrec<{ schema: JsonObject }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3, depthSize: 'small', withCrossShrink: true },
    fc.record({ type }) as Arbitrary<JsonObject>,
    fc.record(
      { type: fc.constant('string'), pattern, minLength: fc.nat(5), format },
      { requiredKeys: ['type'] },
    ) as Arbitrary<JsonObject>,
    fc.record(
      { type: fc.constantFrom('number', 'integer'), minimum: number, multipleOf: number, maximum: number },
      { requiredKeys: ['type'] },
    ) as Arbitrary<JsonObject>,
    fc.record({ enum: fc.array(json, { minLength: 1, maxLength: 3 }) }) as Arbitrary<JsonObject>,
    fc.record({ const: json }) as Arbitrary<JsonObject>,
    fc.record(
      { type: fc.constant('array'), items: tie('schema'), uniqueItems: fc.boolean(), minItems: fc.nat(2) },
      { requiredKeys: ['type', 'items'] },
    ) as Arbitrary<JsonObject>,
    fc
      .record({
        properties: fc.array(fc.tuple(name, tie('schema')), { maxLength: 4 }),
        closed: fc.boolean(),
        nullable: fc.boolean(),
      })
      .map(({ properties, closed, nullable }) => ({
        type: 'object',
        properties: Object.fromEntries(properties),
        required: [...new Set(properties.map(([key]) => key))].slice(1),
        ...(closed && { additionalProperties: false }),
        ...(nullable && { nullable: true }),
      })) as Arbitrary<JsonObject>,
    fc.record({ anyOf: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }) }) as Arbitrary<JsonObject>,
    fc.record({ oneOf: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }) }) as Arbitrary<JsonObject>,
    fc.record(
      { allOf: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }), not: tie('schema') },
      { requiredKeys: ['allOf'] },
    ) as Arbitrary<JsonObject>,
    fc.record({
      $ref: fc.constantFrom('#', '#/$defs/a', '#/properties/a', '#/%zz', 'https://a.example/x', ''),
    }) as Arbitrary<JsonObject>,
    fc.record({
      $defs: fc.record({ a: tie('schema') }),
      properties: fc.record({ a: fc.constant({ $ref: '#/$defs/a' }) }),
    }) as Arbitrary<JsonObject>,
  ),
})).schema;

const oddKeywords: Arbitrary<JsonObject> = fc
  .array(
    fc.tuple(
      fc.constantFrom(
        '$id',
        '$ref',
        '$schema',
        '$async',
        '$defs',
        '$dynamicRef',
        'type',
        'format',
        'pattern',
        'properties',
        'required',
        'enum',
        'nullable',
        'patternProperties',
        'multipleOf',
        'discriminator',
        'dependentSchemas',
        'unevaluatedProperties',
      ),
      json,
    ),
    { maxLength: 4 },
  )
  .map((entries) => Object.fromEntries(entries));

const isObject = (value: Json): value is JsonObject => isJsonObject(value);

/** Schemas of other programs, most of them valid. Every border refuses halves of surrogate pairs before a check. */
export const schemaOfOthers: Arbitrary<JsonObject> = fc
  .oneof({ weight: 4, arbitrary: usualSchema }, { weight: 3, arbitrary: mutated(usualSchema).filter(isObject) })
  .map(wholeCharacters);

/** Any object in the place of a schema. */
export const anySchema: Arbitrary<JsonObject> = fc
  .oneof(
    { weight: 4, arbitrary: schemaOfOthers },
    { weight: 2, arbitrary: oddKeywords },
    { weight: 1, arbitrary: jsonObject },
  )
  .map(wholeCharacters);

/** The value without halves of surrogate pairs, which JSON text has as escapes. */
export function wholeCharacters<Value extends Json>(value: Value): Value {
  return JSON.parse(JSON.stringify(value).replaceAll(/\\ud[89a-f][0-9a-f]{2}/g, '?')) as Value;
}

/** Values of which many fit the schema. */
export function valueOf(schema: Json, depth = 0): Arbitrary<Json> {
  if (!isJsonObject(schema) || depth > 4) return json;
  if ('const' in schema) return fc.constant(schema['const'] ?? null);
  if (Array.isArray(schema['enum']) && schema['enum'].length > 0) return fc.constantFrom(...schema['enum']);
  const branches = schema['anyOf'] ?? schema['oneOf'];
  if (Array.isArray(branches) && branches.length > 0)
    return fc.oneof(...branches.map((branch) => valueOf(branch, depth + 1)));
  const types = [schema['type']].flat();
  if (types.length === 0) return json;
  return fc.oneof(...types.map((one) => valueOfType(one ?? null, schema, depth)));
}

function valueOfType(type: Json, schema: JsonObject, depth: number): Arbitrary<Json> {
  switch (type) {
    case 'string':
      return text;
    case 'integer':
      return fc.integer();
    case 'number':
      return number;
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(valueOf(schema['items'] ?? true, depth + 1), { maxLength: 3 });
    default: {
      const { properties } = schema;
      if (!isJsonObject(properties)) return type === 'object' ? jsonObject : json;
      return fc
        .tuple(
          ...Object.entries(properties).map(([key, part]) =>
            valueOf(part, depth + 1).map((value): [string, Json] => [key, value]),
          ),
        )
        .map((entries) => Object.fromEntries(entries));
    }
  }
}

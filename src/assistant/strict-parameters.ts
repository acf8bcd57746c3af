import { isJsonObject, type Json, type JsonObject } from '@holdpoint/json';
import { strictLimitProblem } from './strict-limits.ts';
import { notJson, zodJsonSchema } from './zod-json-schema.ts';
import type { ObjectSchema } from './zod-json-schema.ts';

/* OpenAI's strict subset of JSON schema: structured-outputs guide, "Supported schemas"; unsupported keywords also in openai@7.57 lib/transform.js. */

const kept = [
  'type',
  'description',
  'enum',
  'const',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minItems',
  'maxItems',
];
/** Keywords with a list. */
const lists = ['enum', 'required', 'anyOf', 'oneOf'];
const formats = new Set(['date-time', 'time', 'date', 'duration', 'email', 'hostname', 'ipv4', 'ipv6', 'uuid']);

const recipes: Record<string, string> = {
  additionalProperties:
    "objects with free keys (record, looseObject, catchall) can't be expressed in strict mode; use an array of {key, value} objects, or a z.object with fixed keys",
  default: "default values can't be expressed in strict mode; use .nullable() and fill the value in execute",
  prefixItems: "tuples can't be expressed in strict mode; use a z.object with one field per position",
  allOf: "intersections can't be expressed in strict mode; use one z.object, made with .extend()",
  not: "z.never() and exclusions can't be expressed in strict mode; leave the field out",
};
const refused = [
  'default',
  'prefixItems',
  'allOf',
  'not',
  'patternProperties',
  'uniqueItems',
  'contains',
  'if',
  'dependentRequired',
  'dependentSchemas',
  'unevaluatedProperties',
  'minProperties',
  'maxProperties',
];

/** The approved arguments run, so they stay as they are in JSON. */
const transformed =
  'a transform or pipe would run other arguments than the reviewer approved; take the JSON type and transform it in execute';

const jsonLacks: Record<string, string> = {
  bigint: 'JSON has no bigint; use z.number().int() or z.string()',
  date: 'JSON has no dates; use z.iso.datetime() or z.iso.date()',
  map: 'JSON has no maps; use an array of {key, value} objects',
  set: 'JSON has no sets; use z.array()',
  transform: transformed,
  pipe: transformed,
  custom: "z.custom() and z.instanceof() can't be expressed; use a type that JSON has",
  undefined: 'JSON has no undefined; use z.null() or .nullable()',
};

/** A strict JSON schema, and the problems of the zod schema, each with its path. */
export type StrictParameters = { schema: JsonObject; problems: readonly string[] };

/** The strict JSON schema of a tool's zod parameters, as OpenAI accepts it for a function. */
export function strictParameters(parameters: ObjectSchema): StrictParameters {
  return strictSchema(zodJsonSchema(parameters));
}

/** The same for a JSON schema. */
export function strictSchema(written: JsonObject): StrictParameters {
  const problems: string[] = [];
  const report = (path: string, sentence: string) => problems.push(`${path}: ${sentence}`);

  function node(schema: Json | undefined, path: string): JsonObject {
    if (!isJsonObject(schema)) return (report(path, "this type can't be expressed in strict mode"), {});
    const lacks = schema[notJson];
    if (typeof lacks === 'string')
      return (report(path, jsonLacks[lacks] ?? `JSON has no ${lacks}; use a type that JSON has`), {});
    if (typeof schema['$ref'] === 'string') return { $ref: schema['$ref'] };
    const unsupported = refused.find((keyword) => keyword in schema);
    if (unsupported)
      return (report(path, recipes[unsupported] ?? `"${unsupported}" can't be expressed in strict mode`), {});

    const misplaced = lists.find((keyword) => schema[keyword] !== undefined && !Array.isArray(schema[keyword]));
    if (misplaced) return (report(path, `"${misplaced}" must be a list`), {});

    const strict: JsonObject = {};
    for (const keyword of kept) if (schema[keyword] !== undefined) strict[keyword] = schema[keyword];
    const alternatives = schema['anyOf'] ?? schema['oneOf'];
    if (Array.isArray(alternatives)) strict['anyOf'] = alternatives.map((one) => node(one, path));
    else if (strict['type'] === undefined && strict['enum'] === undefined && strict['const'] === undefined) {
      return (
        report(
          path,
          "z.any() and z.unknown() can't be expressed in strict mode; say which types may come, or take JSON as z.string()",
        ),
        {}
      );
    }
    const types = [schema['type']].flat();
    if (types.includes('array')) strict['items'] = node(schema['items'], `${path}[]`);
    if (types.includes('object')) object(schema, strict, path);
    text(schema, strict);
    return strict;
  }

  function object(schema: JsonObject, strict: JsonObject, path: string): void {
    if (schema['propertyNames'] !== undefined || (schema['additionalProperties'] ?? false) !== false)
      return void report(path, recipes['additionalProperties']!);
    const required = schema['required'] as string[] | undefined;
    const properties = Object.entries(isJsonObject(schema['properties']) ? schema['properties'] : {});
    strict['properties'] = Object.fromEntries(
      properties.map(([key, value]) => {
        const at = `${path}.${key}`;
        const optional = !required?.includes(key) && !(isJsonObject(value) && 'default' in value);
        if (optional) report(at, "optional properties can't be expressed in strict mode; use .nullable()");
        return [key, node(value, at)];
      }),
    );
    strict['required'] = properties.map(([key]) => key);
    strict['additionalProperties'] = false;
  }

  const strict = node(written, 'parameters');
  for (const keyword of ['$defs', 'definitions']) {
    const definitions = written[keyword];
    if (isJsonObject(definitions))
      strict[keyword] = Object.fromEntries(
        Object.entries(definitions).map(([name, schema]) => [name, node(schema, `parameters.${name}`)]),
      );
  }
  const limit = problems.length === 0 ? strictLimitProblem(strict) : undefined;
  if (limit) report('parameters', limit);
  return { schema: strict, problems };
}

/**
 * Puts formats and patterns that OpenAI does not accept into the description: zod checks the arguments of every call in any
 * case. The pattern that zod adds to a format is dropped as redundant.
 */
function text(schema: JsonObject, strict: JsonObject): void {
  const format = schema['format'] ?? schema['contentEncoding'];
  if (typeof format === 'string' && formats.has(format)) {
    strict['format'] = format;
    delete strict['pattern'];
  } else if (typeof format === 'string') {
    addWords(
      strict,
      format === 'starts_with' || format === 'ends_with' || format === 'includes' ? undefined : `Format: ${format}.`,
    );
  }
  const pattern = strict['pattern'];
  if (typeof pattern === 'string' && /\(\?<?[=!]|\\[1-9]|\\k</.test(pattern)) {
    delete strict['pattern'];
    addWords(strict, typeof format === 'string' ? undefined : `Must match the regular expression ${pattern}`);
  }
}

function addWords(strict: JsonObject, words: string | undefined): void {
  if (words !== undefined)
    strict['description'] = typeof strict['description'] === 'string' ? `${strict['description']} ${words}` : words;
}

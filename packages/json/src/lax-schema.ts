import { isJsonObject, type Json } from './json.ts';

const oneSchema = new Set(['additionalProperties', 'contains', 'else', 'if', 'items', 'not', 'propertyNames', 'then']);
const schemaList = new Set(['allOf', 'anyOf', 'items', 'oneOf', 'prefixItems']);
const schemaMap = new Set(['$defs', 'definitions', 'dependentSchemas', 'patternProperties', 'properties']);

/** Keywords that refuse more where another keyword refuses less. */
const notMonotonic = [
  'not',
  'if',
  'then',
  'else',
  'maxContains',
  'patternProperties',
  'unevaluatedItems',
  'unevaluatedProperties',
];

/** Keywords whose check may take long. */
const slow = ['format', 'multipleOf', 'pattern', 'uniqueItems'];

/**
 * The part of a JSON schema that helps a reviewer: it accepts every value that the schema accepts, also where a checker
 * is looser than the schema in one keyword. The worker checks the rest.
 */
export function helpSchema(schema: Json, leftOut: readonly string[] = notMonotonic): Json {
  if (!isJsonObject(schema)) return schema;
  const part = (value: Json) => helpSchema(value, leftOut);
  const skipped = 'patternProperties' in schema ? [...leftOut, 'additionalProperties'] : leftOut;
  return Object.fromEntries(
    Object.entries(schema).flatMap(([keyword, value]): Array<[string, Json]> => {
      if (skipped.includes(keyword)) return [];
      // Without their patterns several branches may hold.
      if (keyword === 'oneOf' && Array.isArray(value) && !('anyOf' in schema)) return [['anyOf', value.map(part)]];
      if (keyword === 'oneOf') return [];
      return [[keyword, withParts(keyword, value, part)]];
    }),
  );
}

/** The part of a JSON schema that a page checks: `helpSchema` without the keywords whose check may take long. */
export function pageSchema(schema: Json): Json {
  return withUnitLengths(helpSchema(schema, [...notMonotonic, ...slow]));
}

/** JavaScript counts a character beyond U+FFFF as two, and the page's checker as one. */
function withUnitLengths(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(withUnitLengths);
  if (!isJsonObject(schema)) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]): [string, Json] => {
      if (key === 'minLength' && typeof value === 'number') return [key, Math.ceil(value / 2)];
      return [key, ['const', 'enum', 'default', 'examples'].includes(key) ? value : withUnitLengths(value)];
    }),
  );
}

/**
 * A JSON schema in which OpenAPI's `nullable: true` lets null through, also beside `enum`, `const` and without a type.
 */
export function laxSchema(schema: Json): Json {
  if (!isJsonObject(schema)) return schema;
  const { nullable, ...own } = schema;
  const lax = Object.fromEntries(
    Object.entries(own).map(([keyword, value]) => [keyword, withParts(keyword, value, laxSchema)]),
  );
  if (nullable !== true) return lax;
  if (typeof lax['type'] === 'string' && !('enum' in lax || 'const' in lax))
    return { ...lax, type: [lax['type'], 'null'] };
  return { anyOf: [{ type: 'null' }, lax] };
}

/** The value of a keyword, with `change` applied to each schema that stands directly in it. */
function withParts(keyword: string, value: Json, change: (part: Json) => Json): Json {
  if (schemaList.has(keyword) && Array.isArray(value)) return value.map(change);
  if (schemaMap.has(keyword) && isJsonObject(value))
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, change(part)]));
  return oneSchema.has(keyword) ? change(value) : value;
}

/**
 * The keys that an edit left out, although the schema does not name them. A key that the schema names may be left out:
 * the schema says whether it is required.
 */
export function unnamedKeysLeftOut(original: object, edited: object, schema: unknown): string[] {
  const { properties } = isJsonObject(schema) ? schema : {};
  return Object.keys(original).filter(
    (key) => !Object.hasOwn(edited, key) && !(isJsonObject(properties) && Object.hasOwn(properties, key)),
  );
}

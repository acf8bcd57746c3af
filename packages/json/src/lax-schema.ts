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
const slow = ['format', 'multipleOf', 'pattern'];

/**
 * The part of a JSON schema that helps a reviewer: it accepts every value that the schema accepts, also where a checker is
 * looser than the schema in one keyword. The worker checks the rest.
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
      if (schemaList.has(keyword) && Array.isArray(value)) return [[keyword, value.map(part)]];
      if (schemaMap.has(keyword) && isJsonObject(value))
        return [[keyword, Object.fromEntries(Object.entries(value).map(([key, one]) => [key, part(one)]))]];
      return [[keyword, oneSchema.has(keyword) ? part(value) : value]];
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

/** A JSON schema in which OpenAPI's `nullable: true` lets null through, also beside `enum`, `const` and without a type. */
export function laxSchema(schema: Json): Json {
  if (!isJsonObject(schema)) return schema;
  const { nullable, ...own } = schema;
  const lax = Object.fromEntries(
    Object.entries(own).map(([keyword, value]): [string, Json] => {
      if (schemaList.has(keyword) && Array.isArray(value)) return [keyword, value.map(laxSchema)];
      if (schemaMap.has(keyword) && isJsonObject(value))
        return [keyword, Object.fromEntries(Object.entries(value).map(([key, part]) => [key, laxSchema(part)]))];
      return [keyword, oneSchema.has(keyword) ? laxSchema(value) : value];
    }),
  );
  if (nullable !== true) return lax;
  if (typeof lax['type'] === 'string' && !('enum' in lax || 'const' in lax))
    return { ...lax, type: [lax['type'], 'null'] };
  return { anyOf: [{ type: 'null' }, lax] };
}

/** Whether the schema names this property. An edit may drop such a property if the schema does not require it. */
export function namesProperty(schema: unknown, key: string): boolean {
  const { properties } = isJsonObject(schema) ? schema : {};
  return isJsonObject(properties) && Object.hasOwn(properties, key);
}

import { isJsonObject, type Json } from './json.ts';

const oneSchema = new Set(['additionalProperties', 'contains', 'else', 'if', 'items', 'not', 'propertyNames', 'then']);
const schemaList = new Set(['allOf', 'anyOf', 'items', 'oneOf', 'prefixItems']);
const schemaMap = new Set(['$defs', 'definitions', 'dependentSchemas', 'patternProperties', 'properties']);

/** Checked by the worker only: they may take long, or differ from the library that made the schema. */
const notInPages = ['format', 'multipleOf', 'pattern', 'patternProperties', 'not', 'if', 'then', 'else'];

/**
 * The part of a JSON schema that a page checks. A condition is left out with its branches, because without a pattern it would
 * hold for other values.
 */
export function pageSchema(schema: Json): Json {
  if (!isJsonObject(schema)) return schema;
  const skipped = 'patternProperties' in schema ? [...notInPages, 'additionalProperties'] : notInPages;
  return Object.fromEntries(
    Object.entries(schema).flatMap(([keyword, value]): Array<[string, Json]> => {
      if (skipped.includes(keyword)) return [];
      // Without their patterns several branches may hold.
      if (keyword === 'oneOf' && Array.isArray(value) && !('anyOf' in schema))
        return [['anyOf', value.map(pageSchema)]];
      if (keyword === 'oneOf') return [];
      if (schemaList.has(keyword) && Array.isArray(value)) return [[keyword, value.map(pageSchema)]];
      if (schemaMap.has(keyword) && isJsonObject(value))
        return [[keyword, Object.fromEntries(Object.entries(value).map(([key, part]) => [key, pageSchema(part)]))]];
      return [[keyword, oneSchema.has(keyword) ? pageSchema(value) : value]];
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

import { isJsonObject, type JsonObject } from '../json-value.ts';
import { badRequest, type OpenAIError } from '../openai-error.ts';

/** Keywords that strict mode forbids, according to OpenAI's guide on structured outputs. */
const forbiddenKeywords = [
  'allOf',
  'oneOf',
  'not',
  'if',
  'then',
  'else',
  'dependentRequired',
  'dependentSchemas',
  'patternProperties',
  'propertyNames',
  'minProperties',
  'maxProperties',
  'unevaluatedProperties',
  'unevaluatedItems',
  'contains',
  'minContains',
  'maxContains',
  'uniqueItems',
  'default',
];
const supportedFormats = ['date-time', 'time', 'date', 'duration', 'email', 'hostname', 'ipv4', 'ipv6', 'uuid'];
const deepestLevel = 10;

function contextOf(path: readonly string[]): string {
  const quoted = path.map((key) => `'${key}'`);
  return `(${quoted.join(', ')}${quoted.length === 1 ? ',' : ''})`;
}

function problemOfObject(schema: JsonObject, path: readonly string[]): string | undefined {
  const context = contextOf(path);
  if (schema['additionalProperties'] !== false)
    return `In context=${context}, 'additionalProperties' is required to be supplied and to be false.`;
  const keys = Object.keys(isJsonObject(schema['properties']) ? schema['properties'] : {});
  const required = (Array.isArray(schema['required']) ? schema['required'] : []).map((key) => String(key));
  const missing = keys.find((key) => !required.includes(key));
  if (missing !== undefined)
    return `In context=${context}, 'required' is required to be supplied and to be an array including every key in properties. Missing '${missing}'.`;
  const extra = required.find((key) => !keys.includes(key));
  return extra === undefined
    ? undefined
    : `In context=${context}, 'required' is required to be supplied and to be an array including every key in properties. Extra required key '${extra}' supplied.`;
}

function* childrenOf(schema: JsonObject, path: readonly string[]): Generator<[unknown, readonly string[], number]> {
  for (const keyword of ['properties', '$defs', 'definitions']) {
    const named = schema[keyword];
    if (isJsonObject(named))
      for (const [key, child] of Object.entries(named))
        yield [child, [...path, keyword, key], keyword === 'properties' ? 1 : 0];
  }
  if ('items' in schema) yield [schema['items'], [...path, 'items'], 1];
  const alternatives: readonly unknown[] = Array.isArray(schema['anyOf']) ? schema['anyOf'] : [];
  for (const [index, child] of alternatives.entries()) yield [child, [...path, 'anyOf', String(index)], 0];
}

function findProblem(schema: unknown, path: readonly string[], depth: number): string | undefined {
  const context = contextOf(path);
  if (!isJsonObject(schema)) return `In context=${context}, expected a schema object.`;
  if (depth > deepestLevel) return `${depth} levels of nesting exceeds limit of ${deepestLevel}.`;
  const forbidden = forbiddenKeywords.find((keyword) => keyword in schema);
  if (forbidden !== undefined) return `In context=${context}, '${forbidden}' is not permitted.`;
  const format = schema['format'];
  if (typeof format === 'string' && !supportedFormats.includes(format))
    return `In context=${context}, '${format}' is not a valid format.`;
  const type = schema['type'];
  if (type === undefined && !['$ref', 'anyOf', 'enum', 'const'].some((keyword) => keyword in schema))
    return `In context=${context}, schema must have a 'type' key.`;
  if (type === 'array' && !('items' in schema)) return `In context=${context}, array schema missing items.`;
  const isObject = type === 'object' || (Array.isArray(type) && type.includes('object'));
  const own = isObject ? problemOfObject(schema, path) : undefined;
  if (own !== undefined) return own;
  for (const [child, at, deeper] of childrenOf(schema, path)) {
    const problem = findProblem(child, at, depth + deeper);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function problemOfRoot({ type }: JsonObject): string | undefined {
  if (type === 'object') return undefined;
  return `schema must be a JSON Schema of 'type: "object"', got 'type: "${typeof type === 'string' ? type : 'None'}"'.`;
}

/** The first violation of strict mode in a schema, with OpenAI's text. Undefined for a valid schema. */
export function strictSchemaProblem(schema: JsonObject): string | undefined {
  const ofRoot = problemOfRoot(schema);
  if (ofRoot !== undefined) return ofRoot;
  if ('anyOf' in schema) return "In context=(), 'anyOf' is not permitted.";
  return findProblem(schema, [], 0);
}

/** Checks a function's parameters. @throws OpenAIError 400. */
export function checkFunctionParameters(
  name: string,
  parameters: JsonObject | null | undefined,
  strict: boolean,
  param: string,
): void {
  const problem = strict ? strictSchemaProblem(parameters ?? {}) : looseSchemaProblem(parameters);
  if (problem !== undefined)
    throw invalidSchema(`Invalid schema for function '${name}': ${problem}`, param, 'invalid_function_parameters');
}

/** Checks the schema of `text.format`. @throws OpenAIError 400. */
export function checkOutputSchema(name: string, schema: JsonObject, strict: boolean): void {
  const problem = strict ? strictSchemaProblem(schema) : undefined;
  if (problem !== undefined)
    throw invalidSchema(
      `Invalid schema for response_format '${name}': ${problem}`,
      'text.format.schema',
      'invalid_json_schema',
    );
}

function looseSchemaProblem(parameters: JsonObject | null | undefined): string | undefined {
  if (parameters === null || parameters === undefined || Object.keys(parameters).length === 0) return undefined;
  return problemOfRoot(parameters);
}

function invalidSchema(message: string, param: string, code: string): OpenAIError {
  return badRequest(message, param, code);
}

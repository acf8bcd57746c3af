import { isJsonObject, type JsonObject } from '../json-value.ts';

const sampleOfFormat: Readonly<Record<string, string>> = {
  email: 'someone@example.com',
  'date-time': '2030-01-31T12:00:00Z',
  date: '2030-01-31',
  time: '12:00:00Z',
  duration: 'P1D',
  uuid: '00000000-0000-4000-8000-000000000000',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  hostname: 'example.com',
  uri: 'https://example.com',
};
const depthLimit = 12;

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function sampleNumber(schema: JsonObject): number {
  const above = numberOf(schema['exclusiveMinimum']);
  const step = numberOf(schema['multipleOf']) ?? 1;
  const low = numberOf(schema['minimum']) ?? (above === undefined ? undefined : above + step);
  const high = numberOf(schema['maximum']) ?? numberOf(schema['exclusiveMaximum']);
  const wanted = Math.max(low ?? 1, 1);
  if (high === undefined || wanted <= high) return Math.ceil(wanted / step) * step;
  return low ?? Math.floor((high - 1) / step) * step;
}

function sampleString(schema: JsonObject, name: string): string {
  const format = schema['format'];
  const sample = typeof format === 'string' ? sampleOfFormat[format] : undefined;
  const text = sample ?? `sample ${name}`.trim();
  const padded = text.padEnd(numberOf(schema['minLength']) ?? 0, '.');
  return padded.slice(0, numberOf(schema['maxLength']) ?? padded.length);
}

function followReference(schema: JsonObject, root: JsonObject): JsonObject {
  const reference = schema['$ref'];
  if (typeof reference !== 'string') return schema;
  const target = reference
    .replace(/^#\/?/, '')
    .split('/')
    .filter(Boolean)
    .reduce<unknown>((at, key) => (isJsonObject(at) ? at[key] : undefined), root);
  return isJsonObject(target) ? target : {};
}

function sampleObject(schema: JsonObject, root: JsonObject, depth: number): JsonObject {
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
  const required = list(schema['required']);
  return Object.fromEntries(
    Object.entries(properties)
      .filter(([key]) => required.includes(key))
      .map(([key, value]) => [key, sampleValue(value, root, key, depth + 1)]),
  );
}

/**
 * A deterministic value that a JSON schema allows: its first example, default, enum member or alternative, else the
 * smallest natural value. Objects get only their required properties. `pattern` is ignored.
 */
export function sampleValue(schemaOrBoolean: unknown, root: JsonObject, name = '', depth = 0): unknown {
  const schema = followReference(isJsonObject(schemaOrBoolean) ? schemaOrBoolean : {}, root);
  if ('const' in schema) return schema['const'];
  const given = list(schema['examples'])[0] ?? schema['default'] ?? list(schema['enum'])[0];
  if (given !== undefined) return given;
  const alternatives = [...list(schema['anyOf']), ...list(schema['oneOf'])];
  if (alternatives.length > 0)
    return sampleValue(depth > depthLimit ? alternatives.at(-1) : alternatives[0], root, name, depth + 1);
  const type = list(schema['type'])[0] ?? schema['type'] ?? ('properties' in schema ? 'object' : 'string');
  switch (type) {
    case 'object':
      return depth > depthLimit ? {} : sampleObject(schema, root, depth);
    case 'array':
      return Array.from({ length: depth > depthLimit ? 0 : Math.max(numberOf(schema['minItems']) ?? 1, 1) }, () =>
        sampleValue(schema['items'], root, name, depth + 1),
      );
    case 'integer':
    case 'number':
      return sampleNumber(schema);
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return sampleString(schema, name);
  }
}

/** Sample arguments for a function whose parameters have this schema. */
export function sampleArguments(parameters: JsonObject | null): JsonObject {
  const value = parameters === null ? {} : sampleValue({ type: 'object', ...parameters }, parameters);
  return isJsonObject(value) ? value : {};
}

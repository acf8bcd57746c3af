import { laxSchema, pageSchema, type Json } from '@holdpoint/json';
import { Validator, type OutputUnit, type Schema } from '@cfworker/json-schema';

/** A schema violation and its path, such as `items.0.amount`. */
export type SchemaProblem = {
  path: string;
  /** The path as a JSON pointer, such as `/items/0/amount`. */
  pointer: string;
  message: string;
};

// Keywords that only repeat a violation inside them.
const wrapperKeywords = new Set(['properties', 'items', 'prefixItems', 'additionalProperties', 'allOf', '$ref', 'if']);

/**
 * Validates by interpreting the schema: validators that compile schemas need `eval`, which the Content Security Policy
 * refuses. Patterns and formats are left to the worker: a slow one would freeze the page. An unreadable schema has no
 * violations here. The worker checks every edit again.
 */
export function problemsBySchema(schema: unknown, value: unknown): SchemaProblem[] {
  try {
    const { errors } = new Validator(pageSchema(laxSchema(schema as Json)) as Schema, '2020-12', false).validate(value);
    const own = errors.filter(({ keyword }) => !wrapperKeywords.has(keyword));
    return (own.length > 0 ? own : errors).map((error) => ({ ...placeOf(error), message: messageOf(error) }));
  } catch {
    return [];
  }
}

function placeOf({ instanceLocation }: OutputUnit): Pick<SchemaProblem, 'path' | 'pointer'> {
  const pointer = decodeURIComponent(instanceLocation.replace(/^#\/?/, '/').replace(/^\/$/, ''));
  const path = pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .join('.');
  return { path, pointer };
}

const typeNames: Readonly<Record<string, string>> = {
  integer: 'a whole number',
  number: 'a number',
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  null: 'null',
};

/** A message for the reviewer. Frequent ones are reworded. */
function messageOf({ keyword, error }: OutputUnit): string {
  const [, named = ''] = /"([^"]*)"\.?$/.exec(error) ?? [];
  if (keyword === 'type' && named in typeNames) return `Enter ${typeNames[named]}.`;
  if (keyword === 'required' && named !== '') return `“${named}” is required.`;
  return error.endsWith('.') ? error : `${error}.`;
}

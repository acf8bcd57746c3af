import type { FormSchema } from './schema-branches.ts';

/** A schema for requests without one, made from the types of the values. */
export function schemaOfValue(value: unknown): FormSchema {
  if (Array.isArray(value))
    return { type: 'array', items: value.length === 0 ? { type: 'string' } : schemaOfValue(value[0]) };
  if (value === null) return { type: ['string', 'null'] };
  switch (typeof value) {
    case 'object':
      return {
        type: 'object',
        properties: Object.fromEntries(Object.entries(value).map(([key, part]) => [key, schemaOfValue(part)])),
      };
    case 'number':
      return { type: 'number' };
    case 'boolean':
      return { type: 'boolean' };
    default:
      return { type: 'string' };
  }
}

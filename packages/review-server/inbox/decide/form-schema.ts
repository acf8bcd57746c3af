import type { RJSFSchema, UiSchema } from '@rjsf/utils';
import type { WireObject } from '@holdpoint/cheqpoint/wire';

const longCharacters = 70;

/** A schema for requests without one, made from the types of the values. */
export function schemaOfValue(value: unknown): RJSFSchema {
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

/** Layout of the form: long texts get a text area, and an emptied text stays an empty string instead of a missing key. */
export function uiSchemaOf(value: unknown): UiSchema {
  if (typeof value === 'string')
    return {
      'ui:emptyValue': '',
      ...(value.length > longCharacters || value.includes('\n')
        ? {
            'ui:widget': 'textarea',
            'ui:options': {
              rows: Math.min(14, Math.max(3, value.split('\n').length, Math.ceil(value.length / longCharacters))),
            },
          }
        : {}),
    };
  if (Array.isArray(value)) return { items: uiSchemaOf(value[0]) };
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value as WireObject).map(([key, part]) => [key, uiSchemaOf(part)]));
  return {};
}

import { Validator, type OutputUnit, type Schema } from '@cfworker/json-schema';
import {
  toErrorSchema,
  type ErrorSchema,
  type RJSFSchema,
  type RJSFValidationError,
  type ValidatorType,
} from '@rjsf/utils';

/** What does not fit the schema, and where: a path such as `items.0.amount`. */
export interface SchemaProblem {
  path: string;
  message: string;
}

// These only say that something within them does not fit.
const WRAPPERS = new Set(['properties', 'items', 'prefixItems', 'additionalProperties', 'allOf', '$ref', 'if']);

/**
 * Holds a value against a JSON schema by interpreting it: validators that compile schemas need `eval`, which the Content
 * Security Policy refuses. A schema that can't be read finds nothing; whoever asked checks the edit in any case.
 */
export function problemsBySchema(schema: unknown, value: unknown): SchemaProblem[] {
  try {
    const { errors } = new Validator(schema as Schema, '2020-12', false).validate(value);
    const own = errors.filter(({ keyword }) => !WRAPPERS.has(keyword));
    return (own.length > 0 ? own : errors).map((error) => ({ path: pathOf(error), message: messageOf(error) }));
  } catch {
    return [];
  }
}

/** The same for the form library. */
export const formValidator: ValidatorType<unknown> = {
  validateFormData(formData, schema) {
    const errors = problemsBySchema(schema, formData).map(({ path, message }): RJSFValidationError => ({
      property: path === '' ? '.' : `.${path}`,
      message,
      stack: message,
    }));
    return { errors, errorSchema: toErrorSchema(errors) as ErrorSchema };
  },
  isValid(schema, formData, rootSchema) {
    return problemsBySchema({ ...definitionsOf(rootSchema), ...schema }, formData).length === 0;
  },
  rawValidation: () => ({ errors: [] }),
};

function definitionsOf({ $defs, definitions }: RJSFSchema): RJSFSchema {
  return { ...($defs === undefined ? {} : { $defs }), ...(definitions === undefined ? {} : { definitions }) };
}

function pathOf({ instanceLocation }: OutputUnit): string {
  return instanceLocation
    .replace(/^#\/?/, '')
    .split('/')
    .map((part) => decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~'))
    .join('.');
}

const KINDS: Readonly<Record<string, string>> = {
  integer: 'a whole number',
  number: 'a number',
  string: 'a text',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  null: 'null',
};

/** The validator's sentence, in words of the page where a reviewer meets it most. */
function messageOf({ keyword, error }: OutputUnit): string {
  const [, named = ''] = /"([^"]*)"\.?$/.exec(error) ?? [];
  if (keyword === 'type' && named in KINDS) return `This must be ${KINDS[named]}.`;
  if (keyword === 'required' && named !== '') return `“${named}” is missing.`;
  return error.endsWith('.') ? error : `${error}.`;
}

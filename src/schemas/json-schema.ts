import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Json, JsonObject } from '../domain/json.ts';

/** Where and why a value does not fit; `path` has dots, and is '' for the value itself. */
export type Misfit = { path: string; message: string };

/**
 * Makes a checker of a JSON schema (draft 2020-12; unknown formats and keywords say nothing). It changes nothing in what
 * it checks, and answers with the first misfit, or undefined.
 * @throws Error when it is no JSON schema; the message says where.
 */
export function jsonSchemaChecker(schema: JsonObject): (value: Json) => Misfit | undefined {
  const ajv = new Ajv2020({ strict: false, logger: false, validateSchema: true });
  addFormats.default(ajv);
  // A copy: a schema's $id would otherwise name it for good, and whoever made it may change it.
  const validate = ajv.compile(structuredClone(schema));
  return (value) => (validate(value) ? undefined : misfit(validate.errors?.[0]));
}

function misfit(error: ErrorObject | undefined): Misfit {
  const steps = (error?.instancePath ?? '').split('/').slice(1).map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  const { missingProperty, additionalProperty } = (error?.params ?? {}) as { missingProperty?: string; additionalProperty?: string };
  if (missingProperty !== undefined) return { path: [...steps, missingProperty].join('.'), message: 'is missing' };
  if (additionalProperty !== undefined) return { path: [...steps, additionalProperty].join('.'), message: 'is not known' };
  return { path: steps.join('.'), message: error?.message ?? 'does not fit the schema' };
}

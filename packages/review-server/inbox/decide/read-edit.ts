import type { WireObject } from '@holdpoint/cheqpoint/wire';
import type { ReviewerApproval } from '../../src/contract/reviewer-api.ts';
import { parseExactJson, stableJson } from '@holdpoint/json';
import { plainJson } from '../approval/details.ts';
import { problemsBySchema } from './json-schema-validator.ts';

/** What a reviewer's edit comes to. */
export interface Edit {
  /** The whole edited object; nothing while the text is no object. */
  edited?: WireObject;
  isChanged: boolean;
  /** Why it can't be approved like this. */
  problem?: string;
}

/** Reads the JSON text of an edit and holds it against the original's keys and the tool's schema. */
export function readEdit(
  { argumentsSchema }: Pick<ReviewerApproval, 'argumentsSchema'>,
  original: WireObject,
  text: string | undefined,
): Edit {
  if (text === undefined) return { edited: original, isChanged: false };
  const edited = readObject(text);
  if (typeof edited === 'string') return { isChanged: true, problem: edited };
  const isChanged = stableJson(edited) !== stableJson(original);
  const missing = Object.keys(original).filter((key) => !Object.hasOwn(edited, key));
  if (missing.length > 0)
    return { edited, isChanged, problem: `An edit is the whole object. Missing: ${missing.join(', ')}.` };
  const problems = argumentsSchema === null ? [] : problemsBySchema(plainJson(argumentsSchema), plainJson(edited));
  return {
    edited,
    isChanged,
    ...(problems.length === 0
      ? {}
      : { problem: problems.map(({ path, message }) => `${path === '' ? '' : `${path}: `}${message}`).join(' ') }),
  };
}

function readObject(text: string): WireObject | string {
  try {
    const value = parseExactJson(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as WireObject)
      : 'This must be a JSON object: { … }.';
  } catch (error) {
    return `This is not valid JSON: ${error instanceof Error ? error.message : 'unknown reason'}`;
  }
}

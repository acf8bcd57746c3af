import type { WireObject } from '@holdpoint/cheqpoint/wire';
import type { ReviewerApproval } from '../../src/contract/reviewer-api.ts';
import {
  InexactJson,
  isJsonObject,
  jsonProblem,
  laxSchema,
  type Json,
  type JsonProblem,
  parseExactJson,
  refuseDuplicates,
  stableJson,
  unnamedKeysLeftOut,
} from '@holdpoint/json';
import { plainJson } from '../approval/details.ts';
import type { UnreadableTexts } from './form-state.ts';
import { problemsBySchema, type SchemaProblem } from './json-schema-validator.ts';
import { SchemaBranches, type FormSchema } from './schema-branches.ts';

/** The result of reading an edit. */
export type Edit = {
  /** The edited object. Undefined while the text is not a JSON object. */
  edited?: WireObject;
  isChanged: boolean;
  /** Removed keys that the schema does not name: the reviewer confirms each. */
  unnamed?: readonly string[];
  /** The reason that blocks the approval. */
  problem?: string;
};

/**
 * Parses the edited JSON and checks it against the original keys and the schema. An unreadable field blocks the
 * approval.
 */
export function readEdit(
  { argumentsSchema }: Pick<ReviewerApproval, 'argumentsSchema'>,
  original: WireObject,
  text: string | undefined,
  unreadable: UnreadableTexts = {},
): Edit {
  const unread = Object.entries(unreadable).map(([pointer, { problem }]) => `${pathOf(pointer)}${problem}`);
  if (text === undefined)
    return { edited: original, isChanged: false, ...(unread.length > 0 && { problem: unread.join(' ') }) };
  const read = readExactJson(text);
  if ('problem' in read) return { isChanged: true, problem: read.problem };
  const { value: edited } = read;
  if (!isJsonObject(edited)) return { isChanged: true, problem: 'Enter a JSON object: { … }.' };
  const isChanged = stableJson(edited) !== stableJson(original);
  const unnamed = unnamedKeysLeftOut(original, edited, argumentsSchema);
  const schema = argumentsSchema === null ? undefined : plainJson(argumentsSchema);
  // A schema that refuses the original says less than the tool takes. The worker checks the edit.
  const isHelpful = schema !== undefined && problemsBySchema(schema, plainJson(original)).length === 0;
  const problems = [
    ...unread,
    ...(isHelpful ? problemsOfBranches(schema, plainJson(edited)) : []).map(
      ({ path, message }) => `${path === '' ? '' : `${path}: `}${message}`,
    ),
  ];
  return {
    edited,
    isChanged,
    ...(unnamed.length > 0 && { unnamed }),
    ...(problems.length > 0 && { problem: problems.join(' ') }),
  };
}

/** The violations of the branches that the value belongs to. A value that fits another branch has none. */
export function problemsOfBranches(schema: unknown, value: unknown): SchemaProblem[] {
  const problems = problemsBySchema(schema, value);
  if (problems.length === 0) return problems;
  try {
    const chosen = problemsBySchema(
      new SchemaBranches(laxSchema(schema as Json) as FormSchema).chosenFor(value),
      value,
    );
    return chosen.length > 0 ? chosen : problems;
  } catch {
    return problems;
  }
}

function pathOf(pointer: string): string {
  const keys = pointer.split('/').slice(1);
  return keys.length === 0 ? '' : `${keys.map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~')).join('.')}: `;
}

/** Parses a JSON text of a reviewer, with the digits of its numbers. Refuses values that programs read differently. */
export function readExactJson(text: string): { value: unknown } | { problem: string } {
  try {
    const value = parseExactJson(text);
    refuseDuplicates(text);
    const problem = jsonProblem(value);
    return problem ? { problem: sentence(problem) } : { value };
  } catch (error) {
    if (error instanceof InexactJson) return { problem: sentence(error) };
    return { problem: `Invalid JSON: ${error instanceof Error ? error.message : 'unknown reason'}` };
  }
}

function sentence({ path, message }: JsonProblem): string {
  return `${path === '' ? '' : `${path}: `}${message}.`;
}

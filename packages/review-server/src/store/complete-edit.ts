import { RESERVED_DETAILS_KEY, withoutReserved } from '@holdpoint/cheqpoint/wire-names';
import type { WireObject } from '@holdpoint/cheqpoint/wire';
import { helpSchema, isJsonObject, type JsonObject, plainJson, stableJson, unnamedKeysLeftOut } from '@holdpoint/json';
import { jsonSchemaChecker, type Misfit } from '@holdpoint/json/schema';
import type { ReviewerApproval } from '../contract/reviewer-api.ts';

/**
 * Turns a reviewer's edit into the stored form: the whole object with Holdpoint's original reserved key, or null if
 * nothing changed. A key may be missing if the reviewer names it in `removed`, or if the schema has it as optional:
 * other missing keys are a problem for the reviewer, since a client may have sent the changed keys only.
 */
export function completeEdit(
  { details, argumentsSchema }: Pick<ReviewerApproval, 'details' | 'argumentsSchema'>,
  sent: WireObject | null,
  removed: readonly string[] = [],
): { modifiedDetails: WireObject | null } | { problem: string } {
  if (sent === null) {
    if (removed.length === 0) return { modifiedDetails: null };
    return { problem: 'Keys are removed by an edit. Send modifiedDetails without them.' };
  }
  const original = withoutReserved(details);
  const edited = withoutReserved(sent);
  const wrong = removed.filter((key) => Object.hasOwn(edited, key) || !Object.hasOwn(original, key));
  if (wrong.length > 0) return { problem: `Not removed, or not there before: ${wrong.join(', ')}.` };
  const missing = Object.keys(original).filter((key) => !Object.hasOwn(edited, key) && !removed.includes(key));
  const unnamed = unnamedKeysLeftOut(original, edited, argumentsSchema).filter((key) => !removed.includes(key));
  if (unnamed.length > 0)
    return {
      problem: `An edit is the whole object. Missing: ${unnamed.join(', ')}. To remove a key, name it in "removed".`,
    };
  if (stableJson(edited) === stableJson(original)) return { modifiedDetails: null };
  const problem = argumentsSchema === null ? undefined : problemBySchema(argumentsSchema, original, edited);
  if (problem !== undefined)
    return {
      problem: missing.length > 0 ? `An edit is the whole object. Missing: ${missing.join(', ')}. ${problem}` : problem,
    };
  return {
    modifiedDetails: Object.hasOwn(details, RESERVED_DETAILS_KEY)
      ? { ...edited, [RESERVED_DETAILS_KEY]: details[RESERVED_DETAILS_KEY] }
      : edited,
  };
}

/**
 * The schema helps the reviewer, and the requester checks the edit again. So it counts only if it can be read and takes
 * the original: a tool may take more than its JSON schema can say.
 */
function problemBySchema(argumentsSchema: WireObject, original: WireObject, edited: WireObject): string | undefined {
  const check = checkerOf(argumentsSchema);
  if (!check || check(plainJson(original) as JsonObject)) return undefined;
  const misfit = check(plainJson(edited) as JsonObject);
  return misfit && `${misfit.path || 'The object'}: ${misfit.message}.`;
}

function checkerOf(argumentsSchema: WireObject): ((value: JsonObject) => Misfit | undefined) | undefined {
  try {
    const schema = helpSchema(plainJson(argumentsSchema));
    return isJsonObject(schema) ? jsonSchemaChecker(schema) : undefined;
  } catch {
    return undefined;
  }
}

/** The keys that an edit removes on purpose: those named by the person, and those that the present version lacks. */
export function removedKeys(
  original: WireObject,
  proposed: WireObject | null,
  edited: WireObject | null,
  { removed = [] }: { removed?: readonly string[] | undefined },
): string[] {
  if (proposed === null || edited === null) return [...removed];
  const gone = Object.keys(withoutReserved(original)).filter(
    (key) => !Object.hasOwn(proposed, key) && !Object.hasOwn(edited, key),
  );
  return [...new Set([...removed, ...gone])];
}

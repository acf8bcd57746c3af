import { z } from 'zod';
import { RESERVED_DETAILS_KEY, type WireObject } from '@holdpoint/cheqpoint/wire';
import { inTime } from '@holdpoint/json/schema';
import type { ReviewerApproval } from '../contract/reviewer-api.ts';
import { stableJson } from '@holdpoint/json';
import { withoutReserved } from './approval.ts';

/**
 * Turns a reviewer's edit into the stored form: the whole object with Holdpoint's original reserved key, or null if
 * nothing changed. Some clients read an edit as a replacement and some as a patch. A whole object means the same to
 * both, so a missing key is a problem for the reviewer.
 */
export function completeEdit(
  { details, argumentsSchema }: Pick<ReviewerApproval, 'details' | 'argumentsSchema'>,
  sent: WireObject | null,
): { modifiedDetails: WireObject | null } | { problem: string } {
  if (sent === null) return { modifiedDetails: null };
  const edited = withoutReserved(sent);
  const missing = Object.keys(withoutReserved(details)).filter((key) => !Object.hasOwn(edited, key));
  if (missing.length > 0) return { problem: `An edit is the whole object. Missing: ${missing.join(', ')}.` };
  if (stableJson(edited) === stableJson(withoutReserved(details))) return { modifiedDetails: null };
  const problem = argumentsSchema === null ? undefined : problemBySchema(argumentsSchema, edited);
  if (problem !== undefined) return { problem };
  return {
    modifiedDetails: Object.hasOwn(details, RESERVED_DETAILS_KEY)
      ? { ...edited, [RESERVED_DETAILS_KEY]: details[RESERVED_DETAILS_KEY] }
      : edited,
  };
}

/** A schema that zod can't read, or that takes too long, checks nothing here. The requester checks the edit again. */
function problemBySchema(argumentsSchema: WireObject, edited: WireObject): string | undefined {
  // Plain numbers instead of exact ones.
  const [schema, value] = [argumentsSchema, edited].map((each) => JSON.parse(JSON.stringify(each)) as unknown);
  const error = checked(
    () => z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]).safeParse(value).error,
  );
  return error?.issues.map(({ path, message }) => `${path.join('.') || 'The object'}: ${message}`).join('; ');
}

function checked<T>(check: () => T): T | undefined {
  try {
    return inTime(check);
  } catch {
    return undefined;
  }
}

import { isJsonObject, parseExactJson } from '@holdpoint/json';
import type { WireObject } from '@holdpoint/cheqpoint/wire';
import { UsageError } from './connection.ts';

/**
 * The complete arguments after a reviewer's edit: `given` in their place, or the present ones with single changes
 * (`key=value`, the value JSON or else text). @throws UsageError for anything that is no edit.
 */
export function editedDetails(present: WireObject, given: unknown, changes: readonly string[]): WireObject {
  if ((given === undefined) === (changes.length === 0))
    throw new UsageError(
      'Say what to change: either --details with all arguments as JSON, or key=value for single ones.',
    );
  if (given !== undefined) {
    if (!isJsonObject(given)) throw new UsageError('--details must be a JSON object with all arguments.');
    return given as WireObject;
  }
  const edited = { ...present };
  for (const change of changes) {
    const [, key, value] = /^([^=]+)=(.*)$/s.exec(change) ?? [];
    if (key === undefined || value === undefined) throw new UsageError(`"${change}" is no change. Write key=value.`);
    if (!Object.hasOwn(present, key))
      throw new UsageError(
        `There is no argument "${key}". There are: ${Object.keys(present).join(', ')}. To add one, use --details.`,
      );
    edited[key] = valueOf(value, present[key]);
  }
  return edited;
}

/** An argument that is text stays text: the subject "2026" is no number. */
function valueOf(text: string, present: unknown): unknown {
  if (typeof present === 'string') return text;
  try {
    return parseExactJson(text);
  } catch {
    return text;
  }
}

import { InexactJson, isJsonObject, parseJson } from '@holdpoint/json';
import type { WireObject } from '@holdpoint/cheqpoint/wire';
import { UsageError } from './connection.ts';

/**
 * The complete arguments after a reviewer's edit: `given`, or the present arguments with single changes (`key=value`; the
 * value is JSON, else text).
 * @throws UsageError for an invalid edit.
 */
export function editedDetails(present: WireObject, given: unknown, changes: readonly string[]): WireObject {
  if ((given === undefined) === (changes.length === 0))
    throw new UsageError('Give the change: --details with all arguments as JSON, or key=value for single arguments.');
  if (given !== undefined) {
    if (!isJsonObject(given)) throw new UsageError('--details must be a JSON object with all arguments.');
    return given;
  }
  const edited = { ...present };
  for (const change of changes) {
    const [, key, value] = /^([^=]+)=(.*)$/s.exec(change) ?? [];
    if (key === undefined || value === undefined) throw new UsageError(`"${change}" is not a change. Write key=value.`);
    if (!Object.hasOwn(present, key))
      throw new UsageError(
        `There is no argument "${key}". There are: ${Object.keys(present).join(', ')}. To add one, use --details.`,
      );
    edited[key] = valueOf(key, value, present[key]);
  }
  return edited;
}

/** Text stays text: the subject "2026" does not become a number. */
function valueOf(key: string, text: string, present: unknown): unknown {
  if (typeof present === 'string') return text;
  try {
    return parseJson(text);
  } catch (cause) {
    if (cause instanceof InexactJson) throw new UsageError(`${key}: ${cause.message}.`, { cause });
    return text;
  }
}

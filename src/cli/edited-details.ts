import { InexactJson, isJsonObject, parseJson } from '@holdpoint/json';
import type { WireObject } from '@holdpoint/cheqpoint/wire';
import type { ReviewerApproval, ReviewerDecision } from '@holdpoint/review-server/contract';
import { UsageError } from './connection.ts';
import { withoutReserved } from '@holdpoint/cheqpoint/wire-names';

/** The parts of an edit on the command line. `given`: all arguments. `changes`: `key=value`. `remove`: keys. */
type EditParts = {
  given?: unknown;
  changes: readonly string[];
  remove?: readonly string[] | undefined;
  /** Begins with the earlier edit that was not taken, and its note. */
  fromEarlier?: true | undefined;
};

/**
 * The answer that approves with an edit. It names the removed keys, since the server takes a missing key for a mistake.
 * @throws UsageError for an invalid edit.
 */
export function editAnswer(
  { details, draft }: Pick<ReviewerApproval, 'details' | 'draft'>,
  parts: EditParts,
): Pick<ReviewerDecision, 'decision' | 'modifiedDetails' | 'removed' | 'note'> {
  const present = withoutReserved(details);
  const { remove = [], fromEarlier } = parts;
  if (fromEarlier && draft === null)
    throw new UsageError('There is no earlier edit: this request is the first, or its edit was taken.');
  const start = (fromEarlier && draft?.edit) || present;
  const modifiedDetails = editedDetails(start, parts);
  const dropped = fromEarlier ? Object.keys(present).filter((key) => !Object.hasOwn(start, key)) : [];
  const removed = [...new Set([...dropped, ...remove])].filter(
    (key) => Object.hasOwn(present, key) && !Object.hasOwn(modifiedDetails, key),
  );
  return {
    decision: 'approve',
    modifiedDetails,
    ...(removed.length > 0 && { removed }),
    ...(fromEarlier && draft?.note != null && { note: draft.note }),
  };
}

/**
 * The complete arguments after a reviewer's edit: `given`, or the present arguments with single changes (the value is
 * JSON, else text).
 */
function editedDetails(present: WireObject, { given, changes, remove = [], fromEarlier }: EditParts): WireObject {
  if (given === undefined ? !fromEarlier && changes.length + remove.length === 0 : changes.length > 0 || fromEarlier)
    throw new UsageError(
      'Give the change: --details with all arguments as JSON, or key=value and --remove key for single arguments.',
    );
  const unknown = remove.filter((key) => !Object.hasOwn(present, key));
  if (unknown.length > 0)
    throw new UsageError(`There is no argument "${unknown[0]}". There are: ${Object.keys(present).join(', ')}.`);
  if (given !== undefined) {
    if (!isJsonObject(given)) throw new UsageError('--details must be a JSON object with all arguments.');
    return without(given, remove);
  }
  const edited = without(present, remove);
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

function without(details: WireObject, remove: readonly string[]): WireObject {
  return Object.fromEntries(Object.entries(details).filter(([key]) => !remove.includes(key)));
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

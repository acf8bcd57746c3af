import type { WireObject } from '@holdpoint/cheqpoint/wire';
import { RESERVED_DETAILS_KEY } from '@holdpoint/cheqpoint/wire-names';
import { isExactNumber, stableJson } from '@holdpoint/json';

const SURE_DIGITS = 15;

/** What a reviewer sees and edits: the arguments without the part that Holdpoint keeps for itself. */
export function visibleDetails(details: WireObject): WireObject {
  const { [RESERVED_DETAILS_KEY]: _reserved, ...visible } = details;
  return visible;
}

/** The value as ordinary JSON, with numbers as JavaScript has them. */
export function plainJson<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value;
}

/** The first number that would come out of a form as another one, such as 12345678901234567890. */
export function numberBeyondForms(value: unknown): string | undefined {
  if (isExactNumber(value)) {
    const text = JSON.stringify(value);
    return isSafeNumber(text) ? undefined : text;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  for (const part of Object.values(value)) {
    const found = numberBeyondForms(part);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether a number in JSON's notation keeps its value as a JavaScript number. */
export function isSafeNumber(text: string): boolean {
  const digits = text.replace(/e.*$/i, '').replaceAll(/\D/g, '').replace(/^0+/, '').replace(/0+$/, '');
  return digits.length <= SURE_DIGITS && Number.isFinite(Number(text)) && (Number(text) !== 0 || digits === '');
}

/** The edited value with each number spelled as the original spells it, where it is the same number at the same place. */
export function withOriginalNumbers(edited: unknown, original: unknown): unknown {
  if (isExactNumber(original)) return Object.is(edited, Number(JSON.stringify(original))) ? original : edited;
  if (typeof edited !== 'object' || edited === null || isExactNumber(edited)) return edited;
  if (typeof original !== 'object' || original === null || Array.isArray(edited) !== Array.isArray(original))
    return edited;
  if (Array.isArray(edited))
    return edited.map((part, index) => withOriginalNumbers(part, (original as unknown[])[index]));
  return Object.fromEntries(
    Object.entries(edited).map(([key, part]) => [key, withOriginalNumbers(part, (original as WireObject)[key])]),
  );
}

/** One key whose value differs; a missing side is `undefined`. */
export interface Change {
  key: string;
  from: unknown;
  to: unknown;
}

/** What an edit changes, key by key. */
export function changesBetween(original: WireObject, edited: WireObject): Change[] {
  const keys = [...new Set([...Object.keys(original), ...Object.keys(edited)])];
  return keys
    .map((key) => ({ key, from: original[key], to: edited[key] }))
    .filter(({ from, to }) => stableJson(from) !== stableJson(to));
}

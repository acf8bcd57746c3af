import type { WireObject } from '@holdpoint/cheqpoint/wire';
import { RESERVED_DETAILS_KEY } from '@holdpoint/cheqpoint/wire-names';
import { isExactNumber, isJsonObject, keysOfBoth, ownValue, stableJson } from '@holdpoint/json';

const sureDigits = 15;

/** The assistant of an approval that a program asks for without a run, as requests of earlier versions say it. */
const noAssistant = '(none)';

/**
 * True if a tool runs with these arguments after an approval. False for the approval of another program, a standalone
 * approval, and a tool whose approval is its result.
 */
export function runsATool(details: WireObject): boolean {
  const reserved = ownValue(details, RESERVED_DETAILS_KEY);
  return (
    isJsonObject(reserved) &&
    reserved['kind'] === 'call' &&
    reserved['executes'] !== false &&
    reserved['assistant'] !== noAssistant
  );
}

/** The value as plain JSON with JavaScript numbers. */
export function plainJson<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value;
}

/** The first number that a form would change, such as 12345678901234567890. */
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

/** True if a JSON number keeps its value as a JavaScript number. */
export function isSafeNumber(text: string): boolean {
  const digits = text.replace(/e.*$/i, '').replaceAll(/\D/g, '').replace(/^0+/, '').replace(/0+$/, '');
  return digits.length <= sureDigits && Number.isFinite(Number(text)) && (Number(text) !== 0 || digits === '');
}

/** The edited value. Unchanged numbers keep the notation of the original, such as 1.50. */
export function withOriginalNumbers(edited: unknown, original: unknown): unknown {
  if (isExactNumber(original)) return Object.is(edited, Number(JSON.stringify(original))) ? original : edited;
  if (typeof edited !== 'object' || edited === null || isExactNumber(edited)) return edited;
  if (typeof original !== 'object' || original === null || Array.isArray(edited) !== Array.isArray(original))
    return edited;
  if (Array.isArray(edited))
    return edited.map((part, index) => withOriginalNumbers(part, (original as unknown[])[index]));
  return Object.fromEntries(
    Object.entries(edited).map(([key, part]) => [key, withOriginalNumbers(part, ownValue(original, key))]),
  );
}

/** A key whose value differs. A missing side is `undefined`. */
export type Change = {
  key: string;
  from: unknown;
  to: unknown;
};

/** The changes of an edit by key. */
export function changesBetween(original: WireObject, edited: WireObject): Change[] {
  return keysOfBoth(original, edited)
    .map((key) => ({ key, from: ownValue(original, key), to: ownValue(edited, key) }))
    .filter(({ from, to }) => stableJson(from) !== stableJson(to));
}

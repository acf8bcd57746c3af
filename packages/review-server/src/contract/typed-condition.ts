import { decimalOf } from '@holdpoint/json';
import type { RuleCondition, RuleOperator } from './review-admin.ts';

/** A rule's condition in the form that people type, in the inbox and on the command line. */
export type TypedCondition = {
  field: string;
  operator: RuleOperator;
  value: string;
};

/** An invalid typed value. The message names the problem and a valid form. */
export class ValueProblem extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ValueProblem';
  }
}

/** The text before each comma. Quoted texts may contain commas. */
const listPart = /(\s*"(?:[^"\\]|\\.)*"\s*|[^,]*),/g;

/** Mistyped quotes: an unmatched straight one, or typographic or single ones around a text. */
const mistypedQuotes = /"|^['‘’‚‹›“”„‟«»]|[“”„‟«»]$/;

/**
 * Reads a typed condition. Commas separate the elements of a list. Double quotes make text of a number, of true and
 * false, and of a comma. Within them `\"` and `\\` stand for a quote and a backslash. The empty text is `""`.
 *
 * @throws ValueProblem for a missing value, an empty element, mistyped quotes, null, a comparison without a number, and
 * a number that would be rounded. Show it next to the value.
 */
export function toCondition({ field, operator, value }: TypedCondition): RuleCondition {
  const at = field.trim();
  switch (operator) {
    case 'present':
    case 'absent':
      return { field: at, operator };
    case 'one-of':
    case 'none-of':
      return { field: at, operator, value: listOf(value) };
    case 'at-most':
    case 'less-than':
    case 'at-least':
    case 'more-than':
      return { field: at, operator, value: numberOf(value) };
    case 'contains':
    case 'starts-with':
      return { field: at, operator, value: partOf(value) };
    case 'is':
    case 'is-not':
      return { field: at, operator, value: exactScalarOf(value) };
  }
}

/** The typed form of a condition. */
export function toTyped(condition: RuleCondition): TypedCondition {
  const { field, operator } = condition;
  if (!('value' in condition)) return { field, operator, value: '' };
  const { value } = condition;
  if (Array.isArray(value))
    return {
      field,
      operator,
      value: value
        .map((part) =>
          typeof part === 'string' && part.includes(',') ? JSON.stringify(part) : typed(part, exactScalarOf),
        )
        .join(', '),
    };
  return {
    field,
    operator,
    value: typed(value, operator === 'contains' || operator === 'starts-with' ? quotedText : exactScalarOf),
  };
}

/** The plain text if it reads back as the same value, else JSON. */
function typed(value: string | number | boolean, read: (text: string) => unknown): string {
  return typeof value === 'string' && value.trim() === value && isReadAs(value, read) ? value : JSON.stringify(value);
}

function isReadAs(text: string, read: (text: string) => unknown): boolean {
  try {
    return read(text) === text;
  } catch {
    return false;
  }
}

function scalarOf(text: string): string | number | boolean {
  const value = jsonOf(text);
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (mistypedQuotes.test(text.trim()))
    throw new ValueProblem(
      `The quotes of ${text.trim()} are not clear. Put the whole text in straight double quotes, as in "ops, north"; within it type \\" for a quote and \\\\ for a backslash.`,
    );
  return text;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function exactScalarOf(text: string): string | number | boolean {
  const typedText = text.trim();
  if (typedText === '') throw new ValueProblem('A value is missing. Type one, or "" for an empty text.');
  const value = scalarOf(typedText);
  if (typedText === 'null')
    throw new ValueProblem(
      'null is not a value. For a missing or null field choose the operator absent (“is not there”) or present (“is there”); for the text type "null", in quotes.',
    );
  if (typeof value === 'number')
    refuseRounded(value, typedText, ` If it is a text, such as an id, put it in double quotes: "${typedText}".`);
  return value;
}

function listOf(text: string): (string | number | boolean)[] {
  const parts = [...`${text},`.matchAll(listPart)].map(([, part = '']) => part.trim());
  if (parts.every((part) => part === ''))
    throw new ValueProblem('The values are missing. Type them with commas between them; "" is an empty text.');
  const empty = parts.indexOf('');
  if (empty !== -1)
    throw new ValueProblem(
      `Value ${empty + 1} of ${parts.length} is empty. Remove a comma, or type "" for an empty text.`,
    );
  return parts.map(exactScalarOf);
}

function numberOf(text: string): number {
  const typedText = text.trim();
  if (typedText === '') throw new ValueProblem('A number is missing.');
  const value = scalarOf(typedText);
  if (typeof value !== 'number')
    throw new ValueProblem(
      `${typedText} is not a number. Type digits, with a point before decimals and a digit before the point, no leading zeros and no plus sign: 1250 or 0.5.`,
    );
  refuseRounded(value, typedText);
  return value;
}

function partOf(text: string): string {
  const part = quotedText(text);
  if (part === '') throw new ValueProblem('A text is missing.');
  return part;
}

/** Refuses a number that would be rounded: a rule must not compare another number than the typed one. */
function refuseRounded(value: number, typedText: string, advice = ''): void {
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER)
    throw new ValueProblem(
      `${typedText} is too large to be compared exactly: numbers go up to ${Number.MAX_SAFE_INTEGER}.${advice}`,
    );
  if (decimalOf(typedText) !== decimalOf(String(value)))
    throw new ValueProblem(
      `${typedText} can’t be compared exactly: it would be rounded to ${value}. Type that, or a number with fewer digits.${advice}`,
    );
}

function quotedText(text: string): string {
  const value = scalarOf(text);
  return typeof value === 'string' ? value : text;
}

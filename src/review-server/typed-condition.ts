import type { RuleCondition, RuleOperator } from '../schemas/review-admin.ts';

/** A condition of a rule as people type and read it, in the inbox and on the command line. */
export interface TypedCondition {
  field: string;
  operator: RuleOperator;
  value: string;
}

/** What stands between the commas of a list: texts in quotes may have commas of their own. */
const LIST_PART = /\s*"(?:[^"\\]|\\.)*"\s*(?=,|$)|[^,]+/g;

/**
 * What is sent of a typed condition. Lists have commas. Double quotes make a text of what else is a number, yes or no,
 * or the end of a list's element. What should be a number and is none becomes NaN, which no schema takes.
 */
export function toCondition({ field, operator, value }: TypedCondition): RuleCondition {
  const at = field.trim();
  switch (operator) {
    case 'present':
    case 'absent':
      return { field: at, operator };
    case 'one-of':
    case 'none-of':
      return { field: at, operator, value: (value.match(LIST_PART) ?? []).map((part) => scalarOf(part.trim())) };
    case 'at-most':
    case 'less-than':
    case 'at-least':
    case 'more-than':
      return { field: at, operator, value: numberOf(value) };
    case 'contains':
    case 'starts-with':
      return { field: at, operator, value: quotedText(value) };
    case 'is':
    case 'is-not':
      return { field: at, operator, value: scalarOf(value.trim()) };
  }
}

/** What is typed to get this condition. */
export function toTyped(condition: RuleCondition): TypedCondition {
  const { field, operator } = condition;
  if (!('value' in condition)) return { field, operator, value: '' };
  const { value } = condition;
  if (Array.isArray(value)) return { field, operator, value: value.map((part) => (typeof part === 'string' && /[,"]/.test(part) ? JSON.stringify(part) : typed(part, scalarOf))).join(', ') };
  return { field, operator, value: typed(value, operator === 'contains' || operator === 'starts-with' ? quotedText : scalarOf) };
}

/** As it is where that is read as the same again, else as JSON. */
function typed(value: string | number | boolean, read: (text: string) => unknown): string {
  return typeof value === 'string' && value !== '' && value.trim() === value && read(value) === value ? value : JSON.stringify(value);
}

function scalarOf(text: string): string | number | boolean {
  try {
    const value: unknown = JSON.parse(text);
    return ['string', 'number', 'boolean'].includes(typeof value) ? (value as string | number | boolean) : text;
  } catch {
    return text;
  }
}

function numberOf(text: string): number {
  const value = scalarOf(text.trim());
  return typeof value === 'number' ? value : Number.NaN;
}

function quotedText(text: string): string {
  const value = scalarOf(text);
  return typeof value === 'string' ? value : text;
}

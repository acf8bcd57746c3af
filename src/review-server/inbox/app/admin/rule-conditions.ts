import type { RuleCondition, RuleOperator } from '../../../../schemas/review-admin.ts';

/** A condition as it is typed. */
export interface TypedCondition {
  field: string;
  operator: RuleOperator;
  value: string;
}

/** The operators in the words of the page. */
export const OPERATOR_WORDS: Readonly<Record<RuleOperator, string>> = {
  is: 'is', 'is-not': 'is not', 'one-of': 'is one of', 'none-of': 'is none of', 'at-most': 'is at most', 'less-than': 'is less than',
  'at-least': 'is at least', 'more-than': 'is more than', contains: 'contains', 'starts-with': 'starts with', present: 'is there', absent: 'is not there',
};

/** The fields that need no path. */
export const FIELD_SUGGESTIONS = ['action', 'assistant', 'agentName', 'riskLevel', 'riskScore', 'priority', 'details.', 'metadata.'];

/** What is sent of a typed condition. `5` and `true` are no texts unless they are in quotes; lists have commas. */
export function toCondition({ field, operator, value }: TypedCondition): RuleCondition {
  const at = field.trim();
  switch (operator) {
    case 'present':
    case 'absent':
      return { field: at, operator };
    case 'one-of':
    case 'none-of':
      return { field: at, operator, value: value.split(',').map((part) => scalarOf(part.trim())) };
    case 'at-most':
    case 'less-than':
    case 'at-least':
    case 'more-than':
      return { field: at, operator, value: Number(value) };
    case 'contains':
    case 'starts-with':
      return { field: at, operator, value };
    case 'is':
    case 'is-not':
      return { field: at, operator, value: scalarOf(value.trim()) };
  }
}

export function toTyped(condition: RuleCondition): TypedCondition {
  const { field, operator } = condition;
  if (!('value' in condition)) return { field, operator, value: '' };
  const { value } = condition;
  return { field, operator, value: Array.isArray(value) ? value.map(textOf).join(', ') : operator === 'contains' || operator === 'starts-with' ? String(value) : textOf(value) };
}

/** A condition as a sentence. */
export function conditionText(condition: RuleCondition): string {
  const { field, operator, value } = toTyped(condition);
  return `${field} ${OPERATOR_WORDS[operator]}${value === '' ? '' : ` ${value}`}`;
}

function scalarOf(text: string): string | number | boolean {
  try {
    const value: unknown = JSON.parse(text);
    return ['string', 'number', 'boolean'].includes(typeof value) ? (value as string | number | boolean) : text;
  } catch {
    return text;
  }
}

function textOf(value: string | number | boolean): string {
  return typeof value === 'string' && scalarOf(value) === value ? value : JSON.stringify(value);
}

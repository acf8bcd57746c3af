import type { RuleCondition, RuleOperator } from '../../src/contract/review-admin.ts';
import { toTyped } from '../../src/contract/typed-condition.ts';

/** The labels of the operators. */
export const operatorWords: Readonly<Record<RuleOperator, string>> = {
  is: 'is',
  'is-not': 'is not',
  'one-of': 'is one of',
  'none-of': 'is none of',
  'at-most': 'is at most',
  'less-than': 'is less than',
  'at-least': 'is at least',
  'more-than': 'is more than',
  contains: 'contains',
  'starts-with': 'starts with',
  present: 'exists',
  absent: 'does not exist',
};

/** Suggestions for the field of a condition. */
export const fieldSuggestions = [
  'action',
  'assistant',
  'agentName',
  'riskLevel',
  'riskScore',
  'priority',
  'details.',
  'metadata.',
];

/** A condition as a sentence. */
export function conditionText(condition: RuleCondition): string {
  const { field, operator, value } = toTyped(condition);
  return `${field} ${operatorWords[operator]}${value === '' ? '' : ` ${value}`}`;
}

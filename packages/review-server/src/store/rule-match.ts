import type { RuleCondition } from '../contract/review-admin.ts';
import { withoutReserved } from './approval.ts';
import type { WireObject } from '@holdpoint/cheqpoint/wire';

/** A request as conditions see it: fields by name; `details` and `metadata` as plain JSON values. */
export interface RuleFacts {
  action: string;
  assistant: string;
  agentName: string | null;
  /** In lower case. */
  riskLevel: string;
  riskScore: number | null;
  priority: string | null;
  details: unknown;
  metadata: unknown;
}

/** Facts for conditions. Details lose Holdpoint's reserved key, and numbers are what JSON's readers make of them. */
export function ruleFacts(
  request: Omit<RuleFacts, 'details' | 'metadata'> & { details: WireObject; metadata: WireObject | null | undefined },
): RuleFacts {
  const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));
  return { ...request, details: plain(withoutReserved(request.details)), metadata: plain(request.metadata) };
}

/** Whether all conditions hold. Whether something happened is a fact to be looked up: only a rule that names such a question's action decides it. */
export function ruleApplies(conditions: readonly RuleCondition[], facts: RuleFacts, asksForOutcome: boolean): boolean {
  if (
    asksForOutcome &&
    !conditions.some(({ field, operator }) => field === 'action' && (operator === 'is' || operator === 'one-of'))
  )
    return false;
  return conditions.every((condition) => holds(condition, valueOf(condition.field, facts)));
}

/** Fails closed: a missing value, or one of another kind, is nothing that a condition holds for; but `absent`. */
function holds(condition: RuleCondition, value: unknown): boolean {
  // Levels are kept in lower case.
  const same = (wanted: unknown) =>
    (condition.field === 'riskLevel' && typeof wanted === 'string' ? wanted.toLowerCase() : wanted) === value;
  switch (condition.operator) {
    case 'present':
      return value != null;
    case 'absent':
      return value == null;
    case 'is':
      return same(condition.value);
    case 'is-not':
      return typeof value === typeof condition.value && !same(condition.value);
    case 'one-of':
      return condition.value.some(same);
    case 'none-of':
      return condition.value.some((wanted) => typeof wanted === typeof value) && !condition.value.some(same);
    case 'at-most':
      return typeof value === 'number' && value <= condition.value;
    case 'less-than':
      return typeof value === 'number' && value < condition.value;
    case 'at-least':
      return typeof value === 'number' && value >= condition.value;
    case 'more-than':
      return typeof value === 'number' && value > condition.value;
    case 'contains':
      return typeof value === 'string'
        ? value.includes(condition.value)
        : Array.isArray(value) && value.includes(condition.value);
    case 'starts-with':
      return typeof value === 'string' && value.startsWith(condition.value);
  }
}

/** `details.a.b` is the key b of the object a; `\.` is a dot within a key; numbers and `length` lead into lists. */
function valueOf(field: string, facts: RuleFacts): unknown {
  const keys = (field.match(/(\\.|[^.\\])+/g) ?? []).map((key) => key.replaceAll(/\\(.)/g, '$1'));
  let value: unknown = facts;
  for (const key of keys) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

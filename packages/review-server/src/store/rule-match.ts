import type { RuleCondition } from '../contract/review-admin.ts';
import { withoutReserved } from '@holdpoint/cheqpoint/wire-names';
import type { WireObject } from '@holdpoint/cheqpoint/wire';

/** The fields of a request for conditions. `details` and `metadata` are plain JSON values. */
export type RuleFacts = {
  action: string;
  assistant: string;
  agentName: string | null;
  /** In lower case. */
  riskLevel: string;
  riskScore: number | null;
  priority: string | null;
  details: unknown;
  metadata: unknown;
};

/** The facts of a request: details without Holdpoint's reserved key, and plain numbers instead of exact ones. */
export function ruleFacts(
  request: Omit<RuleFacts, 'details' | 'metadata'> & { details: WireObject; metadata: WireObject | null | undefined },
): RuleFacts {
  const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));
  return { ...request, details: plain(withoutReserved(request.details)), metadata: plain(request.metadata) };
}

/**
 * True if all conditions hold. A question about an outcome needs a person to check, so only a rule that names its
 * action matches it.
 */
export function ruleApplies(conditions: readonly RuleCondition[], facts: RuleFacts, asksForOutcome: boolean): boolean {
  if (
    asksForOutcome &&
    !conditions.some(({ field, operator }) => field === 'action' && (operator === 'is' || operator === 'one-of'))
  )
    return false;
  return conditions.every((condition) => holds(condition, valueOf(condition.field, facts)));
}

/** Fails closed: no condition except `absent` holds for a missing value or one of another type. */
function holds(condition: RuleCondition, value: unknown): boolean {
  // Levels are stored in lower case.
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

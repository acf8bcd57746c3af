import type { Cost, Usage } from '@holdpoint/client';
import { decimalOfPico } from '../domain/cost.ts';
import type { Cost as ExactCost, UsageTotals } from '../domain/run-record.ts';

/** The sums of no turns. */
export const noUsage: UsageTotals = {
  turns: 0,
  turnsWithoutTokens: 0,
  input: null,
  cachedInput: null,
  output: null,
  reasoning: null,
  costs: [],
  turnsWithoutCost: 0,
};

/** Sums as the REST API gives them. */
export function toUsage({ costs, ...totals }: UsageTotals): Usage {
  return { ...totals, costs: costs.map(toCost) };
}

export function toCost({ pico, currency }: ExactCost): Cost {
  return { amount: decimalOfPico(pico), currency };
}

import { isExactNumber } from '@holdpoint/json';
import { withoutReserved } from '@holdpoint/cheqpoint/wire-names';
import type { ReviewerApproval } from '../../src/contract/reviewer-api.ts';

/** One argument of several requests of the same action. */
export type ArgumentColumn = {
  name: string;
  /** The literal value by the id of the request. Absent where the request has no such argument. */
  values: ReadonlyMap<string, string>;
  /** The value of most requests. Undefined if no value has a majority. */
  usual: string | undefined;
};

/** The columns of the requests' arguments, in the order of their first appearance. */
export function argumentColumns(records: readonly Pick<ReviewerApproval, 'id' | 'details'>[]): ArgumentColumn[] {
  const columns = new Map<string, Map<string, string>>();
  for (const { id, details } of records)
    for (const [name, value] of Object.entries(withoutReserved(details))) {
      const values = columns.get(name) ?? new Map<string, string>();
      columns.set(name, values.set(id, literalValue(value)));
    }
  return [...columns].map(([name, values]) => ({ name, values, usual: usualOf(values, records.length) }));
}

/** True if this request has another value than most. */
export function isUnusual({ values, usual }: ArgumentColumn, id: string): boolean {
  return usual !== undefined && values.get(id) !== usual;
}

/** The differences between the requests: ranges of numbers, few values, or their number. Empty if nothing differs. */
export function differencesOf(columns: readonly ArgumentColumn[], count: number): string[] {
  return columns.flatMap(({ name, values }) => {
    const distinct = [...new Set(values.values())];
    if (values.size < count) return [`${name} not in all`];
    if (distinct.length <= 1) return [];
    if (distinct.every((value) => numberPattern.test(value))) {
      const inOrder = distinct.toSorted((a, b) => Number(a) - Number(b));
      return [`${name} ${inOrder[0]} to ${inOrder.at(-1)}`];
    }
    const isShort = distinct.length <= 3 && distinct.every((value) => value.length <= 24);
    return [isShort ? `${name} ${distinct.join(', ')}` : `${name}: ${distinct.length} values`];
  });
}

const numberPattern = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;

/** A text in quotes, a number with its own digits, anything else as JSON. */
function literalValue(value: unknown): string {
  return isExactNumber(value) || typeof value !== 'object' || value === null
    ? JSON.stringify(value)
    : JSON.stringify(value, null, 1);
}

function usualOf(values: ReadonlyMap<string, string>, count: number): string | undefined {
  const counts = new Map<string, number>();
  for (const value of values.values()) counts.set(value, (counts.get(value) ?? 0) + 1);
  const [most] = [...counts].toSorted(([, a], [, b]) => b - a);
  return most !== undefined && most[1] > count / 2 ? most[0] : undefined;
}

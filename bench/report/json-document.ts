import { figures, met } from '../goals.ts';
import type { Spread } from '../measure/spread.ts';
import type { Result } from '../measurement.ts';

/** One figure in the JSON document. */
export type JsonEntry = {
  id: string;
  figure: string;
  /** A number, or numbers by name if the figure has several. Null: not measured. */
  value: number | Record<string, number> | null;
  goal: string;
  met: boolean | null;
  /** Spread over the repetitions. */
  repeated?: Spread | Record<string, Spread>;
};

/** One entry for each row of the table of goals, in its order. */
export function jsonDocument(results: readonly Result[]): JsonEntry[] {
  return figures.map(({ id, figure, goal, goals }) => {
    const result = results.find((each) => each.id === id);
    return {
      id,
      figure,
      value: result === undefined ? null : unwrapped(result.values, round),
      goal,
      met: met(goals, result?.values ?? null),
      ...(result?.spreads && {
        repeated: unwrapped(result.spreads, ({ min, median, max }) => ({
          min: round(min),
          median: round(median),
          max: round(max),
        })),
      }),
    };
  });
}

function unwrapped<From, To>(
  byName: Readonly<Record<string, From>>,
  each: (value: From) => To,
): To | Record<string, To> {
  const entries = Object.entries(byName).map(([name, value]) => [name, each(value)] as const);
  const [only] = entries;
  return entries.length === 1 && only?.[0] === '' ? only[1] : Object.fromEntries(entries);
}

/** Rounds to three decimal places. */
function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

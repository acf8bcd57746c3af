import type { FigureId } from './goals.ts';
import type { Spread } from './measure/spread.ts';
import type { Scale } from './scale.ts';
import type { Stage } from './stage/stage.ts';

/** What came of one figure. */
export type Result = {
  id: FigureId;
  /** By the names of its goals. */
  values: Readonly<Record<string, number>>;
  /** The same numbers over the repetitions; not for what is counted and not measured. */
  spreads?: Readonly<Record<string, Spread>>;
};

/**
 * A measured thing beside the goals: what the ratios are made of. Facts of one topic and name stand side by side, each in
 * its `column`; where there is no column, the name says it all.
 */
export type Fact = { topic: string; name: string; column?: string; unit: string; value: number; spread?: Spread };

export type Measured = { results: Result[]; facts: Fact[] };

/** What a measurement works with. */
export type Bench = { stage: Stage; scale: Scale; progress: (text: string) => void };

/** Measures one or more figures. */
export type Measurement = { name: string; figures: readonly FigureId[]; measure(bench: Bench): Promise<Measured> };

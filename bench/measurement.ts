import type { FigureId } from './goals.ts';
import type { Spread } from './measure/spread.ts';
import type { Scale } from './scale.ts';
import type { Stage } from './stage/stage.ts';

/** Result of one figure. */
export type Result = {
  id: FigureId;
  /** Values by the names of its goals. */
  values: Readonly<Record<string, number>>;
  /** Spread over the repetitions. Counted values have none. */
  spreads?: Readonly<Record<string, Spread>>;
};

/**
 * A measured value without a goal, e.g. a part of a ratio. Facts of one topic and name share a table row, each in its
 * `column`.
 */
export type Fact = { topic: string; name: string; column?: string; unit: string; value: number; spread?: Spread };

export type Measured = { results: Result[]; facts: Fact[] };

/** Input of a measurement. */
export type Bench = { stage: Stage; scale: Scale; progress: (text: string) => void };

/** Measures one or more figures. */
export type Measurement = { name: string; figures: readonly FigureId[]; measure(bench: Bench): Promise<Measured> };

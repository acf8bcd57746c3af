import type { Arbitrary } from 'fast-check';

/** One way into the product that takes data from outside. */
export type Target = {
  name: string;
  /** Share of the inputs, in relation to the other targets. A slow target has a smaller one. */
  share: number;
  open: () => Probe | Promise<Probe>;
};

/** A target that is ready for inputs. */
export type Probe = {
  input: Arbitrary<unknown>;
  /** Throws for each fault. A refusal with a named error is no fault. */
  run: (input: unknown) => void | Promise<void>;
  /** Longest time of one input, in milliseconds. */
  longestMs?: number;
  /** The inputs so far by part, such as by route. */
  parts?: () => Record<string, number>;
  close?: () => void | Promise<void>;
};

type TypedProbe<Input> = Omit<Probe, 'input' | 'run'> & {
  input: Arbitrary<Input>;
  run: (input: Input) => void | Promise<void>;
};

/** A server answered with a status of 500 or above. */
export class ServerError extends Error {
  override readonly name = 'ServerError';
}

/** A target whose inputs have one type. */
export function target<Input>(
  name: string,
  share: number,
  open: () => TypedProbe<Input> | Promise<TypedProbe<Input>>,
): Target {
  return { name, share, open: open as unknown as Target['open'] };
}

/** Fails the input with a sentence. */
export function must(holds: boolean, says: string): asserts holds {
  if (!holds) throw new Error(says);
}

type ErrorClass = abstract new (...args: never[]) => Error;

/** The value of `work`; undefined if it refuses the input with one of these errors. Every other error is a fault. */
export function orRefused<Value>(work: () => Value, ...refusals: ErrorClass[]): Value | undefined {
  try {
    return work();
  } catch (error) {
    return refusedBy(error, refusals);
  }
}

/** The value of `work`; undefined for any error. For schemas of other programs, whose compiler throws errors of all kinds. */
export function orInvalid<Value>(work: () => Value): Value | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** As `orRefused`, for a promise. */
export async function orRefusedLater<Value>(
  work: () => Promise<Value>,
  ...refusals: ErrorClass[]
): Promise<Value | undefined> {
  try {
    return await work();
  } catch (error) {
    return refusedBy(error, refusals);
  }
}

function refusedBy(error: unknown, refusals: readonly ErrorClass[]): undefined {
  if (!refusals.some((refusal) => error instanceof refusal)) throw error;
  must((error as Error).message.trim() !== '', 'The refusal has no text.');
  // A wrong type of a value would look like a refusal where a plain Error or TypeError is one.
  const isNamed = error instanceof Error && /^(Error|TypeError|RangeError)$/.test(error.name);
  must(
    !isNamed || !/is not a function|Cannot read prop|is not iterable|Invalid URL|URI malformed/.test(error.message),
    `A fault was taken for a refusal: ${String(error)}`,
  );
  return undefined;
}

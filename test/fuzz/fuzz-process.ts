import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import fc from 'fast-check';
import type { FuzzFailure, FuzzOrder, FuzzReport } from './run-fuzz.ts';
import { ServerError, type Probe } from './target.ts';
import { targets } from './targets.ts';

/* A process that runs the inputs of one target after the other. `run-fuzz.ts` starts and watches it. */

const defaultLongestMs = 10_000;
const longestInput = 20_000;

let stray: FuzzFailure[] = [];
let present = 'before the first input';
for (const event of ['unhandledRejection', 'uncaughtException'] as const)
  process.on(event, (error: unknown) => void stray.push({ kind: 'unhandled', input: present, problem: textOf(error) }));

process.on('message', (order: FuzzOrder) => {
  void fuzz(order).then((done) => process.send?.({ done }));
});
process.on('disconnect', () => process.exit());
process.send?.({ ready: true });

async function fuzz({ target: name, inputs, seed, inputFile }: FuzzOrder): Promise<FuzzReport> {
  const began = performance.now();
  stray = [];
  const file = openSync(inputFile, 'w');
  const failures: FuzzFailure[] = [];
  let count = 0;
  let probe: Probe | undefined;
  try {
    const chosen = targets.find((each) => each.name === name);
    if (chosen === undefined) throw new Error(`There is no target "${name}".`);
    probe = await chosen.open();
    const { input, run, longestMs = defaultLongestMs } = probe;
    let told = 0;
    const property = fc.asyncProperty(input, async (value) => {
      count += 1;
      present = fc.stringify(value).slice(0, longestInput);
      // A process that hangs or dies leaves its input here.
      ftruncateSync(file);
      writeSync(file, present, 0);
      const now = performance.now();
      if (now - told > 200) {
        told = now;
        process.send?.({ inputs: count });
      }
      const strays = stray.length;
      await inTime(run(value), longestMs);
      const took = performance.now() - now;
      if (took > longestMs) throw new Error(`It took longer than ${longestMs} ms: ${Math.round(took)} ms.`);
      if (stray.length > strays) throw new Unhandled(stray.at(-1)!.problem);
    });
    const result = await fc.check(property, { seed, numRuns: inputs });
    if (result.failed) {
      const error = result.errorInstance;
      failures.push({
        kind: error instanceof ServerError ? 'http500' : error instanceof Unhandled ? 'unhandled' : 'crash',
        input: fc.stringify(result.counterexample?.[0]).slice(0, longestInput),
        problem: textOf(error),
      });
    }
    // A rejection may come after its input.
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (!failures.some(({ kind }) => kind === 'unhandled')) failures.push(...stray.slice(0, 1));
    await probe.close?.();
  } catch (error) {
    failures.push({ kind: 'crash', input: present, problem: textOf(error) });
  } finally {
    closeSync(file);
  }
  return {
    target: name,
    inputs: count,
    seconds: (performance.now() - began) / 1000,
    failures,
    parts: probe?.parts?.(),
  };
}

class Unhandled extends Error {}

async function inTime(work: void | Promise<void>, milliseconds: number): Promise<void> {
  if (!(work instanceof Promise)) return;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`It took longer than ${milliseconds} ms.`)), milliseconds);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? `${error.name}: ${error.message}`).slice(0, 3_000) : String(error);
}

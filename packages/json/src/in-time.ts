import { createContext, Script } from 'node:vm';

/** Milliseconds that a check may take. A sound one takes a few. */
const longestCheckMs = 2_000;

const sandbox: { work?: () => unknown } = {};
const context = createContext(sandbox);
const script = new Script('work()');

/** It took too long, and was stopped. */
export class TookTooLong extends Error {
  override readonly name = 'TookTooLong';
}

/**
 * Runs synchronous work, and stops it after so many milliseconds. A schema that somebody else wrote may make a check
 * that takes for ever, by a regular expression or by `uniqueItems`, and the whole process would stand still.
 * @throws TookTooLong; whatever the work throws.
 */
export function inTime<T>(work: () => T, milliseconds = longestCheckMs): T {
  sandbox.work = work;
  try {
    return script.runInContext(context, { timeout: milliseconds }) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException | undefined)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT')
      throw new TookTooLong(`It takes longer than ${milliseconds / 1000} s`);
    throw error;
  } finally {
    delete sandbox.work;
  }
}

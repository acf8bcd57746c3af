import { createContext, Script } from 'node:vm';

/** The longest check. A usual one takes a few milliseconds. */
const longestCheckMs = 2_000;

const sandbox: { work?: () => unknown } = {};
const context = createContext(sandbox);
const script = new Script('work()');

/** The work took too long and was stopped. */
export class TookTooLong extends Error {
  override readonly name = 'TookTooLong';
}

/**
 * Runs synchronous work and stops it after `milliseconds`. A deep schema of a user's tool can make a check
 * endless, which would block the process.
 * @throws TookTooLong, or the error of the work.
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

import { databaseFailure } from '@holdpoint/database';
import { RunsFailure } from '../../domain/runs-failure.ts';

type Methods = { [name: string]: (...parameters: never[]) => Promise<unknown> };

/** The same methods. Each failure is a RunsFailure `database`, which callers may retry. */
export function guarded<Port extends object>(port: Port): Port {
  const methods = Object.entries(port as Methods).map(([name, method]) => [
    name,
    async (...parameters: never[]) => {
      try {
        return await method.apply(port, parameters);
      } catch (cause) {
        const reason = databaseFailure(cause)?.reason ?? 'the log of the gateway has the error';
        throw new RunsFailure('database', `Holdpoint's database did not answer: ${reason}. Try again.`, { cause });
      }
    },
  ]);
  return Object.fromEntries(methods) as Port;
}

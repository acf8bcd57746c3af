import { isJsonObject, type Json, jsonProblem, type JsonObject } from '@holdpoint/json';

/**
 * Returns a number of milliseconds that is at least `least`. `Infinity` is accepted.
 *
 * @throws TypeError for anything else. Its message begins with `name`.
 */
export function checkMilliseconds(name: string, value: number, least = 0): number {
  if (typeof value === 'number' && value >= least) return value;
  throw new TypeError(`${name} must be a number of milliseconds, ${least} or more, not ${String(value)}.`);
}

/**
 * Returns the details of a request as they are sent: a copy made by JSON.
 *
 * @throws TypeError unless `details` is an object that JSON carries unchanged.
 */
export function jsonDetails(details: object): JsonObject {
  if (!isJsonObject(details))
    throw new TypeError(
      `details must be an object${typeof details === 'string' ? ': parse the JSON text first' : ''}.`,
    );
  const sent = JSON.parse(
    JSON.stringify(details, (key, value: unknown) => {
      if (typeof value === 'number' && !Number.isFinite(value))
        throw new TypeError(`details: ${key} is ${value}, which JSON has not. Send it as text.`);
      return value;
    }),
  ) as Json;
  // A date becomes text, or null.
  if (!isJsonObject(sent)) throw new TypeError('details must be an object, and JSON makes something else of this one.');
  const problem = jsonProblem(sent);
  if (problem) throw new TypeError(`${['details', problem.path].filter(Boolean).join('.')}: ${problem.message}.`);
  return sent;
}

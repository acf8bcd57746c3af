import type { JsonObject } from '@holdpoint/json';

/** Passes a time in milliseconds; Infinity is one. @throws TypeError for anything that is no number from `least` on. */
export function checkMilliseconds(name: string, value: number, least = 0): number {
  if (typeof value === 'number' && value >= least) return value;
  throw new TypeError(`${name} must be a number of milliseconds from ${least} on, not ${String(value)}.`);
}

/** The details of a request as they go over the wire. @throws TypeError for anything but a JSON object. */
export function jsonDetails(details: object): JsonObject {
  if (typeof details !== 'object' || details === null || Array.isArray(details))
    throw new TypeError(
      `details must be an object${typeof details === 'string' ? ': parse the JSON text first' : ''}.`,
    );
  return JSON.parse(JSON.stringify(details)) as JsonObject;
}

import type { Json } from '@holdpoint/json';

/** Freezes a JSON value and all its parts. */
export function deepFrozen<T extends Json>(value: T): T {
  if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) deepFrozen(part);
  return Object.freeze(value);
}

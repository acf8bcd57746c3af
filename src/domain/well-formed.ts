import type { Json } from '@holdpoint/json';

/** The same value with U+FFFD for each half of a surrogate pair, in texts and in keys: servers refuse such halves. */
export function wellFormed<Value = Json>(value: Value): Value {
  return replaceHalves(value) as Value;
}

function replaceHalves(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  if (Array.isArray(value)) return value.map(replaceHalves);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key.toWellFormed(), replaceHalves(one)]));
}

import { isJsonObject, type Json } from '@holdpoint/json';

const defaultFields = ['user', 'onBehalfOf', 'requestedBy'];
const namesOfPerson = ['email', 'name', 'id'];
/** Characters of a name in a request. */
const longestName = 300;

/**
 * The person that a run acts for: the field of its context that the assistant names, with dots between keys, else
 * `user`, `onBehalfOf` or `requestedBy`. A person is a text, a number, or an object with `email`, `name` or `id`.
 */
export function actsFor(context: Json, field: string | undefined): string | undefined {
  const fields = field === undefined ? defaultFields : [field];
  return fields.map((each) => nameOf(valueAt(context, each.split('.')))).find((name) => name !== undefined);
}

function valueAt(value: Json | undefined, keys: readonly string[]): Json | undefined {
  const [key, ...rest] = keys;
  if (key === undefined) return value;
  return isJsonObject(value) && Object.hasOwn(value, key) ? valueAt(value[key], rest) : undefined;
}

function nameOf(value: Json | undefined): string | undefined {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return value.trim() === '' ? undefined : value.slice(0, longestName);
  if (!isJsonObject(value)) return undefined;
  return namesOfPerson.map((key) => nameOf(valueAt(value, [key]))).find((name) => name !== undefined);
}

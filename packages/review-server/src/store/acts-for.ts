import { isExactNumber, isJsonObject } from '@holdpoint/json';
import { reservedPart, toObject, type StoredApproval } from './approval.ts';

const personKeys = ['onBehalfOf', 'requestedBy', 'user'];
const nameKeys = ['id', 'name', 'email', 'login', 'username'];

/**
 * Every name that a request gives to the person its assistant acts for: the field of the request, and those of the
 * sealed context. The separation of duties holds for each.
 */
export function namesActedFor({ on_behalf_of, details }: Pick<StoredApproval, 'on_behalf_of' | 'details'>): string[] {
  const context = reservedPart(toObject(details))?.['context'];
  const named = isJsonObject(context) ? personKeys.flatMap((key) => namesIn(context[key])) : [];
  return [...new Set([...(on_behalf_of === null ? [] : [on_behalf_of]), ...named])];
}

/** The names in a value that stands for a person: a text, a number, or an object with an id, a name or an address. */
function namesIn(value: unknown): string[] {
  if (typeof value === 'string') return value.trim() === '' ? [] : [value];
  if (typeof value === 'number' || isExactNumber(value)) return [JSON.stringify(value)];
  return isJsonObject(value) ? nameKeys.flatMap((key) => namesIn(value[key])) : [];
}

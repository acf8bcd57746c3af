import { keysOfBoth, ownValue, type Json, type JsonObject } from '@holdpoint/json';
import { sameJson } from '@holdpoint/json/canonical';

const mostChanges = 5;
const longestValue = 60;

/** The top-level changes between two sets of arguments as a clause for the reviewer. */
export function argumentChanges(from: JsonObject, to: JsonObject): string {
  const changes = keysOfBoth(from, to).flatMap((key) => {
    const [before, after] = [ownValue(from, key), ownValue(to, key)];
    if (after === undefined) return `${short(key)} ${value(before)} is dropped`;
    if (before === undefined) return `${short(key)} ${value(after)} is added`;
    return sameJson(before as Json, after as Json) ? [] : `${short(key)} ${value(before)} becomes ${value(after)}`;
  });
  const more = changes.length - mostChanges;
  return `${changes.slice(0, mostChanges).join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}

function value(json: unknown): string {
  return short(JSON.stringify(json));
}

function short(text: string): string {
  return text.length > longestValue ? `${text.slice(0, longestValue).toWellFormed()}…` : text;
}

import type { Json, JsonObject } from '@holdpoint/json';
import { sameJson } from '@holdpoint/json/canonical';

const mostChanges = 5;
const longestValue = 60;

/** The top-level changes between two sets of arguments as a clause for the reviewer. */
export function argumentChanges(from: JsonObject, to: JsonObject): string {
  const keys = [...new Set([...Object.keys(from), ...Object.keys(to)])];
  const changes = keys.flatMap((key) => {
    const [before, after] = [valueAt(from, key), valueAt(to, key)];
    if (after === undefined) return `${short(key)} ${value(before)} is dropped`;
    if (before === undefined) return `${short(key)} ${value(after)} is added`;
    return sameJson(before, after) ? [] : `${short(key)} ${value(before)} becomes ${value(after)}`;
  });
  const more = changes.length - mostChanges;
  return `${changes.slice(0, mostChanges).join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}

function valueAt(args: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(args, key) ? args[key] : undefined;
}

function value(json: Json | undefined): string {
  return short(JSON.stringify(json));
}

function short(text: string): string {
  return text.length > longestValue ? `${text.slice(0, longestValue).toWellFormed()}…` : text;
}

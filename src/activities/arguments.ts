import type { Json, JsonObject } from '@holdpoint/json';
import { canonicalJson, sameJson } from '@holdpoint/json/canonical';
import type { Tool } from '../assistant/tool.ts';

/** A message may name every key that the model wrote. */
const longestMessage = 1_000;

/** Arguments that a tool takes, or where and why it does not take them. */
export type CheckedArguments = { ok: true; args: JsonObject } | { ok: false; path: string; message: string };

/**
 * Checks arguments against a tool's schema. What comes back is what the schema read: keys it does not know are gone,
 * so that a reviewer sees, and the tool gets, the same.
 */
export async function checkArguments(tool: Tool, value: Json): Promise<CheckedArguments> {
  if (!isObject(value)) return { ok: false, path: 'arguments', message: 'expected a JSON object' };
  const parsed = await tool.parameters.safeParseAsync(value);
  if (parsed.success) return { ok: true, args: JSON.parse(JSON.stringify(parsed.data)) as JsonObject };
  const issue = parsed.error.issues[0];
  return {
    ok: false,
    path: issue?.path.map(String).join('.').slice(0, longestMessage) || 'arguments',
    message: (issue?.message ?? 'not valid').slice(0, longestMessage).replace(/\.$/, ''),
  };
}

/** As `checkArguments`, and nothing may get lost: for a reviewer's edit, in which every key was meant. */
export async function checkExactArguments(tool: Tool, value: JsonObject): Promise<CheckedArguments> {
  const checked = await checkArguments(tool, value);
  if (!checked.ok || sameJson(checked.args, value)) return checked;
  const unknown = Object.keys(value).find((key) => !(key in checked.args));
  return {
    ok: false,
    path: unknown ?? 'arguments',
    message: unknown ? 'the tool has no such parameter' : 'holds something that the tool has no parameter for',
  };
}

/**
 * Parses the arguments as the model wrote them. JSON can say more than can be said again: `1e999` is read as infinite,
 * and what is nested without end can't be written any more.
 */
export function parseArguments(text: string): { ok: true; value: Json } | { ok: false; message: string } {
  try {
    const value = JSON.parse(text) as Json;
    canonicalJson(value);
    return { ok: true, value };
  } catch (error) {
    return {
      ok: false,
      message: `not valid JSON (${error instanceof RangeError ? 'it is nested too deeply' : (error as Error).message})`,
    };
  }
}

/** As `parseArguments`. Models and servers write nothing, or null, for a tool that needs no arguments: that is `{}`. */
export async function parseCall(tool: Tool | undefined, text: string): Promise<ReturnType<typeof parseArguments>> {
  const isEmpty = /^\s*(null\s*)?$/.test(text);
  return isEmpty && tool && (await checkArguments(tool, {})).ok ? { ok: true, value: {} } : parseArguments(text);
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

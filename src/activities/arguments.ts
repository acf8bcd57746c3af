import { isJsonObject, type Json, type JsonObject } from '@holdpoint/json';
import { canonicalJson, sameJson } from '@holdpoint/json/canonical';
import type { Tool } from '../assistant/tool.ts';

/** Characters of a path and of a message, which may name every key that the model wrote. */
const longestMessage = 1_000;

/** Valid arguments, or where and why they are invalid. */
export type CheckedArguments = { ok: true; args: JsonObject } | { ok: false; path: string; message: string };

/**
 * Checks arguments against a tool's schema. Returns the arguments as the schema parsed them, without unknown keys, so that
 * reviewer and tool get the same.
 */
export async function checkArguments(tool: Tool, value: Json): Promise<CheckedArguments> {
  if (!isJsonObject(value)) return { ok: false, path: 'arguments', message: 'expected a JSON object' };
  const parsed = await tool.parameters.safeParseAsync(value);
  if (parsed.success) return { ok: true, args: JSON.parse(JSON.stringify(parsed.data)) as JsonObject };
  const issue = parsed.error.issues[0];
  return {
    ok: false,
    path: issue?.path.map(String).join('.').slice(0, longestMessage) || 'arguments',
    message: (issue?.message ?? 'not valid').slice(0, longestMessage).replace(/\.$/, ''),
  };
}

/** Like `checkArguments`, but refuses unknown keys: for a reviewer's edit, in which every key is meant. */
export async function checkExactArguments(tool: Tool, value: JsonObject): Promise<CheckedArguments> {
  const checked = await checkArguments(tool, value);
  if (!checked.ok || sameJson(checked.args, value)) return checked;
  const unknown = Object.keys(value).find((key) => !(key in checked.args));
  return {
    ok: false,
    path: unknown ?? 'arguments',
    message: unknown ? 'the tool has no such parameter' : 'a value inside has no parameter',
  };
}

/**
 * Parses the arguments that the model wrote. Refuses JSON that can't be written again: `1e999` is parsed as infinite, and
 * deep nesting overflows the stack.
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

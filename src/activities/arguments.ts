import { InexactJson, isJsonObject, jsonProblem, parseJson, type Json, type JsonObject } from '@holdpoint/json';
import { sameJson } from '@holdpoint/json/canonical';
import { Context } from '@temporalio/activity';
import type { Tool } from '../assistant/tool.ts';
import { failure } from './failure.ts';
import { thrownError, thrownMessage } from './thrown-error.ts';

/** Characters of a path and of a message, which may name every key that the model wrote. */
const longestMessage = 1_000;
/** A schema may rewrite what it parses, such as by `.trim()`. After this many rewrites it counts as unstable. */
const mostRewrites = 5;

/** Where and why arguments are invalid. */
export type ArgumentsProblem = { path: string; message: string };
/** Valid arguments, or their problem. */
export type CheckedArguments = { ok: true; args: JsonObject } | ({ ok: false } & ArgumentsProblem);

/**
 * Checks arguments against a tool's schema. Returns the arguments as the schema takes them: parsed until parsing
 * changes nothing more, so that a reviewer approves exactly those that run.
 */
export async function checkArguments(tool: Tool, value: Json): Promise<CheckedArguments> {
  if (!isJsonObject(value)) return invalid({ path: 'arguments', message: 'expected a JSON object' });
  let args = value;
  for (let rewrites = 0; rewrites <= mostRewrites; rewrites += 1) {
    const problem = jsonProblem(args);
    if (problem) return invalid(problem);
    const parsed = await parse(tool, args);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      return invalid({ path: issue?.path.map(String).join('.') ?? '', message: issue?.message ?? 'not valid' });
    }
    const taken = JSON.parse(JSON.stringify(parsed.data)) as JsonObject;
    if (isSame(taken, args)) return { ok: true, args };
    args = taken;
  }
  return invalid({ path: 'arguments', message: "the tool's schema changes them each time it parses them" });
}

/**
 * Attempts of an Activity after which a schema that throws parks it. A check in a schema may call a service that fails
 * once.
 */
const mostThrows = 3;

/** @throws ToolAttemptFailed (retried), then ToolKeepsFailing (parks), when a check in the schema throws. */
async function parse(tool: Tool, args: JsonObject): ReturnType<Tool['parameters']['safeParseAsync']> {
  try {
    return await tool.parameters.safeParseAsync(args);
  } catch (error) {
    const says = `The schema of the tool "${tool.name}" threw while it checked arguments: ${thrownMessage(error)}`;
    const cause = thrownError(error);
    throw Context.current().info.attempt < mostThrows
      ? failure('ToolAttemptFailed', says, { cause })
      : failure('ToolKeepsFailing', `${says.replace(/\.$/, '')}. Fix it, then retry the run.`, { cause });
  }
}

function invalid({ path, message }: ArgumentsProblem): CheckedArguments {
  return {
    ok: false,
    path: path.slice(0, longestMessage) || 'arguments',
    message: message.slice(0, longestMessage).replace(/\.$/, ''),
  };
}

/** A rewrite may have cut a text inside a character, which has no canonical form. The next round refuses it. */
function isSame(taken: JsonObject, args: JsonObject): boolean {
  return jsonProblem(taken) === undefined && sameJson(taken, args);
}

/** Parses the arguments that the model wrote. Refuses values that JSON programs read differently. */
export function parseArguments(text: string): { ok: true; value: Json } | ({ ok: false } & ArgumentsProblem) {
  try {
    return { ok: true, value: parseJson(text) };
  } catch (error) {
    if (error instanceof InexactJson) return { ok: false, path: error.path || 'arguments', message: error.message };
    return { ok: false, path: 'arguments', message: `not valid JSON (${(error as Error).message})` };
  }
}

/** Texts that models and servers write for “no arguments”: nothing, null, an empty list, or one of these as a text. */
const noArguments = /^\s*("?)\s*(null|undefined|None|\{\s*\}|\[\s*\])?\s*\1\s*$/;

/** As `parseArguments`. No arguments for a tool that needs none are `{}`. */
export async function parseCall(tool: Tool | undefined, text: string): Promise<ReturnType<typeof parseArguments>> {
  const isEmpty = noArguments.test(text);
  return isEmpty && tool && (await checkArguments(tool, {})).ok ? { ok: true, value: {} } : parseArguments(text);
}

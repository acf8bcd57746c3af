import { sampleArguments } from './sample-value.ts';
import type { FunctionTool, Reply } from './script.ts';

/** A call that the user's text asks for, with its arguments as written there. */
export type AskedCall = NonNullable<Reply['calls']>[number];

const callPattern = /\b(then\s+)?call\s+([A-Za-z0-9_-]+)[^\S\n]*/gi;

/** The end of the JSON object that starts at `start`. Undefined if its braces don't balance. */
function endOfObject(text: string, start: number): number | undefined {
  let depth = 0;
  let inString = false;
  for (let index = start; index < text.length; index += 1) {
    const character = text[index];
    if (inString && character === '\\') index += 1;
    else if (character === '"') inString = !inString;
    else if (!inString && character === '{') depth += 1;
    else if (!inString && character === '}') {
      depth -= 1;
      if (depth === 0) return index + 1;
    }
  }
  return undefined;
}

function endOfLine(text: string, start: number): number {
  const end = text.indexOf('\n', start);
  return end < 0 ? text.length : end;
}

/**
 * The calls that a text asks for, by turn. `call NAME {json}` asks for one call, several ask for parallel calls, and
 * `then call` starts the next turn. Without braces NAME must be a tool and gets sample arguments. Unbalanced braces are
 * sent unchanged up to the end of the line, to test malformed arguments.
 */
export function callsInWords(text: string, tools: readonly FunctionTool[]): readonly AskedCall[][] {
  const turns: AskedCall[][] = [];
  const pattern = new RegExp(callPattern);
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const name = String(match[2]);
    const tool = tools.find((candidate) => candidate.name === name);
    const hasArguments = text[pattern.lastIndex] === '{';
    if (!hasArguments && tool === undefined) continue;
    const start = pattern.lastIndex;
    const end = hasArguments ? (endOfObject(text, start) ?? endOfLine(text, start)) : start;
    const call = {
      name,
      arguments: hasArguments ? text.slice(start, end).trimEnd() : sampleArguments(tool?.parameters ?? null),
    };
    if (match[1] !== undefined || turns.length === 0) turns.push([call]);
    else turns.at(-1)?.push(call);
    pattern.lastIndex = end;
  }
  return turns;
}

function mentions(text: string, name: string): boolean {
  return new RegExp(`(?<![A-Za-z0-9_-])${name.replace(/[^A-Za-z0-9_]/g, String.raw`\$&`)}(?![A-Za-z0-9_-])`).test(text);
}

/** The calls that a user's text asks for, one list per turn: `call NAME …`, else named tools with sample arguments. */
export function askedCalls(text: string, tools: readonly FunctionTool[]): readonly AskedCall[][] {
  const inWords = callsInWords(text, tools);
  if (inWords.length > 0) return inWords;
  const named = tools.filter(({ name }) => mentions(text, name));
  return named.length > 0
    ? [named.map(({ name, parameters }) => ({ name, arguments: sampleArguments(parameters) }))]
    : [];
}

import { fileURLToPath } from 'node:url';
import { isJsonObject } from '@holdpoint/json';
import type { ErrorFields } from '@holdpoint/process';

/** pino's levels as numbers. Our logs have words, and a tool may write numbers. */
const levels: Readonly<Record<string, number>> = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60 };

/** One line of a process: an entry of pino, with the fields that the worker adds for an Activity. */
type Entry = {
  level: number;
  msg?: string;
  err?: ErrorFields;
  error?: ErrorFields;
  problem?: string;
  reason?: string;
  run?: string;
  callKey?: string;
  tool?: string;
  attempt?: number;
  nextTryInMs?: number | null;
};

/**
 * The lines that `holdpoint dev` prints for one line of a process. Plain text stays as it is. A warning or an error
 * becomes its message, its run and call, and the user's frames of its stack. Other entries are left out.
 */
export function logEntryLines(line: string): string[] {
  const entry = parsed(line);
  if (entry === undefined) return [line];
  // pino's levels: 40 is warn.
  if (entry.level < 40) return [];
  const error = entry.err ?? entry.error;
  const says = [entry.msg ?? line, error?.message, entry.problem, entry.reason]
    .filter((text) => typeof text === 'string')
    .map((text, index, all) => (index < all.length - 1 ? text.replace(/\.$/, '') : text));
  return [
    `${entry.level >= 50 ? 'error' : 'warning'}: ${says.join(': ')}`,
    ...factsOf(entry).map((facts) => `  ${facts}`),
    ...(error === undefined ? [] : stackLines(error).map((frame) => `  ${frame}`)),
  ];
}

function factsOf({ tool, run, callKey, attempt, nextTryInMs }: Entry): string[] {
  const facts = [
    textOf(tool) && `tool ${textOf(tool)}`,
    textOf(run) && `run ${textOf(run)}`,
    textOf(callKey) && `call ${textOf(callKey)}`,
    textOf(run) && typeof attempt === 'number' && `attempt ${attempt}`,
    nextTryInMs === null && 'not tried again automatically',
    typeof nextTryInMs === 'number' && `next try in ${Math.round(nextTryInMs / 100) / 10} s`,
  ].filter((fact) => typeof fact === 'string' && fact !== '');
  return facts.length === 0 ? [] : [facts.join(' · ')];
}

/** The errors of the chain that have frames of the user's code: name, message and these frames. */
function stackLines(error: ErrorFields): string[] {
  const lines: string[] = [];
  for (let each: ErrorFields | undefined = error; each; each = each.cause) {
    const frames = textOf(each.stack).split('\n').filter(isOfUser);
    if (frames.length > 0)
      lines.push(
        `${lines.length > 0 ? 'caused by ' : ''}${textOf(each.type)}: ${textOf(each.message)}`,
        ...frames.map((frame) => `  ${frame.trim()}`),
      );
  }
  return lines;
}

/** A frame outside Node, packages and Holdpoint's own code. */
function isOfUser(frame: string): boolean {
  return (
    /^\s*at /.test(frame) &&
    !/node:|\/node_modules\/|<anonymous>\)?$/.test(frame) &&
    !ownFolders.some((folder) => frame.includes(folder))
  );
}

/** The folders of Holdpoint's own code: `src` or `dist`, and the packages of a checkout. */
const ownFolders = ['..', '../../packages'].map((folder) => fileURLToPath(new URL(`${folder}/`, import.meta.url)));

/** A tool may print JSON with the names of our fields and values of other types. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function parsed(line: string): Entry | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const entry: unknown = JSON.parse(line);
    if (!isJsonObject(entry)) return undefined;
    const { level: written } = entry;
    const level = typeof written === 'string' ? levels[written] : written;
    return typeof level === 'number' ? { ...entry, level } : undefined;
  } catch {
    return undefined;
  }
}

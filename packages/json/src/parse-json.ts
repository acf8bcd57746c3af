import { duplicateName } from './duplicate-name.ts';
import { isExactNumber, parseExactJson } from './exact-json.ts';
import type { Json } from './json.ts';

/** Why a JSON text is refused, and where. `path` joins keys with dots; '' is the whole value. */
export type JsonProblem = { path: string; message: string };

/** A JSON text that programs read as different values (RFC 7493, I-JSON). */
export class InexactJson extends Error {
  override readonly name = 'InexactJson';
  readonly path: string;

  constructor({ path, message }: JsonProblem) {
    super(message);
    this.path = path;
  }
}

/** Far below the depth at which a checker of schemas runs out of stack. */
const mostLevels = 500;
const longestPath = 300;
const longestNumber = 40;

/**
 * Parses JSON from outside. Refuses numbers that JavaScript would change (beyond 2^53, more digits than a double has,
 * `-0`, `1e400`), text with half of a surrogate pair, a name that stands twice in one object, and nesting that can't be
 * written again. Other notations of a number that JavaScript keeps, such as `1.50`, are accepted.
 *
 * @throws SyntaxError when the text is not JSON; InexactJson for JSON that is refused.
 */
export function parseJson(text: string): Json {
  // Only these can hold a number that changes: the others need no second look, which is slow for large texts.
  const value = plainJson(mayHoldInexact.test(text) ? readExact(text) : JSON.parse(text));
  refuseDuplicates(text);
  return value;
}

/**
 * Refuses a name that stands twice in one object of a JSON text: some programs take its first value, others its last.
 * @throws InexactJson
 */
export function refuseDuplicates(json: string): void {
  const path = duplicateName(json);
  if (path) refuse(path, 'this name stands twice, so programs read different values. Send it once');
}

/** 16 digits, an exponent, or a minus before a zero. It matches within texts too. */
const mayHoldInexact = /\d[\d.]{15}|\d[eE]|-0/;

/** The result of `parseExactJson` with JavaScript's numbers. @throws InexactJson where that changes a value. */
export function plainJson(exact: unknown): Json {
  return plain(exact, []);
}

/** The first part of a value that JSON can't carry unchanged; undefined if there is none. */
export function jsonProblem(value: unknown): JsonProblem | undefined {
  try {
    plainJson(value);
    return undefined;
  } catch (error) {
    if (error instanceof InexactJson) return { path: error.path, message: error.message };
    throw error;
  }
}

const tooDeep: JsonProblem = { path: '', message: 'is nested too deeply' };

function readExact(text: string): unknown {
  try {
    return parseExactJson(text);
  } catch (error) {
    if (error instanceof RangeError) throw new InexactJson(tooDeep);
    throw error;
  }
}

function plain(value: unknown, path: Array<string | number>): Json {
  if (typeof value === 'string') {
    if (!value.isWellFormed()) refuse(path, halfOfAPair('the text'));
    return value;
  }
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) refuse(path, `${value} is not a number of JSON`);
    if (Object.is(value, -0)) refuse(path, inexact('-0', 0));
    return value;
  }
  if (typeof value !== 'object' || value === null) return value as Json;
  if (path.length > mostLevels) refuse(path.slice(0, 1), tooDeep.message);
  if (isExactNumber(value)) return plainNumber(JSON.stringify(value), path);
  if (Array.isArray(value)) return value.map((part, index) => plainPart(part, index, path));
  const entries = Object.entries(value).map(([key, part]): [string, Json] => {
    if (!key.isWellFormed()) refuse([...path, key], halfOfAPair('the key'));
    return [key, plainPart(part, key, path)];
  });
  return Object.fromEntries(entries);
}

/** Uses the one path for all parts: a copy for each part of a deep value would take seconds. */
function plainPart(part: unknown, step: string | number, path: Array<string | number>): Json {
  path.push(step);
  const value = plain(part, path);
  path.pop();
  return value;
}

function plainNumber(written: string, path: Array<string | number>): number {
  const value = Number(written);
  if (!Number.isFinite(value)) refuse(path, `the number ${short(written)} is too large. Send it as text`);
  if (Object.is(value, -0) || decimalOf(written) !== decimalOf(String(value))) refuse(path, inexact(written, value));
  return value;
}

function refuse(path: Array<string | number>, message: string): never {
  throw new InexactJson({ path: path.join('.').toWellFormed().slice(0, longestPath), message });
}

function inexact(written: string, value: number): string {
  return `the number ${short(written)} would become ${value === 0 ? 0 : value}. Send it as text`;
}

function halfOfAPair(subject: string): string {
  return `${subject} holds half of a surrogate pair, which is not Unicode. Send whole characters`;
}

function short(written: string): string {
  return written.length > longestNumber ? `${written.slice(0, longestNumber)}…` : written;
}

/** Significant digits and exponent of a decimal number: the same for `0.50` and `5e-1`. */
export function decimalOf(number: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(number) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const significant = withoutZerosAtEnd(digits);
  if (significant === '') return '0';
  return `${sign}${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
}

/** Without a regular expression, whose time would grow with the square of the zeros. */
function withoutZerosAtEnd(digits: string): string {
  let end = digits.length;
  while (digits[end - 1] === '0') end -= 1;
  return digits.slice(0, end);
}

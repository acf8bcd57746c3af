import { RE2JS } from 're2js';

type Pattern = { test(text: string): boolean; toString(): string };

/** White space of JavaScript: `\s` of RE2 is ASCII. */
const spaces = String.raw`\t-\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}`;

/** Syntax that RE2 reads otherwise than JavaScript: `\A`, `\z`, `[[:alpha:]]`, and `\S` in a class that excludes. */
const readOtherwise = /\\[ACEQZaz]|\[:|\[\^[^\]]*\\S/;

/** Characters that count as two without the flag `u`. A JSON schema does not say which flags its author had. */
const twoUnits = /[\u{10000}-\u{10ffff}]/u;

/**
 * A regular expression of a JSON schema whose time grows only with the text. It is never stricter than JavaScript's. It
 * matches everything where RE2 lacks its syntax, such as look-ahead: then the check is the worker's or the asking
 * program's. `toString` tells Ajv two patterns of a schema apart.
 */
export function linearPattern(source: string): Pattern {
  const pattern = compiled(source);
  return {
    test: (text) => pattern === undefined || pattern.matcher(text).find() || twoUnits.test(text),
    toString: () => source,
  };
}

function compiled(source: string): RE2JS | undefined {
  if (readOtherwise.test(source)) return undefined;
  try {
    return RE2JS.compile(withJavaScriptSpaces(RE2JS.translateRegExp(source)));
  } catch {
    return undefined;
  }
}

function withJavaScriptSpaces(source: string): string {
  let isInClass = false;
  return source.replaceAll(/\\[^]|[[\]]/g, (token) => {
    if (token === '\\s') return isInClass ? spaces : `[${spaces}]`;
    if (token === '[') isInClass = true;
    if (token === ']') isInClass = false;
    return token;
  });
}

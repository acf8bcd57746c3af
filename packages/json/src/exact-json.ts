interface ExactJson {
  parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown;
  rawJSON(text: string): unknown;
  isRawJSON(value: unknown): boolean;
}
// TypeScript's library has no types yet for "JSON.parse source text access" (ECMAScript 2026).
const exact = JSON as unknown as ExactJson;

/**
 * Parses JSON so that `JSON.stringify` writes every number as it stood in the text. JavaScript alone would turn
 * `12345678901234567890` and `1.0` into other texts than the reviewed ones.
 *
 * @throws SyntaxError when the text is not JSON.
 */
export function parseExactJson(text: string): unknown {
  return exact.parse(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined && JSON.stringify(value) !== source
      ? exact.rawJSON(source)
      : value,
  );
}

/** JSON with sorted keys: objects that differ in the order of keys have the same text. */
export function stableJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part) && !isExactNumber(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

/** True if a part of a `parseExactJson` result is a number kept as text. */
export function isExactNumber(value: unknown): boolean {
  return exact.isRawJSON(value);
}

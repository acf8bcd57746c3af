interface ExactJson {
  parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown;
  rawJSON(text: string): unknown;
  isRawJSON(value: unknown): boolean;
}
// TypeScript's library has no types yet for what ECMAScript 2026 calls "JSON.parse source text access".
const exact = JSON as unknown as ExactJson;

/**
 * Parses JSON so that `JSON.stringify` gives every number back as it was written. A payload's
 * `12345678901234567890` or `1.0` would otherwise come back as another number than the one under review.
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

/** JSON with sorted keys: equal text means equal value, whatever the order of the keys. */
export function stableJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part) && !isExactNumber(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

/** Whether a part of what `parseExactJson` gave stands for a number by its text. */
export function isExactNumber(value: unknown): boolean {
  return exact.isRawJSON(value);
}

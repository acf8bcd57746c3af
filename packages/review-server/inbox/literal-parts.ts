/** Plain text, or one character that is shown by its code point. */
export type LiteralPart = { text: string } | { character: string; codePoint: string; why: 'invisible' | 'lookalike' };

// Invisible and direction-changing characters.
const invisiblePattern =
  /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}/gu;
const wordPattern = /[\p{L}\p{M}\p{N}]+/gu;
const latinPattern = /\p{Script=Latin}/u;
// Scripts with letters that look like Latin ones, as in "pаypal".
const lookalikePattern = /\p{Script=Cyrillic}|\p{Script=Greek}|\p{Script=Armenian}|\p{Script=Cherokee}/gu;

/**
 * Splits a text into plain parts and misleading characters: invisible, control and direction-changing characters, and
 * letters of another script inside a Latin word. Line breaks stay plain.
 */
export function literalParts(text: string): LiteralPart[] {
  const named: { index: number; character: string; why: 'invisible' | 'lookalike' }[] = [];
  for (const { 0: character, index } of text.matchAll(invisiblePattern))
    if (character !== '\n') named.push({ index, character, why: 'invisible' });
  for (const { 0: word, index: start } of text.matchAll(wordPattern)) {
    if (latinPattern.test(word))
      for (const { 0: character, index } of word.matchAll(lookalikePattern))
        named.push({ index: start + index, character, why: 'lookalike' });
  }
  const parts: LiteralPart[] = [];
  let from = 0;
  for (const { index, character, why } of named.toSorted((a, b) => a.index - b.index)) {
    if (index > from) parts.push({ text: text.slice(from, index) });
    parts.push({ character, codePoint: codePointOf(character), why });
    from = index + character.length;
  }
  if (from < text.length || parts.length === 0) parts.push({ text: text.slice(from) });
  return parts;
}

/** The text with misleading characters spelled out, for places without markup such as a window title. */
export function literalTitle(text: string): string {
  return literalParts(text)
    .map((part) =>
      'text' in part
        ? part.text
        : part.why === 'invisible'
          ? `[${part.codePoint}]`
          : `${part.character}[${part.codePoint}]`,
    )
    .join('');
}

/** JSON for a text field. Invisible characters become escapes with the same meaning. */
export function editableJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replaceAll(invisiblePattern, (character) =>
    character === '\n'
      ? character
      : Array.from(
          { length: character.length },
          (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
        ).join(''),
  );
}

function codePointOf(character: string): string {
  return `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;
}

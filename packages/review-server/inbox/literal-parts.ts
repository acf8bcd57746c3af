/** A stretch of text: as it is, or a character that must be named to be seen. */
export type LiteralPart = { text: string } | { character: string; codePoint: string; why: 'invisible' | 'lookalike' };

// Characters that show nothing, or turn text around.
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}/gu;
const WORD = /[\p{L}\p{M}\p{N}]+/gu;
const LATIN = /\p{Script=Latin}/u;
// The scripts whose letters pass for Latin ones, as in "pаypal".
const LOOKALIKE = /\p{Script=Cyrillic}|\p{Script=Greek}|\p{Script=Armenian}|\p{Script=Cherokee}/gu;

/**
 * Splits a text so that a reviewer can see what is in it: invisible, control and direction-changing characters, and
 * letters of another script inside a Latin word. Line breaks stay as they are.
 */
export function literalParts(text: string): LiteralPart[] {
  const named: { index: number; character: string; why: 'invisible' | 'lookalike' }[] = [];
  for (const { 0: character, index } of text.matchAll(INVISIBLE))
    if (character !== '\n') named.push({ index, character, why: 'invisible' });
  for (const { 0: word, index: start } of text.matchAll(WORD)) {
    if (LATIN.test(word))
      for (const { 0: character, index } of word.matchAll(LOOKALIKE))
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

/** The same where nothing can be marked up, such as a window's title. */
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

/** JSON for a text field, where such characters can't be marked up: they become escapes, which mean the same. */
export function editableJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replaceAll(INVISIBLE, (character) =>
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

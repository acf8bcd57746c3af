import { lookalikesIn } from './lookalikes.ts';

/** The reason why a character is spelled out. `edge`: a space or line break at the start or end. */
export type LiteralReason = 'invisible' | 'lookalike' | 'combining' | 'edge';

/**
 * Plain text, or characters that are shown by their code point. Only `edge` has several equal characters in one part.
 */
export type LiteralPart = { text: string } | { character: string; codePoint: string; why: LiteralReason };

type Mark = { character: string; why: LiteralReason };

/** Characters that are drawn as nothing, reorder text, or are controls, and spaces that are not the usual one. */
const invisiblePattern =
  /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}/gu;
/**
 * Combining marks of Latin, Greek and Cyrillic letters and of symbols. Marks of other scripts belong to their spelling.
 */
// oxlint-disable-next-line no-misleading-character-class -- These are ranges of combining marks.
const combiningPattern = /[\u0300-\u036F\u1AB0-\u1AFF\u1DC0-\u1DFF\u20D0-\u20FF\uFE20-\uFE2F]/gu;
/** More marks on one letter than any language writes, and marks without a letter. */
const stackedPattern = /(?<=\p{M}{4})\p{M}|(?<![\p{L}\p{M}\p{N}\p{P}\p{S}])\p{M}/gu;
const edgePattern = /^[ \n]+|[ \n]+$/g;

/**
 * Splits a text into plain parts and misleading characters: invisible, control and direction-changing characters,
 * combining marks, and look-alikes by Unicode Technical Standard 39. With `edges`, spaces and line breaks at the start
 * and the end count too. Other line breaks stay plain.
 */
export function literalParts(text: string, { edges = false }: { edges?: boolean } = {}): LiteralPart[] {
  const marks = new Map<number, Mark>();
  const mark = (index: number, character: string, why: LiteralReason) => {
    if (!marks.has(index)) marks.set(index, { character, why });
  };
  for (const { 0: character, index } of text.matchAll(invisiblePattern))
    if (character !== '\n') mark(index, character, 'invisible');
  for (const pattern of [combiningPattern, stackedPattern])
    for (const { 0: character, index } of text.matchAll(pattern)) mark(index, character, 'combining');
  for (const { character, index } of lookalikesIn(text)) mark(index, character, 'lookalike');
  if (edges)
    for (const { 0: run, index: start } of text.matchAll(edgePattern))
      for (const { 0: equal, index } of run.matchAll(/ +|\n+/g)) mark(start + index, equal, 'edge');

  const parts: LiteralPart[] = [];
  let from = 0;
  for (const [index, { character, why }] of [...marks].toSorted(([a], [b]) => a - b)) {
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
        : part.why === 'lookalike'
          ? `${part.character}[${part.codePoint}]`
          : `[${part.codePoint}]`,
    )
    .join('');
}

/**
 * The text with misleading characters as escapes such as `\u202e`, for a terminal or a text field. Inside a JSON string
 * the escapes have the same meaning. Line breaks and tabs stay.
 */
export function withEscapes(text: string): string {
  return literalParts(text)
    .map((part) => ('text' in part ? part.text : part.character === '\t' ? '\t' : escapesOf(part.character)))
    .join('');
}

/** JSON for a text field, with escapes for misleading characters. */
export function editableJson(value: unknown): string {
  return withEscapes(JSON.stringify(value, null, 2));
}

function escapesOf(character: string): string {
  return Array.from(
    { length: character.length },
    (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
  ).join('');
}

function codePointOf(character: string): string {
  const name = `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;
  const count = Array.from(character).length;
  return count === 1 ? name : `${name} ×${count}`;
}
